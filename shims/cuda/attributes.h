#pragma once

#include "shims/cuda/types.h"
#include "shims/device/description.h"

namespace vgpu::cuda {

// The value of one attribute for a device of this description. False for a number that CUDA 13.0 does not define.
bool device_attribute(const device::Description& device, int attribute, int& value);

// Most warps of threads a block may have, and other figures that every architecture since Maxwell shares.
inline constexpr int kMaxThreadsPerBlock = 1024;
inline constexpr int kWarpSize = 32;
inline constexpr int kMaxPitch = 2147483647;
inline constexpr int kConstantMemory = 65536;
inline constexpr int kTextureAlignment = 512;
inline constexpr int kGridX = 2147483647;
inline constexpr int kGridYZ = 65535;
inline constexpr int kBlockZ = 64;
inline constexpr int kReservedSharedPerBlock = 1024;  // since compute capability 8.0

}  // namespace vgpu::cuda
