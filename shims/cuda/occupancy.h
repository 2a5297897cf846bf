// How many blocks of a kernel a multiprocessor holds: the arithmetic of NVIDIA's occupancy calculator, over the figures
// of the device's description.
#pragma once

#include <cstdint>

#include "shims/device/description.h"

namespace vgpu::cuda::occupancy {

struct Request {
  int block_size;        // threads, at least 1
  int registers;         // a thread
  std::uint64_t shared;  // bytes a block, static and dynamic
};

// Warps of a kernel with `registers` a thread for which a multiprocessor has registers.
int warps_by_registers(int registers, const device::Description& device);

// 0 when not even one fits.
int blocks_per_multiprocessor(const Request& request, const device::Description& device);

// The most shared memory, static and dynamic, that `blocks` on one multiprocessor can have each.
std::uint64_t shared_for_blocks(int blocks, const device::Description& device);

}  // namespace vgpu::cuda::occupancy
