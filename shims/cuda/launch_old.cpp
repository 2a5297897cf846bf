// The launch calls of CUDA 2 and 3, which build a launch in the function before they start it. Their parameters would
// be written into the kernel's parameter space; only the size is kept, since nothing reads them.
#include "shims/cuda/launch.h"
#include "shims/device/lock.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Function;

namespace {

constexpr unsigned kParameterSpace = 32764;  // from compute capability 7.0 on

template <typename Body>
CUresult with_locked_function(CUfunction handle, Body body) {
  return with_function(handle, [&](const Context&, Function& function) {
    const vgpu::device::Guard guard(vgpu::device::global_lock);
    return body(function);
  });
}

CUresult parameter(CUfunction handle, int offset, const void* data, std::size_t size) {
  return with_locked_function(handle, [&](const Function&) {
    const bool fits =
        offset >= 0 && size <= kParameterSpace && static_cast<std::size_t>(offset) <= kParameterSpace - size;
    return data != nullptr && fits ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult launch_grid(CUfunction handle, int width, int height, CUstream stream) {
  return with_function(handle, [&](const Context& context, const Function& function) {
    if (width < 1 || height < 1) return CUDA_ERROR_INVALID_VALUE;
    return launch(context, function,
                  {{static_cast<unsigned>(width), static_cast<unsigned>(height), 1},
                   {function.block[0], function.block[1], function.block[2]},
                   function.old_shared,
                   stream,
                   false,
                   false,
                   nullptr,
                   nullptr});
  });
}

}  // namespace

VGPU_CUDA cuFuncSetBlockShape(CUfunction handle, int x, int y, int z) {
  return with_locked_function(handle, [&](Function& function) {
    if (x < 1 || y < 1 || z < 1) return CUDA_ERROR_INVALID_VALUE;
    function.block[0] = static_cast<unsigned>(x);
    function.block[1] = static_cast<unsigned>(y);
    function.block[2] = static_cast<unsigned>(z);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuFuncSetSharedSize(CUfunction handle, unsigned bytes) {
  return with_locked_function(handle, [&](Function& function) {
    function.old_shared = bytes;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuParamSetSize(CUfunction handle, unsigned bytes) {
  return with_locked_function(handle, [&](Function& function) {
    if (bytes > kParameterSpace) return CUDA_ERROR_INVALID_VALUE;
    function.parameter_bytes = bytes;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuParamSeti(CUfunction handle, int offset, unsigned value) {
  return parameter(handle, offset, &value, sizeof value);
}
VGPU_CUDA cuParamSetf(CUfunction handle, int offset, float value) {
  return parameter(handle, offset, &value, sizeof value);
}
VGPU_CUDA cuParamSetv(CUfunction handle, int offset, void* data, unsigned size) {
  return parameter(handle, offset, data, size);
}

VGPU_CUDA cuLaunch(CUfunction function) { return launch_grid(function, 1, 1, nullptr); }
VGPU_CUDA cuLaunchGrid(CUfunction function, int width, int height) {
  return launch_grid(function, width, height, nullptr);
}
VGPU_CUDA cuLaunchGridAsync(CUfunction function, int width, int height, CUstream stream) {
  return launch_grid(function, width, height, stream);
}
