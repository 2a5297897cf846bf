// What the launcher says to the shims (contract.h): in the environment, or, with scope "namespace", in a file for a
// process that has none of it.
#pragma once

#include <stdlib.h>

#include <atomic>

#include "shims/contract.h"
#include "shims/propagate/preload_file.h"

namespace vgpu {

// The value, or null. A set-user-ID program takes none from its caller's environment; the file is not the caller's.
inline const char* setting(const char* name) {
  // secure_getenv: GLIBC_2.17.
  if (const char* value = secure_getenv(name)) return value;
  // An environment that a launch has made says what it says: what is absent is the default.
  if (secure_getenv(contract::kPreload) != nullptr) return nullptr;
  // Read once. Who comes while another thread reads (or died reading, in the parent of a fork) reads for itself: no
  // lock.
  static constinit propagate::PreloadFile file = {};
  static constinit std::atomic<int> state = 0;  // 1: being read, 2: known
  int expected = 0;
  if (state.compare_exchange_strong(expected, 1, std::memory_order_acq_rel)) {
    file = propagate::read_preload_file();
    state.store(2, std::memory_order_release);
  } else if (expected == 1) {
    const propagate::PreloadFile mine = propagate::read_preload_file();
    return propagate::value_in(mine.variables, name);
  }
  return propagate::value_in(file.variables, name);
}

}  // namespace vgpu
