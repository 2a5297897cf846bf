// cuInit: the driver's, and behind it the books. Without its session a process gets no device (VGPU_QUOTA).
#include "shims/slice/quota.h"
#include "shims/slice/visible.h"

using namespace vgpu::slice;

VGPU_CUDA cuInit(unsigned flags) {
  choose_visible();
  const CUresult result = real(vgpu::abi::k_cuInit, flags);
  if (result != vgpu::cuda::CUDA_SUCCESS || !has_quota()) return result;
  return learn_devices() && vgpu::device::ledger::join() ? result : vgpu::cuda::CUDA_ERROR_OPERATING_SYSTEM;
}
