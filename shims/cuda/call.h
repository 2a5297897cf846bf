// What every entry point of the driver shares: how it is exported, and the checks that come before its own.
//
// An entry point is `VGPU_CUDA name(...) { return with_context([&](Context& context) { ... }); }`. The wrapper answers
// the API's error when the driver is not initialised, when the thread has no current context or that one was destroyed,
// and when the call comes from a stream callback; the body starts where these questions are settled.
#pragma once

#include "shims/cuda/types.h"
#include "shims/device/context.h"
#include "shims/device/life.h"
#include "shims/device/objects.h"

#define VGPU_CUDA extern "C" __attribute__((visibility("default"))) ::vgpu::cuda::CUresult

// Another exported name for the same function: the older and the per-thread-stream variants that do not differ here.
#define VGPU_CUDA_ALIAS(name, target) \
  extern "C" __attribute__((visibility("default"), alias(#target))) decltype(target) name

namespace vgpu::cuda {

inline constexpr char kLibraryName[] = "libvgpu-cuda";

// CUDA_SUCCESS, or what a call gets that the process or thread may not make now.
CUresult may_call();

// The calling thread's current context: CUDA_ERROR_INVALID_CONTEXT without one, CUDA_ERROR_CONTEXT_IS_DESTROYED when it
// ended.
CUresult current_context(device::Context*& context);

bool valid_device(CUdevice device);

// Opaque pointer to table handle and back.
template <typename Pointer>
device::Handle handle_of(Pointer pointer) {
  return reinterpret_cast<device::Handle>(pointer);
}
template <typename Pointer>
Pointer pointer_of(device::Handle handle) {
  return reinterpret_cast<Pointer>(handle);
}

template <typename Body>
CUresult with_driver(Body body) {
  const CUresult result = may_call();
  return result == CUDA_SUCCESS ? body() : result;
}

template <typename Body>
CUresult with_device(CUdevice device, Body body) {
  return with_driver([&] { return valid_device(device) ? body() : CUDA_ERROR_INVALID_DEVICE; });
}

template <typename Body>
CUresult with_context(Body body) {
  return with_driver([&] {
    device::Context* context = nullptr;
    const CUresult result = current_context(context);
    return result == CUDA_SUCCESS ? body(*context) : result;
  });
}

// Marks the thread while a callback of the program runs: the API may not be used inside.
class CallbackScope {
 public:
  CallbackScope();
  ~CallbackScope();
  CallbackScope(const CallbackScope&) = delete;
  CallbackScope& operator=(const CallbackScope&) = delete;
};

}  // namespace vgpu::cuda
