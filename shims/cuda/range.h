// Checks of the memory a copy or a fill is asked to touch.
#pragma once

#include "shims/cuda/call.h"
#include "shims/device/backend.h"
#include "shims/device/memory.h"

namespace vgpu::cuda {

// What kind of pointer the caller said it is.
enum class Side { host, device, unified };

// A box of memory as the API describes it, before it is checked.
struct Box {
  Side side;
  std::uint64_t address;
  std::size_t x, y, z;  // where the box starts, in bytes, rows and planes
  std::size_t pitch;    // bytes from row to row; 0: rows follow each other
  std::size_t rows;     // rows from plane to plane; 0: planes follow each other
};

// CUDA_SUCCESS and the place of the box's first byte when every byte of it lies in memory that the caller may name so:
// device pointers inside one known allocation, host pointers anywhere, unified pointers either. `extent` has no 0.
CUresult locate(const Box& box, const device::backend::Extent& extent, device::backend::Place& place);

// The same for `bytes` in one row.
CUresult locate(Side side, std::uint64_t address, std::size_t bytes, device::backend::Place& place);

// Whether this process has all of [address, address + bytes) mapped.
bool mapped(std::uint64_t address, std::uint64_t bytes);

}  // namespace vgpu::cuda
