// How much memory an array takes. Its layout is the driver's secret, so the driver is asked.
#pragma once

#include "shims/slice/driver.h"

namespace vgpu::slice {

// CUDA_ARRAY3D_DESCRIPTOR_v2
struct ArrayDescriptor {
  std::size_t width;
  std::size_t height;
  std::size_t depth;
  int format;
  unsigned channels;
  unsigned flags;
};

// Bytes that an array, or with `levels` above 0 a mipmapped one, takes when it is made; 0 for one that brings no memory
// of its own (sparse, deferred mapping): what is mapped to it is counted where it is made.
std::uint64_t array_size(const ArrayDescriptor& descriptor, unsigned levels);

}  // namespace vgpu::slice
