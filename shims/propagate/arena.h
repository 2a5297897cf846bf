// Memory for one environment that is too large for the stack, without malloc: mapped, and remembered by the thread.
//
// In a vfork child the thread pointer is the suspended parent thread's, and a mapping made there stays in the parent
// when the child execs. So the thread remembers its mapping, and its next call uses it again: at most one is ever left
// over.
#pragma once

#include <stddef.h>

namespace vgpu::propagate {

class Arena {
 public:
  explicit Arena(size_t size);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  void* memory() const { return memory_; }  // null: there is none

 private:
  void* memory_ = nullptr;
  size_t size_ = 0;
  bool of_thread_ = false;
};

}  // namespace vgpu::propagate
