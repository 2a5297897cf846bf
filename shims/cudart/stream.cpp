// Streams. Each function whose name ends in _ptsz takes the default stream for the calling thread's own.
#include "shims/cudart/state.h"

namespace vgpu::cudart {
namespace {

// cudaStreamCallback_t has the runtime's error type where the driver's callback has CUresult: the same int in
// the same register, with the same numbers.
using Callback = void (*)(cudaStream_t stream, cudaError_t status, void* data);

cudaError_t create(cudaStream_t* stream, unsigned flags, int priority) {
  return with_context([&](const Driver& driver) {
    if (stream == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    return driver.StreamCreate(stream, flags, priority);
  });
}

cudaError_t synchronize(cudaStream_t stream) {
  return with_context([&](const Driver& driver) { return driver.StreamSynchronize(stream); });
}

cudaError_t query(cudaStream_t stream) {
  return with_context([&](const Driver& driver) { return driver.StreamQuery(stream); });
}

cudaError_t wait_event(cudaStream_t stream, cudaEvent_t event, unsigned flags) {
  return with_context([&](const Driver& driver) { return driver.StreamWaitEvent(stream, event, flags); });
}

cudaError_t add_callback(cudaStream_t stream, Callback callback, void* data, unsigned flags) {
  return with_context([&](const Driver& driver) {
    return driver.StreamAddCallback(stream, reinterpret_cast<cuda::CUstreamCallback>(callback), data, flags);
  });
}

cudaError_t launch_host(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return with_context([&](const Driver& driver) { return driver.LaunchHostFunc(stream, function, data); });
}

cudaError_t get_priority(cudaStream_t stream, int* priority) {
  return with_context([&](const Driver& driver) { return driver.StreamGetPriority(stream, priority); });
}

cudaError_t get_flags(cudaStream_t stream, unsigned* flags) {
  return with_context([&](const Driver& driver) { return driver.StreamGetFlags(stream, flags); });
}

cudaError_t get_id(cudaStream_t stream, unsigned long long* id) {
  return with_context([&](const Driver& driver) { return driver.StreamGetId(stream, id); });
}

// Through the stream's context: cuStreamGetDevice is younger than the oldest driver we may meet.
cudaError_t get_device(cudaStream_t stream, int* device) {
  return with_context([&](const Driver& driver) {
    if (device == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    CUcontext context = nullptr;
    CUresult result = driver.StreamGetCtx(stream, &context);
    if (result == cuda::CUDA_SUCCESS) result = driver.CtxPushCurrent(context);
    if (result != cuda::CUDA_SUCCESS) return result;
    result = driver.CtxGetDevice(device);
    driver.CtxPopCurrent(&context);
    return result;
  });
}

cudaError_t attach(cudaStream_t stream, void* pointer, std::size_t size, unsigned flags) {
  return with_context(
      [&](const Driver& driver) { return driver.StreamAttachMemAsync(stream, address(pointer), size, flags); });
}

cudaError_t copy_attributes(cudaStream_t to, cudaStream_t from) {
  return with_context([&](const Driver& driver) { return driver.StreamCopyAttributes(to, from); });
}

cudaError_t get_attribute(cudaStream_t stream, int attribute, cuda::CUlaunchAttributeValue* value) {
  return with_context([&](const Driver& driver) { return driver.StreamGetAttribute(stream, attribute, value); });
}

cudaError_t set_attribute(cudaStream_t stream, int attribute, const cuda::CUlaunchAttributeValue* value) {
  return with_context([&](const Driver& driver) { return driver.StreamSetAttribute(stream, attribute, value); });
}

// There is no capture on the emulated device, so no stream is ever capturing. The stream itself must be one.
cudaError_t capture_status(cudaStream_t stream, int* status) {
  return with_context([&](const Driver& driver) {
    if (status == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    unsigned flags = 0;
    const CUresult result = driver.StreamGetFlags(stream, &flags);
    if (result == cuda::CUDA_SUCCESS) *status = cuda::CU_STREAM_CAPTURE_STATUS_NONE;
    return result;
  });
}

constinit thread_local int capture_mode = 0;  // cudaStreamCaptureModeGlobal

}  // namespace
}  // namespace vgpu::cudart

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

VGPU_API cudaError_t cudaStreamCreate(cudaStream_t* stream) { return create(stream, 0, 0); }

VGPU_API cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return create(stream, flags, 0);
}

VGPU_API cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int priority) {
  return create(stream, flags, priority);
}

VGPU_API cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return with_context([&](const Driver& driver) { return driver.StreamDestroy(stream); });
}

VGPU_API cudaError_t cudaStreamSynchronize(cudaStream_t stream) { return synchronize(stream); }
VGPU_API cudaError_t cudaStreamSynchronize_ptsz(cudaStream_t stream) { return synchronize(per_thread(stream)); }
VGPU_API cudaError_t cudaStreamQuery(cudaStream_t stream) { return query(stream); }
VGPU_API cudaError_t cudaStreamQuery_ptsz(cudaStream_t stream) { return query(per_thread(stream)); }

VGPU_API cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags) {
  return wait_event(stream, event, flags);
}

VGPU_API cudaError_t cudaStreamWaitEvent_ptsz(cudaStream_t stream, cudaEvent_t event, unsigned flags) {
  return wait_event(per_thread(stream), event, flags);
}

VGPU_API cudaError_t cudaStreamAddCallback(cudaStream_t stream, Callback callback, void* data, unsigned flags) {
  return add_callback(stream, callback, data, flags);
}

VGPU_API cudaError_t cudaStreamAddCallback_ptsz(cudaStream_t stream, Callback callback, void* data, unsigned flags) {
  return add_callback(per_thread(stream), callback, data, flags);
}

VGPU_API cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return launch_host(stream, function, data);
}

VGPU_API cudaError_t cudaLaunchHostFunc_ptsz(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return launch_host(per_thread(stream), function, data);
}

VGPU_API cudaError_t cudaStreamGetPriority(cudaStream_t stream, int* priority) {
  return get_priority(stream, priority);
}

VGPU_API cudaError_t cudaStreamGetPriority_ptsz(cudaStream_t stream, int* priority) {
  return get_priority(per_thread(stream), priority);
}

VGPU_API cudaError_t cudaStreamGetFlags(cudaStream_t stream, unsigned* flags) { return get_flags(stream, flags); }

VGPU_API cudaError_t cudaStreamGetFlags_ptsz(cudaStream_t stream, unsigned* flags) {
  return get_flags(per_thread(stream), flags);
}

VGPU_API cudaError_t cudaStreamGetId(cudaStream_t stream, unsigned long long* id) { return get_id(stream, id); }

VGPU_API cudaError_t cudaStreamGetId_ptsz(cudaStream_t stream, unsigned long long* id) {
  return get_id(per_thread(stream), id);
}

VGPU_API cudaError_t cudaStreamGetDevice(cudaStream_t stream, int* device) { return get_device(stream, device); }

VGPU_API cudaError_t cudaStreamGetDevice_ptsz(cudaStream_t stream, int* device) {
  return get_device(per_thread(stream), device);
}

VGPU_API cudaError_t cudaStreamAttachMemAsync(cudaStream_t stream, void* pointer, std::size_t size, unsigned flags) {
  return attach(stream, pointer, size, flags);
}

VGPU_API cudaError_t cudaStreamAttachMemAsync_ptsz(cudaStream_t stream, void* pointer, std::size_t size,
                                                   unsigned flags) {
  return attach(per_thread(stream), pointer, size, flags);
}

VGPU_API cudaError_t cudaStreamCopyAttributes(cudaStream_t to, cudaStream_t from) { return copy_attributes(to, from); }

VGPU_API cudaError_t cudaStreamCopyAttributes_ptsz(cudaStream_t to, cudaStream_t from) {
  return copy_attributes(per_thread(to), per_thread(from));
}

VGPU_API cudaError_t cudaStreamGetAttribute(cudaStream_t stream, int attribute, cuda::CUlaunchAttributeValue* value) {
  return get_attribute(stream, attribute, value);
}

VGPU_API cudaError_t cudaStreamGetAttribute_ptsz(cudaStream_t stream, int attribute,
                                                 cuda::CUlaunchAttributeValue* value) {
  return get_attribute(per_thread(stream), attribute, value);
}

VGPU_API cudaError_t cudaStreamSetAttribute(cudaStream_t stream, int attribute,
                                            const cuda::CUlaunchAttributeValue* value) {
  return set_attribute(stream, attribute, value);
}

VGPU_API cudaError_t cudaStreamSetAttribute_ptsz(cudaStream_t stream, int attribute,
                                                 const cuda::CUlaunchAttributeValue* value) {
  return set_attribute(per_thread(stream), attribute, value);
}

VGPU_API cudaError_t cudaStreamIsCapturing(cudaStream_t stream, int* status) { return capture_status(stream, status); }

VGPU_API cudaError_t cudaStreamIsCapturing_ptsz(cudaStream_t stream, int* status) {
  return capture_status(per_thread(stream), status);
}

// What follows the status in the newer forms is written only while a capture runs, so none of them looks at
// it.
VGPU_API cudaError_t cudaStreamGetCaptureInfo(cudaStream_t stream, int* status) {
  return capture_status(stream, status);
}

VGPU_API cudaError_t cudaStreamGetCaptureInfo_ptsz(cudaStream_t stream, int* status) {
  return capture_status(per_thread(stream), status);
}

#if VGPU_CUDART_MAJOR == 12
VGPU_API cudaError_t cudaStreamGetCaptureInfo_v2(cudaStream_t stream, int* status) {
  return capture_status(stream, status);
}

VGPU_API cudaError_t cudaStreamGetCaptureInfo_v2_ptsz(cudaStream_t stream, int* status) {
  return capture_status(per_thread(stream), status);
}

VGPU_API cudaError_t cudaStreamGetCaptureInfo_v3(cudaStream_t stream, int* status) {
  return capture_status(stream, status);
}

VGPU_API cudaError_t cudaStreamGetCaptureInfo_v3_ptsz(cudaStream_t stream, int* status) {
  return capture_status(per_thread(stream), status);
}
#endif

// How a thread wants others' captures to treat it; remembered although nothing captures, because callers put
// it back.
VGPU_API cudaError_t cudaThreadExchangeStreamCaptureMode(int* mode) {
  if (mode == nullptr) return record(cudaErrorInvalidValue);
  const int before = capture_mode;
  capture_mode = *mode;
  *mode = before;
  return cudaSuccess;
}
