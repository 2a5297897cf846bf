// Kernels as far as a launch and an occupancy question depend on them.
#pragma once

#include "shims/cuda/code.h"

namespace vgpu::cuda {

// Most threads a block of this kernel may have: its registers must fit.
int max_threads(const device::Function& function, const device::Description& device);

// Most dynamic shared memory a launch may ask for, as set or what is left of a block's default share.
int dynamic_shared_limit(const device::Function& function, const device::Description& device);

// A function of the current context, or a library's kernel, for `body(context, function)`.
template <typename Body>
CUresult with_function(CUfunction handle, Body body) {
  return with_context([&](device::Context& context) {
    device::Function* function = find_function(handle);
    return function != nullptr ? body(context, *function) : CUDA_ERROR_INVALID_HANDLE;
  });
}

}  // namespace vgpu::cuda
