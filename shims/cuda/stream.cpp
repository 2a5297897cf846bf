// Streams: making, ending, waiting.
#include "shims/cuda/stream.h"

#include "shims/cuda/priority.h"
#include "shims/device/default_stream.h"
#include "shims/device/lock.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Guard;
using vgpu::device::Handle;
using vgpu::device::Kind;
using vgpu::device::Stream;
namespace device = vgpu::device;
namespace work = vgpu::device::work;

namespace vgpu::cuda {
namespace {

Stream* stream_behind(Handle handle) { return device::handles.find<Stream>(Kind::stream, handle); }

}  // namespace

Stream* find_stream(const Context& context, CUstream handle, Default zero) {
  switch (reinterpret_cast<std::uintptr_t>(handle)) {
    case 0: return zero == Default::legacy ? stream_behind(context.default_stream) : device::thread_stream(context);
    case kStreamLegacy: return stream_behind(context.default_stream);
    case kStreamPerThread: return device::thread_stream(context);
    default: return stream_behind(handle_of(handle));
  }
}

}  // namespace vgpu::cuda

VGPU_CUDA cuStreamCreateWithPriority(CUstream* out, unsigned flags, int priority) {
  return with_context([&](Context& context) {
    if (out == nullptr || (flags & ~kStreamNonBlocking) != 0) return CUDA_ERROR_INVALID_VALUE;
    const Guard guard(device::global_lock);
    Handle handle = 0;
    auto* stream = device::handles.create<Stream>(Kind::stream, handle);
    if (stream == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
    stream->self = handle;
    stream->context = context.self;
    stream->id = device::next_stream_id();
    stream->flags = flags;
    stream->priority = cut_priority(priority);
    device::handles.publish(handle);
    *out = pointer_of<CUstream>(handle);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuStreamCreate(CUstream* out, unsigned flags) { return cuStreamCreateWithPriority(out, flags, 0); }

// Returns at once: what is queued is still done, in order.
VGPU_CUDA cuStreamDestroy_v2(CUstream handle) {
  return with_driver([&] {
    const Stream* stream = stream_behind(handle_of(handle));
    if (stream == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (stream->is_default) return CUDA_ERROR_INVALID_HANDLE;  // known by other names, and not the program's to end
    const Stream ended = *stream;
    {
      const Guard guard(device::global_lock);
      if (!device::handles.destroy(Kind::stream, handle_of(handle))) return CUDA_ERROR_INVALID_HANDLE;
    }
    work::end_stream(ended);
    return CUDA_SUCCESS;
  });
}
VGPU_CUDA_ALIAS(cuStreamDestroy, cuStreamDestroy_v2);

VGPU_CUDA_STREAM(cuStreamQuery, _ptsz, (CUstream handle), (handle)) {
  return with_stream(handle, zero, [](const Context& context, const Stream& stream) {
    return work::done(context, stream) ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
  });
}

VGPU_CUDA_STREAM(cuStreamSynchronize, _ptsz, (CUstream handle), (handle)) {
  return with_stream(handle, zero, [](const Context& context, const Stream& stream) {
    work::wait_done(context, stream);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA_STREAM(cuStreamGetPriority, _ptsz, (CUstream handle, int* priority), (handle, priority)) {
  return with_stream(handle, zero, [&](const Context&, const Stream& stream) {
    if (priority == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *priority = stream.priority;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA_STREAM(cuStreamGetFlags, _ptsz, (CUstream handle, unsigned* flags), (handle, flags)) {
  return with_stream(handle, zero, [&](const Context&, const Stream& stream) {
    if (flags == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *flags = stream.flags;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA_STREAM(cuStreamGetId, _ptsz, (CUstream handle, unsigned long long* id), (handle, id)) {
  return with_stream(handle, zero, [&](const Context&, const Stream& stream) {
    if (id == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *id = stream.id;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA_STREAM(cuStreamGetDevice, _ptsz, (CUstream handle, CUdevice* device), (handle, device)) {
  return with_stream(handle, zero, [&](const Context& context, const Stream&) {
    if (device == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *device = context.device;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA_STREAM(cuStreamGetCtx, _ptsz, (CUstream handle, CUcontext* out), (handle, out)) {
  return with_stream(handle, zero, [&](const Context& context, const Stream&) {
    if (out == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *out = pointer_of<CUcontext>(context.self);
    return CUDA_SUCCESS;
  });
}

// No stream here is of a green context.
VGPU_CUDA_STREAM(cuStreamGetCtx_v2, _ptsz, (CUstream handle, CUcontext* out, CUgreenCtx* green), (handle, out, green)) {
  return with_stream(handle, zero, [&](const Context& context, const Stream&) {
    if (out == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *out = pointer_of<CUcontext>(context.self);
    if (green != nullptr) *green = nullptr;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuStreamGetGreenCtx(CUstream handle, CUgreenCtx* green) {
  return with_stream(handle, [&](const Context&, const Stream&) {
    if (green == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *green = nullptr;
    return CUDA_SUCCESS;
  });
}
