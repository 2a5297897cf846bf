// One launch of a kernel, from whichever of the calls.
#pragma once

#include "shims/cuda/function.h"

namespace vgpu::cuda {

struct Launch {
  unsigned grid[3];
  unsigned block[3];
  std::size_t shared;
  CUstream stream;
  bool own_stream;   // 0 is the thread's own default stream: the _ptsz forms
  bool cooperative;  // all blocks must be resident at once
  void** arguments;
  void** extra;
};

// Checks what a driver checks, then CUDA_ERROR_NOT_SUPPORTED, which is in the log once: the device runs no kernels.
CUresult launch(CUfunction function, const Launch& launch);

// The same for a context and function that are known.
CUresult launch(const device::Context& context, const device::Function& function, const Launch& launch);

}  // namespace vgpu::cuda
