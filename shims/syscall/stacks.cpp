#include "shims/syscall/stacks.h"

#include "shims/syscall/kernel.h"

extern "C" {
// For entry.cpp.
[[gnu::visibility("hidden")]] constinit vgpu::redirect::Stack vgpu_syscall_stacks[vgpu::redirect::kStackCount] = {};
}

namespace vgpu::redirect {
namespace {

constexpr long kGetTidAddress = 40;  // PR_GET_TID_ADDRESS, since Linux 3.5 with CONFIG_CHECKPOINT_RESTORE

bool get_tid_address(long& address) {
  return !kernel::failed(kernel::call(__NR_prctl, kGetTidAddress, kernel::address(&address)));
}

uint64_t thread_pointer() {
  uint64_t pointer;
  asm("mov %%fs:0, %0" : "=r"(pointer));
  return pointer;
}

}  // namespace

bool make_stacks() {
  void* memory = kernel::map(nullptr, kStackCount * kStackSize, kernel::kRead | kernel::kWrite,
                             kernel::kPrivate | kernel::kAnonymous | kernel::kNoReserve);
  if (memory == nullptr) return false;
  auto* top = static_cast<uint8_t*>(memory);
  for (Stack& stack : vgpu_syscall_stacks) stack.top = top += kStackSize;
  return true;
}

void free_stacks() { kernel::unmap(vgpu_syscall_stacks[0].top - kStackSize, kStackCount * kStackSize); }

void* room_on(Stack& stack, size_t size) {
  if (size <= kStackSize / 2) return stack.top - kStackSize;
  if (size <= stack.large_size) return stack.large;
  if (stack.large != nullptr) kernel::unmap(stack.large, stack.large_size);
  stack.large_size = (size + kernel::kPage - 1) & ~(kernel::kPage - 1);
  stack.large = static_cast<uint8_t*>(
      kernel::map(nullptr, stack.large_size, kernel::kRead | kernel::kWrite, kernel::kPrivate | kernel::kAnonymous));
  if (stack.large == nullptr) stack.large_size = 0;
  return stack.large;
}

Lease::Lease(Stack& stack) : stack_(stack) {
  if (get_tid_address(before_)) {
    by_kernel_ = true;
    kernel::call(__NR_set_tid_address, kernel::address(&stack.taken));
    return;
  }
  // A kernel that does not tell what it would clear must not be told anything else. Then a thread's stack is
  // released by its next exec: the vfork child that took it is gone by then, because a thread waits for its
  // vfork child.
  const uint64_t thread = thread_pointer();
  for (Stack& other : vgpu_syscall_stacks) {
    if (&other == &stack || __atomic_load_n(&other.thread, __ATOMIC_RELAXED) != thread) continue;
    __atomic_store_n(&other.thread, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&other.taken, 0, __ATOMIC_RELEASE);
  }
  __atomic_store_n(&stack.thread, thread, __ATOMIC_RELAXED);
}

Lease::~Lease() {
  if (by_kernel_) {
    kernel::call(__NR_set_tid_address, before_);
  } else {
    __atomic_store_n(&stack_.thread, 0, __ATOMIC_RELAXED);
  }
}

}  // namespace vgpu::redirect
