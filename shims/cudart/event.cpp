// Events.
#include "shims/cudart/state.h"

namespace vgpu::cudart {
namespace {

cudaError_t create(cudaEvent_t* event, unsigned flags) {
  return with_context([&](const Driver& driver) {
    if (event == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    return driver.EventCreate(event, flags);
  });
}

cudaError_t record_event(cudaEvent_t event, cudaStream_t stream) {
  return with_context([&](const Driver& driver) { return driver.EventRecord(event, stream); });
}

cudaError_t record_event(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
  return with_context([&](const Driver& driver) { return driver.EventRecordWithFlags(event, stream, flags); });
}

}  // namespace
}  // namespace vgpu::cudart

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

VGPU_API cudaError_t cudaEventCreate(cudaEvent_t* event) { return create(event, 0); }

VGPU_API cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) { return create(event, flags); }

VGPU_API cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) { return record_event(event, stream); }

VGPU_API cudaError_t cudaEventRecord_ptsz(cudaEvent_t event, cudaStream_t stream) {
  return record_event(event, per_thread(stream));
}

VGPU_API cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
  return record_event(event, stream, flags);
}

VGPU_API cudaError_t cudaEventRecordWithFlags_ptsz(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
  return record_event(event, per_thread(stream), flags);
}

VGPU_API cudaError_t cudaEventQuery(cudaEvent_t event) {
  return with_context([&](const Driver& driver) { return driver.EventQuery(event); });
}

VGPU_API cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return with_context([&](const Driver& driver) { return driver.EventSynchronize(event); });
}

VGPU_API cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return with_context([&](const Driver& driver) { return driver.EventDestroy(event); });
}

VGPU_API cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return with_context([&](const Driver& driver) {
    if (milliseconds == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    return driver.EventElapsedTime(milliseconds, start, end);
  });
}

#if VGPU_CUDART_MAJOR == 12
// 12.8 gave it a new name with the same parameters; 13 took the new meaning under the old name.
VGPU_API cudaError_t cudaEventElapsedTime_v2(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return cudaEventElapsedTime(milliseconds, start, end);
}
#endif
