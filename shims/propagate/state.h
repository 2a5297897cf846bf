// What is carried into children, captured when the library was loaded.
#pragma once

#include "shims/propagate/propagate.h"
#include "shims/propagate/text.h"

namespace vgpu::propagate {

inline constexpr unsigned kMostCarried = 32;  // VGPU_ variables; more are not ours
static_assert(kMostCarried <= 8 * sizeof Plan::missing);

struct Carried {
  Text variable;            // "VGPU_PRELOAD=/a:/b", with a terminating 0 behind it
  size_t name = 0;          // bytes up to the '='
  bool structural = false;  // must agree with what is put back, so the child's own value does not count
};

struct State {
  bool active = false;
  bool inherit = false;  // VGPU_SCOPE=inherit: nothing but the environment
  Text preload;          // the lists of contract.h
  Text preload_first;
  Text library_path;
  Text library_path_last;
  Text preload_32;  // the libvgpu-exec of 32-bit children, beside the 64-bit one
  Text children;    // the manifest's rules
  int log_level = 0;
  unsigned carried_count = 0;
  Carried carried[kMostCarried] = {};
  char*** environ = nullptr;
};

extern State state;

// The carried variable that `entry` ("NAME=value") sets, or -1.
int carried_index(const char* entry);

}  // namespace vgpu::propagate
