// Events. A record takes the device's time when the stream gets to it, mostly at once.
#include "shims/cuda/stream.h"
#include "shims/device/backend.h"
#include "shims/device/lock.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Event;
using vgpu::device::Guard;
using vgpu::device::Handle;
using vgpu::device::Kind;
using vgpu::device::Point;
using vgpu::device::Stream;
namespace device = vgpu::device;
namespace work = vgpu::device::work;

namespace {

constexpr unsigned kExternal = 1;  // CU_EVENT_RECORD_EXTERNAL, CU_EVENT_WAIT_EXTERNAL: of meaning to captures only

Event* find(Handle handle) { return device::handles.find<Event>(Kind::event, handle); }

// A copy of the event that does not change under the reader; false when there is none.
bool look(CUevent handle, Event& copy) {
  const Guard guard(device::global_lock);
  const Event* event = find(handle_of(handle));
  if (event != nullptr) copy = *event;
  return event != nullptr;
}

template <typename Body>
CUresult with_event(CUevent handle, Body body) {
  return with_driver([&] {
    Event event = {};
    return look(handle, event) ? body(event) : CUDA_ERROR_INVALID_HANDLE;
  });
}

// The stream got to it. A record that was repeated meanwhile counts from the latest.
void reach(Handle handle, std::uint64_t record) {
  const std::uint64_t now = device::backend::clock();
  const Guard guard(device::global_lock);
  if (Event* event = find(handle); event != nullptr && event->records == record) event->time = now;
}

// Outside a capture there is no graph to put an external node into.
CUresult refuse_flags(unsigned flags) {
  return (flags & ~kExternal) != 0 ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_ILLEGAL_STATE;
}

CUresult record(CUevent handle, const Context& context, Stream& stream) {
  Event event = {};
  if (!look(handle, event) || event.context != context.self) return CUDA_ERROR_INVALID_HANDLE;
  std::uint64_t number = 0;
  {
    const Guard guard(device::global_lock);
    Event* found = find(handle_of(handle));
    if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    found->recorded = true;
    found->point = {};
    number = ++found->records;
  }
  const Handle self = handle_of(handle);
  const CUresult result = result_of(work::submit(context, stream, [self, number] { reach(self, number); }));
  if (result != CUDA_SUCCESS) return result;
  const Point point = work::last(stream);
  const Guard guard(device::global_lock);
  if (Event* found = find(self); found != nullptr && found->records == number) found->point = point;
  return CUDA_SUCCESS;
}

CUresult wait_event(CUevent handle, const Context& context, Stream& stream, unsigned flags) {
  Event event = {};
  if (!look(handle, event)) return CUDA_ERROR_INVALID_HANDLE;
  if (flags != 0) return refuse_flags(flags);
  if (work::passed(event.point)) return CUDA_SUCCESS;
  return result_of(work::submit(
      context, stream, [] {}, event.point));
}

}  // namespace

VGPU_CUDA cuEventCreate(CUevent* out, unsigned flags) {
  return with_context([&](const Context& context) {
    constexpr unsigned kKnown = kEventBlockingSync | kEventDisableTiming | kEventInterprocess;
    if (out == nullptr || (flags & ~kKnown) != 0) return CUDA_ERROR_INVALID_VALUE;
    // An event for other processes has no time; and there is no other process to give it to.
    if ((flags & kEventInterprocess) != 0) {
      return (flags & kEventDisableTiming) != 0 ? CUDA_ERROR_NOT_SUPPORTED : CUDA_ERROR_INVALID_VALUE;
    }
    const Guard guard(device::global_lock);
    Handle handle = 0;
    auto* event = device::handles.create<Event>(Kind::event, handle);
    if (event == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
    event->context = context.self;
    event->flags = flags;
    device::handles.publish(handle);
    *out = pointer_of<CUevent>(handle);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuEventDestroy_v2(CUevent handle) {
  return with_driver([&] {
    const Guard guard(device::global_lock);
    return device::handles.destroy(Kind::event, handle_of(handle)) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
  });
}
VGPU_CUDA_ALIAS(cuEventDestroy, cuEventDestroy_v2);

VGPU_CUDA_STREAM(cuEventRecord, _ptsz, (CUevent event, CUstream handle), (event, handle)) {
  return with_stream(handle, zero,
                     [&](const Context& context, Stream& stream) { return record(event, context, stream); });
}

VGPU_CUDA_STREAM(cuEventRecordWithFlags, _ptsz, (CUevent event, CUstream handle, unsigned flags),
                 (event, handle, flags)) {
  return with_stream(handle, zero, [&](const Context& context, Stream& stream) {
    if (flags != 0) return refuse_flags(flags);
    return record(event, context, stream);
  });
}

VGPU_CUDA_STREAM(cuStreamWaitEvent, _ptsz, (CUstream handle, CUevent event, unsigned flags), (handle, event, flags)) {
  return with_stream(handle, zero,
                     [&](const Context& context, Stream& stream) { return wait_event(event, context, stream, flags); });
}

VGPU_CUDA cuEventQuery(CUevent handle) {
  return with_event(handle,
                    [](const Event& event) { return work::passed(event.point) ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY; });
}

VGPU_CUDA cuEventSynchronize(CUevent handle) {
  return with_event(handle, [](const Event& event) {
    work::wait(event.point);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuEventElapsedTime_v2(float* milliseconds, CUevent start, CUevent end) {
  return with_event(start, [&](Event& first) {
    Event second = {};
    if (milliseconds == nullptr) return CUDA_ERROR_INVALID_HANDLE;  // as a real driver says it
    if (!look(end, second) || first.context != second.context) return CUDA_ERROR_INVALID_HANDLE;
    if (((first.flags | second.flags) & kEventDisableTiming) != 0) return CUDA_ERROR_INVALID_HANDLE;
    if (!first.recorded || !second.recorded) return CUDA_ERROR_INVALID_HANDLE;
    if (!work::passed(first.point) || !work::passed(second.point)) return CUDA_ERROR_NOT_READY;
    // Reached since it was copied, perhaps: the time comes with the place.
    look(start, first);
    look(end, second);
    *milliseconds = static_cast<float>(static_cast<double>(static_cast<std::int64_t>(second.time - first.time)) / 1e6);
    return CUDA_SUCCESS;
  });
}
VGPU_CUDA_ALIAS(cuEventElapsedTime, cuEventElapsedTime_v2);
