// Streams as arguments of other calls.
#pragma once

#include "shims/cuda/call.h"

namespace vgpu::cuda {

// The stream that `handle` means for a thread whose current context is `context`: 0 and CU_STREAM_LEGACY are the context's
// default stream, CU_STREAM_PER_THREAD the other. Null for anything that is no live stream (CUDA_ERROR_INVALID_HANDLE).
device::Stream* find_stream(const device::Context& context, CUstream handle);

// The same, with 0 as the per-thread stream: the _ptsz forms.
device::Stream* find_stream_ptsz(const device::Context& context, CUstream handle);

template <typename Body>
CUresult with_stream(CUstream handle, Body body) {
  return with_context([&](device::Context& context) {
    device::Stream* stream = find_stream(context, handle);
    return stream != nullptr ? body(context, *stream) : CUDA_ERROR_INVALID_HANDLE;
  });
}

}  // namespace vgpu::cuda
