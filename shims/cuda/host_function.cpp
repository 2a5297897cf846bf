// Functions of the program that a stream calls when it gets to them, each in a thread that may wait for any other.
#include "shims/cuda/stream.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Handle;
using vgpu::device::Stream;
namespace work = vgpu::device::work;

VGPU_CUDA_STREAM(cuLaunchHostFunc, _ptsz, (CUstream handle, CUhostFn function, void* data), (handle, function, data)) {
  return with_stream(handle, zero, [&](const Context& context, Stream& stream) {
    if (function == nullptr) return CUDA_ERROR_INVALID_VALUE;
    return result_of(work::submit_threaded(context, stream, [function, data](Handle) {
      const CallbackScope scope;
      function(data);
    }));
  });
}

// The callback is told the handle that the caller used.
VGPU_CUDA_STREAM(cuStreamAddCallback, _ptsz, (CUstream handle, CUstreamCallback callback, void* data, unsigned flags),
                 (handle, callback, data, flags)) {
  return with_stream(handle, zero, [&](const Context& context, Stream& stream) {
    if (callback == nullptr || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    return result_of(work::submit_threaded(context, stream, [handle, callback, data](Handle) {
      const CallbackScope scope;
      callback(handle, CUDA_SUCCESS, data);
    }));
  });
}
