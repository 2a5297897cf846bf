// Events of a whole context, of CUDA 13. What they order is all streams of the context, for which the queues have no place
// (work.h): where something is waiting in one, the caller waits for it here.
#include "shims/cuda/call.h"
#include "shims/cuda/context_flags.h"
#include "shims/device/backend.h"
#include "shims/device/lock.h"
#include "shims/device/work.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Event;
using vgpu::device::Guard;
namespace device = vgpu::device;

namespace {

// The caller holds global_lock.
Event* find(CUevent event) { return device::handles.find<Event>(device::Kind::event, handle_of(event)); }

template <typename Body>
CUresult with_named_context(CUcontext handle, Body body) {
  return with_driver([&] {
    Context* context = nullptr;
    const CUresult result = context_or_current(handle, context);
    return result == CUDA_SUCCESS ? body(*context) : result;
  });
}

}  // namespace

VGPU_CUDA cuCtxRecordEvent(CUcontext context, CUevent event) {
  return with_named_context(context, [&](const Context& owner) {
    if (device::work::any()) device::work::wait_context(owner.self);
    const std::uint64_t now = device::backend::clock();
    const Guard guard(device::global_lock);
    Event* found = find(event);
    if (found == nullptr || found->context != owner.self) return CUDA_ERROR_INVALID_HANDLE;
    found->recorded = true;
    found->time = now;
    found->point = {};
    ++found->records;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxWaitEvent(CUcontext context, CUevent event) {
  return with_named_context(context, [&](const Context&) {
    device::Point point = {};
    {
      const Guard guard(device::global_lock);
      const Event* found = find(event);
      if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
      point = found->point;
    }
    device::work::wait(point);
    return CUDA_SUCCESS;
  });
}
