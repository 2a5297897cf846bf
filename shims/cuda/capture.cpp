// Capturing streams into graphs: not there, so no stream ever captures, and the questions have one answer.
#include "shims/cuda/stream.h"
#include "shims/device/log.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Stream;

namespace {

constexpr int kLastMode = 2;  // CU_STREAM_CAPTURE_MODE_RELAXED

// What follows the status is written only while a capture runs; so the forms with more to tell do not look at it.
CUresult tell_status(CUstream handle, Default zero, CUstreamCaptureStatus* status) {
  return with_stream(handle, zero, [&](const Context&, const Stream&) {
    if (status == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *status = CU_STREAM_CAPTURE_STATUS_NONE;
    return CUDA_SUCCESS;
  });
}

// Of the stream that 0 names no capture can begin, here or on a real driver.
CUresult refuse(CUstream handle, Default zero, int mode, const char* function, bool& logged) {
  return with_stream(handle, zero, [&](const Context& context, const Stream& stream) {
    if (mode < 0 || mode > kLastMode) return CUDA_ERROR_INVALID_VALUE;
    if (stream.self == context.default_stream) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
    vgpu::not_supported_once(kLibraryName, function, logged);
    return CUDA_ERROR_NOT_SUPPORTED;
  });
}

// How this thread wants others' captures to treat it: remembered although nothing captures, because callers put it
// back. A real driver takes any number.
constinit thread_local int thread_mode = 0;  // CU_STREAM_CAPTURE_MODE_GLOBAL

constinit bool begin_logged = false;

}  // namespace

VGPU_CUDA_STREAM(cuStreamIsCapturing, _ptsz, (CUstream handle, CUstreamCaptureStatus* status), (handle, status)) {
  return tell_status(handle, zero, status);
}
VGPU_CUDA_STREAM(cuStreamGetCaptureInfo, _ptsz, (CUstream handle, CUstreamCaptureStatus* status), (handle, status)) {
  return tell_status(handle, zero, status);
}
VGPU_CUDA_STREAM(cuStreamGetCaptureInfo_v2, _ptsz, (CUstream handle, CUstreamCaptureStatus* status), (handle, status)) {
  return tell_status(handle, zero, status);
}
VGPU_CUDA_STREAM(cuStreamGetCaptureInfo_v3, _ptsz, (CUstream handle, CUstreamCaptureStatus* status), (handle, status)) {
  return tell_status(handle, zero, status);
}

VGPU_CUDA_STREAM(cuStreamBeginCapture, _ptsz, (CUstream handle), (handle)) {
  return refuse(handle, zero, 0, "cuStreamBeginCapture", begin_logged);
}
VGPU_CUDA_STREAM(cuStreamBeginCapture_v2, _ptsz, (CUstream handle, int mode), (handle, mode)) {
  return refuse(handle, zero, mode, "cuStreamBeginCapture", begin_logged);
}

// Nothing was begun.
VGPU_CUDA_STREAM(cuStreamEndCapture, _ptsz, (CUstream handle, CUgraph* graph), (handle, graph)) {
  return with_stream(handle, zero, [&](const Context&, const Stream&) {
    if (graph == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *graph = nullptr;
    return CUDA_ERROR_ILLEGAL_STATE;
  });
}
VGPU_CUDA_STREAM(cuStreamUpdateCaptureDependencies, _ptsz, (CUstream handle), (handle)) {
  return with_stream(handle, zero, [](const Context&, const Stream&) { return CUDA_ERROR_ILLEGAL_STATE; });
}
VGPU_CUDA_STREAM(cuStreamUpdateCaptureDependencies_v2, _ptsz, (CUstream handle), (handle)) {
  return with_stream(handle, zero, [](const Context&, const Stream&) { return CUDA_ERROR_ILLEGAL_STATE; });
}

VGPU_CUDA cuThreadExchangeStreamCaptureMode(int* mode) {
  return with_driver([&] {
    if (mode == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const int before = thread_mode;
    thread_mode = *mode;
    *mode = before;
    return CUDA_SUCCESS;
  });
}
