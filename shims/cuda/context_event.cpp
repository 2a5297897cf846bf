// Events of a whole context, of CUDA 13: a record is behind all that the context was asked for, and a wait holds up all
// that it is asked for next.
#include "shims/cuda/call.h"
#include "shims/cuda/stream.h"
#include "shims/device/backend.h"
#include "shims/device/lock.h"
#include "shims/device/work.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Event;
using vgpu::device::Guard;
using vgpu::device::Handle;
namespace device = vgpu::device;
namespace work = vgpu::device::work;

namespace {

// The caller holds global_lock.
Event* find(Handle event) { return device::handles.find<Event>(device::Kind::event, event); }

// Unlike with other calls, null does not mean the current context.
template <typename Body>
CUresult with_named_context(CUcontext handle, Body body) {
  return with_driver([&] {
    Context* context = device::contexts::find(handle_of(handle));
    return context != nullptr ? body(*context) : CUDA_ERROR_INVALID_CONTEXT;
  });
}

// A record that was repeated meanwhile counts from the latest.
void reach(Handle handle, std::uint64_t record) {
  const std::uint64_t now = device::backend::clock();
  const Guard guard(device::global_lock);
  if (Event* event = find(handle); event != nullptr && event->records == record) event->time = now;
}

}  // namespace

VGPU_CUDA cuCtxRecordEvent(CUcontext context, CUevent event) {
  return with_named_context(context, [&](Context& owner) {
    const Handle self = handle_of(event);
    std::uint64_t number = 0;
    {
      const Guard guard(device::global_lock);
      Event* found = find(self);
      if (found == nullptr || found->context != owner.self) return CUDA_ERROR_INVALID_HANDLE;
      found->recorded = true;
      found->point = {};
      number = ++found->records;
    }
    device::Point place = {};
    const CUresult result = result_of(work::submit_behind_all(
        owner, [self, number] { reach(self, number); }, place));
    if (result != CUDA_SUCCESS) return result;
    const Guard guard(device::global_lock);
    if (Event* found = find(self); found != nullptr && found->records == number) found->point = place;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxWaitEvent(CUcontext context, CUevent event) {
  return with_named_context(context, [&](Context& owner) {
    device::Point point = {};
    {
      const Guard guard(device::global_lock);
      const Event* found = find(handle_of(event));
      if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
      point = found->point;
    }
    return result_of(work::gate(owner, point));
  });
}
