// Programs mark what a profiler shall look at. Outside of one the marks mean nothing, to a real driver either.
#include "shims/cuda/call.h"

using namespace vgpu::cuda;

VGPU_CUDA cuProfilerStart() {
  return with_context([](vgpu::device::Context&) { return CUDA_SUCCESS; });
}
VGPU_CUDA_ALIAS(cuProfilerStop, cuProfilerStart);

// The profiler that read a configuration from a file went with CUDA 12.
VGPU_CUDA cuProfilerInitialize(const char*, const char*, int) {
  return with_driver([] { return CUDA_ERROR_NOT_SUPPORTED; });
}
