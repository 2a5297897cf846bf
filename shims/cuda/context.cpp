// Contexts made by the program, and the thread's stack of current ones.
#include "shims/cuda/call.h"
#include "shims/cuda/context_flags.h"
#include "shims/device/work.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Handle;
namespace contexts = vgpu::device::contexts;
namespace current = vgpu::device::current;

namespace {

// What cuCtxGetApiVersion answers for contexts of cuCtxCreate_v2 and later, and for the first form.
constexpr unsigned kApiVersion = 3020;
constexpr unsigned kFirstApiVersion = 3010;

CUresult create(CUcontext* out, unsigned flags, CUdevice device, unsigned api_version) {
  return with_driver([&] {
    if (out == nullptr || !valid_context_flags(flags)) return CUDA_ERROR_INVALID_VALUE;
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    const Context* context = contexts::create({.device = device, .flags = flags, .api_version = api_version});
    if (context == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
    const Handle handle = context->self;
    if (!current::push(handle)) {
      contexts::destroy(handle);
      return CUDA_ERROR_OUT_OF_MEMORY;
    }
    *out = pointer_of<CUcontext>(handle);
    return CUDA_SUCCESS;
  });
}

CUresult destroy(CUcontext context) {
  return with_driver([&] {
    if (context == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const Handle handle = handle_of(context);
    const Context* found = contexts::find(handle);
    if (found == nullptr || found->primary) return CUDA_ERROR_INVALID_CONTEXT;
    if (!contexts::destroy(handle)) return CUDA_ERROR_INVALID_CONTEXT;
    // Off this thread's stack when it is current here; elsewhere it stays and answers CONTEXT_IS_DESTROYED.
    Handle popped = 0;
    if (current::holds(handle)) current::pop(popped);
    return CUDA_SUCCESS;
  });
}

}  // namespace

VGPU_CUDA cuCtxCreate(CUcontext* context, unsigned flags, CUdevice device) {
  return create(context, flags, device, kFirstApiVersion);
}
VGPU_CUDA cuCtxCreate_v2(CUcontext* context, unsigned flags, CUdevice device) {
  return create(context, flags, device, kApiVersion);
}
// Execution affinity (a share of the multiprocessors) exists under MPS only.
VGPU_CUDA cuCtxCreate_v3(CUcontext* context, CUexecAffinityParam* affinity, int count, unsigned flags,
                         CUdevice device) {
  if (affinity != nullptr && count > 0) return with_driver([] { return CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY; });
  return create(context, flags, device, kApiVersion);
}
VGPU_CUDA cuCtxCreate_v4(CUcontext* context, CUctxCreateParams* params, unsigned flags, CUdevice device) {
  if (params != nullptr && params->numExecAffinityParams > 0) {
    return with_driver([] { return CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY; });
  }
  if (params != nullptr && params->cigParams != nullptr) return with_driver([] { return CUDA_ERROR_NOT_SUPPORTED; });
  return create(context, flags, device, kApiVersion);
}

VGPU_CUDA cuCtxDestroy_v2(CUcontext context) { return destroy(context); }
VGPU_CUDA_ALIAS(cuCtxDestroy, cuCtxDestroy_v2);

VGPU_CUDA cuCtxAttach(CUcontext* out, unsigned flags) {
  return with_context([&](Context& context) {
    if (out == nullptr || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    __atomic_add_fetch(&context.attached, 1, __ATOMIC_RELAXED);
    *out = pointer_of<CUcontext>(context.self);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxDetach(CUcontext context) {
  return with_driver([&] {
    Context* found = contexts::find(handle_of(context));
    if (found == nullptr) return CUDA_ERROR_INVALID_CONTEXT;
    return __atomic_sub_fetch(&found->attached, 1, __ATOMIC_RELAXED) == 0 ? destroy(context) : CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxPushCurrent_v2(CUcontext context) {
  return with_driver([&] {
    if (context == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (contexts::find(handle_of(context)) == nullptr) return CUDA_ERROR_INVALID_CONTEXT;
    return current::push(handle_of(context)) ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
  });
}
VGPU_CUDA_ALIAS(cuCtxPushCurrent, cuCtxPushCurrent_v2);

VGPU_CUDA cuCtxPopCurrent_v2(CUcontext* out) {
  return with_driver([&] {
    Handle popped = 0;
    if (!current::pop(popped)) return CUDA_ERROR_INVALID_CONTEXT;
    if (out != nullptr) *out = pointer_of<CUcontext>(popped);
    return CUDA_SUCCESS;
  });
}
VGPU_CUDA_ALIAS(cuCtxPopCurrent, cuCtxPopCurrent_v2);

VGPU_CUDA cuCtxSetCurrent(CUcontext context) {
  return with_driver([&] {
    const Handle handle = handle_of(context);
    if (handle != 0 && contexts::find(handle) == nullptr) return CUDA_ERROR_INVALID_CONTEXT;
    return current::set(handle) ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
  });
}

// Null, and success, when there is none.
VGPU_CUDA cuCtxGetCurrent(CUcontext* out) {
  return with_driver([&] {
    if (out == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *out = pointer_of<CUcontext>(current::top());
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxGetApiVersion(CUcontext context, unsigned* version) {
  return with_driver([&] {
    Context* found = nullptr;
    if (const CUresult result = context_or_current(context, found); result != CUDA_SUCCESS) return result;
    if (version == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *version = found->api_version == 0 ? kApiVersion : found->api_version;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxGetId(CUcontext context, unsigned long long* id) {
  return with_driver([&] {
    Context* found = nullptr;
    if (const CUresult result = context_or_current(context, found); result != CUDA_SUCCESS) return result;
    if (id == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *id = found->id;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxGetDevice_v2(CUdevice* device, CUcontext context) {
  return with_driver([&] {
    Context* found = nullptr;
    if (const CUresult result = context_or_current(context, found); result != CUDA_SUCCESS) return result;
    if (device == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *device = found->device;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxGetDevice(CUdevice* device) { return cuCtxGetDevice_v2(device, nullptr); }

VGPU_CUDA cuCtxSynchronize_v2(CUcontext context) {
  return with_driver([&] {
    Context* found = nullptr;
    const CUresult result = context_or_current(context, found);
    if (result == CUDA_SUCCESS) vgpu::device::work::wait_context(found->self);
    return result;
  });
}
VGPU_CUDA cuCtxSynchronize() { return cuCtxSynchronize_v2(nullptr); }
