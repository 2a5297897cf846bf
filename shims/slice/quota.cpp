#include "shims/slice/quota.h"

#include <atomic>

#include "shims/session/settings.h"

namespace vgpu::slice {

bool has_quota() {
  static constinit std::atomic<int> state = 0;  // 1: none, 2: one
  int known = state.load(std::memory_order_relaxed);
  if (known == 0) {
    known = session::session_path() != nullptr || session::memory_limits() != nullptr ? 2 : 1;
    state.store(known, std::memory_order_relaxed);
  }
  return known == 2;
}

}  // namespace vgpu::slice
