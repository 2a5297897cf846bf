// A context is made: noticed for the books, nothing else.
#include "shims/slice/context_reserve.h"
#include "shims/slice/quota.h"

using namespace vgpu::slice;
namespace abi = vgpu::abi;

namespace {

template <class... Arguments>
CUresult make(unsigned index, CUdevice device, Arguments... arguments) {
  const CUresult result = real(index, arguments...);
  if (result == vgpu::cuda::CUDA_SUCCESS && has_quota()) context_noticed(number_of(device));
  return result;
}

}  // namespace

VGPU_CUDA cuDevicePrimaryCtxRetain(void** context, CUdevice device) {
  return make(abi::k_cuDevicePrimaryCtxRetain, device, context, device);
}
VGPU_CUDA cuCtxCreate(void** context, unsigned flags, CUdevice device) {
  return make(abi::k_cuCtxCreate, device, context, flags, device);
}
VGPU_CUDA cuCtxCreate_v2(void** context, unsigned flags, CUdevice device) {
  return make(abi::k_cuCtxCreate_v2, device, context, flags, device);
}
VGPU_CUDA cuCtxCreate_v3(void** context, void* parameters, int count, unsigned flags, CUdevice device) {
  return make(abi::k_cuCtxCreate_v3, device, context, parameters, count, flags, device);
}
VGPU_CUDA cuCtxCreate_v4(void** context, void* parameters, unsigned flags, CUdevice device) {
  return make(abi::k_cuCtxCreate_v4, device, context, parameters, flags, device);
}
