// Small pieces of the emulated device's memory: blocks of a power of two, cut from aligned chunks of 4 MiB, so that a
// hundred thousand small allocations need neither as many mmap calls nor as many mappings (vm.max_map_count is 65530).
#pragma once

#include <cstdint>

namespace vgpu::device::small_blocks {

inline constexpr std::uint64_t kSmallest = 512;
inline constexpr std::uint64_t kLargest = 512 << 10;

// `bytes` from 1 to kLargest; the block is aligned to the power of two that holds it. 0 when there is no memory.
std::uint64_t allocate(std::uint64_t bytes);

// `bytes` as it was given to allocate().
void release(std::uint64_t address, std::uint64_t bytes);

// Whether `address` lies in a chunk, in whatever part of it.
bool holds(std::uint64_t address);

// For tests: chunks that are mapped at the moment.
unsigned chunks();

}  // namespace vgpu::device::small_blocks
