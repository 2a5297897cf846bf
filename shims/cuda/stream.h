// Streams as arguments of other calls.
#pragma once

#include "shims/cuda/call.h"
#include "shims/device/work.h"

namespace vgpu::cuda {

// What the handle 0 means: the context's default stream, or in the _ptds and _ptsz forms the per-thread one.
enum class Default { legacy, per_thread };

// The stream that `handle` means for a thread whose current context is `context`: CU_STREAM_LEGACY is the context's
// default stream, CU_STREAM_PER_THREAD the thread's own in it. Null for anything that is no live stream (CUDA_ERROR_INVALID_HANDLE).
device::Stream* find_stream(const device::Context& context, CUstream handle, Default zero = Default::legacy);

// Runs body(context, stream) with the context that the stream belongs to.
template <typename Body>
CUresult with_stream(CUstream handle, Default zero, Body body) {
  return with_context([&](device::Context& current) {
    device::Stream* stream = find_stream(current, handle, zero);
    if (stream == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    device::Context* context = device::contexts::find(stream->context);
    return context != nullptr ? body(*context, *stream) : CUDA_ERROR_CONTEXT_IS_DESTROYED;
  });
}
template <typename Body>
CUresult with_stream(CUstream handle, Body body) {
  return with_stream(handle, Default::legacy, body);
}

inline CUresult result_of(device::work::Outcome outcome) {
  return outcome == device::work::Outcome::done ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

}  // namespace vgpu::cuda

// Two exported names for one body: `name` with the legacy default stream and `name_suffix` with the per-thread one. The
// body sees which as `zero`.
#define VGPU_CUDA_STREAM(name, suffix, parameters, arguments)                                                \
  static inline ::vgpu::cuda::CUresult vgpu_body_##name(::vgpu::cuda::Default zero, VGPU_UNWRAP parameters); \
  VGPU_CUDA name(VGPU_UNWRAP parameters) {                                                                   \
    return vgpu_body_##name(::vgpu::cuda::Default::legacy, VGPU_UNWRAP arguments);                           \
  }                                                                                                          \
  VGPU_CUDA name##suffix(VGPU_UNWRAP parameters) {                                                           \
    return vgpu_body_##name(::vgpu::cuda::Default::per_thread, VGPU_UNWRAP arguments);                       \
  }                                                                                                          \
  static inline ::vgpu::cuda::CUresult vgpu_body_##name(::vgpu::cuda::Default zero, VGPU_UNWRAP parameters)
#define VGPU_UNWRAP(...) __VA_ARGS__
