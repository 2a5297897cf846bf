// What the entry points about memory share.
#pragma once

#include "shims/cuda/call.h"
#include "shims/device/memory.h"

namespace vgpu::cuda {

inline constexpr std::size_t kMaxRow = 2147483647;  // CU_DEVICE_ATTRIBUTE_MAX_PITCH

// Allocates for `context` and writes the address; INVALID_VALUE for 0 bytes, OUT_OF_MEMORY when the device is full.
CUresult allocate(device::Context& context, device::MemoryKind kind, std::size_t bytes, unsigned flags,
                  CUdeviceptr& out);

}  // namespace vgpu::cuda
