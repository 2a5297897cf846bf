// The primary context of each device, which the runtime API uses.
#include "shims/cuda/call.h"
#include "shims/cuda/context_flags.h"

using namespace vgpu::cuda;
namespace contexts = vgpu::device::contexts;

VGPU_CUDA cuDevicePrimaryCtxRetain(CUcontext* out, CUdevice device) {
  return with_driver([&] {
    if (out == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!valid_device(device)) return CUDA_ERROR_INVALID_DEVICE;
    const vgpu::device::Context* context = contexts::retain_primary(device);
    if (context == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
    *out = pointer_of<CUcontext>(context->self);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return with_device(device,
                     [&] { return contexts::release_primary(device) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT; });
}
VGPU_CUDA_ALIAS(cuDevicePrimaryCtxRelease, cuDevicePrimaryCtxRelease_v2);

VGPU_CUDA cuDevicePrimaryCtxReset_v2(CUdevice device) {
  return with_device(device, [&] {
    contexts::reset_primary(device);
    return CUDA_SUCCESS;
  });
}
VGPU_CUDA_ALIAS(cuDevicePrimaryCtxReset, cuDevicePrimaryCtxReset_v2);

VGPU_CUDA cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned flags) {
  return with_device(device, [&] {
    if (!valid_context_flags(flags)) return CUDA_ERROR_INVALID_VALUE;
    contexts::set_primary_flags(device, flags);
    return CUDA_SUCCESS;
  });
}
VGPU_CUDA_ALIAS(cuDevicePrimaryCtxSetFlags, cuDevicePrimaryCtxSetFlags_v2);

VGPU_CUDA cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
  return with_device(device, [&] {
    if (flags == nullptr || active == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *flags = contexts::primary_flags(device);
    *active = contexts::primary_active(device) ? 1 : 0;
    return CUDA_SUCCESS;
  });
}
