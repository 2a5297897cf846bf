#include "shims/cuda/call.h"

namespace vgpu::cuda {
namespace {

thread_local constinit bool in_callback = false;

}  // namespace

CUresult may_call() {
  if (device::life() != device::Life::ready) return CUDA_ERROR_NOT_INITIALIZED;
  return in_callback ? CUDA_ERROR_NOT_PERMITTED : CUDA_SUCCESS;
}

CUresult current_context(device::Context*& context) {
  const device::Handle top = device::current::top();
  if (top == 0) return CUDA_ERROR_INVALID_CONTEXT;
  context = device::contexts::find(top);
  return context != nullptr ? CUDA_SUCCESS : CUDA_ERROR_CONTEXT_IS_DESTROYED;
}

bool valid_device(CUdevice device) { return device >= 0 && device < device::visible().count; }

CallbackScope::CallbackScope() { in_callback = true; }
CallbackScope::~CallbackScope() { in_callback = false; }

}  // namespace vgpu::cuda
