// Stacks for execs that come through a redirected stub. A goroutine's stack has no room to spare, and in a
// vfork child many run at once in one memory: each exec in flight has one of these for itself.
//
// Who execs successfully in a vfork child never comes back to release its stack, and who is killed there
// neither. So the kernel does it: set_tid_address(2) makes it write 0 to a word of ours when the child leaves
// this memory, whichever way.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vgpu::redirect {

// The assembly code in entry.cpp knows the offsets.
struct alignas(64) Stack {
  uint32_t taken;  // 0: free. Where the kernel writes
  uint32_t unused;
  uint8_t* top;     // where it begins, growing downwards
  uint8_t* caller;  // the caller's stack pointer meanwhile
  uint64_t thread;  // thread pointer of who took it, where the kernel does not release it
  uint8_t* large;   // memory for an environment that does not fit on it; stays with the stack
  size_t large_size;
};

inline constexpr size_t kStackSize = 64 * 1024;
inline constexpr size_t kStackCount = 256;  // 16 MiB of addresses; only what is touched becomes memory

bool make_stacks();
void free_stacks();

// Memory of `stack` for `size` bytes: in the half of it that the code leaves alone, or mapped. Null: there is
// none.
void* room_on(Stack& stack, size_t size);

// While it lives, the kernel releases the stack when this thread leaves the process's memory. A thread that
// is killed in the few instructions before or after takes one of the stacks with it.
class Lease {
 public:
  explicit Lease(Stack& stack);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

 private:
  Stack& stack_;
  bool by_kernel_ = false;
  long before_ = 0;  // what the kernel would have cleared: pthread_join waits for it
};

}  // namespace vgpu::redirect
