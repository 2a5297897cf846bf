// cuInit: the driver's, and behind it the books. Without its session a process gets no device (VGPU_QUOTA).
#include <atomic>

#include "shims/device/lock.h"
#include "shims/slice/quota.h"
#include "shims/slice/visible.h"

using namespace vgpu::slice;

namespace {

// The driver reads the environment once, when it initialises; after that nobody waits for anybody.
CUresult initialise(unsigned flags) {
  static constinit vgpu::device::Mutex one_at_a_time;
  static constinit std::atomic<bool> done = false;
  if (done.load(std::memory_order_acquire)) return real(vgpu::abi::k_cuInit, flags);
  const vgpu::device::Guard guard(one_at_a_time);
  const VisibleToDriver visible;
  const CUresult result = real(vgpu::abi::k_cuInit, flags);
  if (result == vgpu::cuda::CUDA_SUCCESS) done.store(true, std::memory_order_release);
  return result;
}

}  // namespace

VGPU_CUDA cuInit(unsigned flags) {
  const CUresult result = initialise(flags);
  if (result != vgpu::cuda::CUDA_SUCCESS || !has_quota()) return result;
  return learn_devices() && vgpu::device::ledger::join() ? result : vgpu::cuda::CUDA_ERROR_OPERATING_SYSTEM;
}
