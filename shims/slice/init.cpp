// cuInit: the driver's, and behind it the books. Without its session a process gets no device (VGPU_QUOTA).
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "shims/contract.h"
#include "shims/device/setting.h"
#include "shims/slice/quota.h"
#include "shims/slice/visible.h"

using namespace vgpu::slice;

namespace {

// Whose turn it is to change the environment. No mutex: it is held while the driver initialises, so that a child of fork
// may find it held by a thread that it does not have, and what the driver loads may call cuInit in the same thread.
class Turn {
 public:
  Turn() {
    const auto process = static_cast<std::uint64_t>(getpid()) << 32;
    const std::uint64_t me = process | static_cast<std::uint32_t>(syscall(SYS_gettid));
    for (std::uint64_t holder = 0;; usleep(200), holder = 0) {
      if (holder_.compare_exchange_strong(holder, me, std::memory_order_acq_rel)) break;
      if (holder == me) return;
      const bool of_parent = (holder ^ process) >> 32 != 0;
      if (of_parent && holder_.compare_exchange_strong(holder, me, std::memory_order_acq_rel)) break;
    }
    mine_ = true;
  }
  ~Turn() {
    if (mine_) holder_.store(0, std::memory_order_release);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static inline constinit std::atomic<std::uint64_t> holder_ = 0;
  bool mine_ = false;
};

// The driver reads the environment once, when it initialises; after that nobody waits for anybody.
CUresult initialise(unsigned flags) {
  static constinit std::atomic<bool> done = false;
  const char* visible = vgpu::setting(vgpu::contract::kVisible);
  if (done.load(std::memory_order_acquire) || visible == nullptr || *visible == '\0')
    return real(vgpu::abi::k_cuInit, flags);
  const Turn turn;
  const VisibleToDriver to_driver;
  if (!to_driver.told()) return vgpu::cuda::CUDA_ERROR_OUT_OF_MEMORY;
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
