// What a program is told the device has: its limit, and what of it is left for everybody in the session.
#include "shims/slice/quota.h"

using namespace vgpu::slice;
namespace abi = vgpu::abi;
namespace ledger = vgpu::device::ledger;

namespace {

template <class Size>
Size fitting(std::uint64_t value) {
  const Size most = static_cast<Size>(-1);
  return value < most ? static_cast<Size>(value) : most;
}

// Never more free than the GPU really has: it may have other users.
template <class Size>
CUresult tell_info(unsigned index, Size* free, Size* total) {
  const CUresult result = real(index, free, total);
  const int number = result == vgpu::cuda::CUDA_SUCCESS && has_quota() ? current_number() : -1;
  if (number < 0) return result;
  settle_released();
  const std::uint64_t limit = ledger::limit(number);
  const std::uint64_t used = ledger::used(number);
  const std::uint64_t left = used < limit ? limit - used : 0;
  if (left < *free) *free = fitting<Size>(left);
  *total = fitting<Size>(limit);
  return result;
}

template <class Size>
CUresult tell_total(unsigned index, Size* total, CUdevice device) {
  const CUresult result = real(index, total, device);
  const int number = result == vgpu::cuda::CUDA_SUCCESS && has_quota() ? number_of(device) : -1;
  if (number >= 0) *total = fitting<Size>(ledger::limit(number));
  return result;
}

}  // namespace

VGPU_CUDA cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return tell_info(abi::k_cuMemGetInfo_v2, free, total);
}
VGPU_CUDA cuMemGetInfo(unsigned* free, unsigned* total) { return tell_info(abi::k_cuMemGetInfo, free, total); }
VGPU_CUDA cuDeviceTotalMem_v2(std::size_t* total, CUdevice device) {
  return tell_total(abi::k_cuDeviceTotalMem_v2, total, device);
}
VGPU_CUDA cuDeviceTotalMem(unsigned* total, CUdevice device) {
  return tell_total(abi::k_cuDeviceTotalMem, total, device);
}
