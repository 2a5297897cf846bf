// An exec on its way to the kernel, with the shims put back into its environment.
#include <asm/unistd.h>

#include "shims/propagate/propagate.h"
#include "shims/propagate/text.h"
#include "shims/syscall/kernel.h"
#include "shims/syscall/libc.h"
#include "shims/syscall/stacks.h"
#include "shims/syscall/status.h"

namespace vgpu::propagate {
const char kLibrary[] = "libvgpu-syscall";
}

namespace vgpu::redirect {
namespace {

// As entry.cpp leaves it on the stack.
struct Registers {
  long rdi, rsi, rdx, r10, r8, r9, rax, rcx;
};

struct Exec {
  long number;  // __NR_execve or __NR_execveat
  long arguments[5];

  char* const* environment() const { return reinterpret_cast<char* const*>(arguments[number == __NR_execve ? 2 : 3]); }
  propagate::Child child() const {
    propagate::Child child;
    const long* rest = arguments;
    if (number == __NR_execveat) {
      child.directory = static_cast<int>(*rest++);
      child.flags = static_cast<int>(arguments[4]);
    }
    child.path = reinterpret_cast<const char*>(rest[0]);
    child.argv = reinterpret_cast<char* const*>(rest[1]);
    child.envp = environment();
    child.entry = static_cast<uint8_t>(number == __NR_execve ? ExecEntry::execve : ExecEntry::execveat);
    return child;
  }
  // The kernel's answer; none when it worked.
  long with(char* const* envp) const {
    const long e = kernel::address(envp);
    return number == __NR_execve ? kernel::call(number, arguments[0], arguments[1], e)
                                 : kernel::call(number, arguments[0], arguments[1], arguments[2], e, arguments[4]);
  }
};

uint64_t count(uint64_t& counter) { return __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED); }

// For those who ask later why a child has no shims. In a vfork child this is the parent's memory, and stays.
void note(const propagate::Child& child, propagate::Reason reason) {
  if (reason == propagate::Reason::none) return;
  Status& status = vgpu_syscall_own_status;
  UnshimmedChild& entry = status.ring[count(status.unshimmed) % Status::kRing];
  entry.pid = static_cast<uint32_t>(kernel::call(__NR_getpid));
  entry.reason = static_cast<uint8_t>(reason);
  entry.entry = child.entry;
  const propagate::Text path = child.path != nullptr ? propagate::text(child.path) : propagate::Text{};
  const size_t from = path.size < sizeof entry.name ? 0 : path.size - sizeof entry.name + 1;
  for (size_t i = from; i < path.size; ++i) entry.name[i - from] = path.data[i];
  entry.name[path.size - from] = '\0';
}

}  // namespace

extern "C" [[gnu::visibility("hidden")]] long vgpu_syscall_exec_on(const Registers* at, Stack* stack) {
  const Lease lease(*stack);
  const Exec exec = {at->rax, {at->rdi, at->rsi, at->rdx, at->r10, at->r8}};
  const propagate::Child child = exec.child();
  const propagate::Plan plan = propagate::plan(child);
  note(child, plan.reason);
  char* const* envp = child.envp;
  if (plan.changed) {
    const size_t pointers = plan.pointers * sizeof(char*);
    auto* room = static_cast<char**>(room_on(*stack, pointers + plan.bytes));
    if (room != nullptr) {
      propagate::write(child, plan, room, reinterpret_cast<char*>(room) + pointers);
      envp = room;
    } else {
      propagate::log(0, "no memory for the environment of a child, started without the shims");
      note(child, propagate::Reason::no_memory);
    }
  }
  long answer = exec.with(envp);
  if (answer == -propagate::kTooBig && envp != child.envp) {
    if (propagate::fits(child.argv, child.envp)) {
      propagate::log(0, child.path, ": too big with the shims' variables, started without them");
      note(child, propagate::Reason::too_big);
    }
    answer = exec.with(child.envp);
  }
  count(vgpu_syscall_own_status.failed);
  return answer;
}

// syscall(SYS_execve, path, argv, envp), syscall(SYS_execveat, directory, path, argv, envp, flags): on the
// caller's own stack, which is a C program's.
extern "C" [[gnu::visibility("hidden")]] long vgpu_syscall_exec_of_libc(long number, long a, long b, long c, long d,
                                                                        long e) {
  count(vgpu_syscall_own_status.by_libc);
  const Exec exec = {number, {a, b, c, d, e}};
  const propagate::Child child = exec.child();
  const propagate::Plan plan = propagate::plan(child);
  note(child, plan.reason);
  const int error =
      propagate::start(child, plan, [&](char* const* envp) { return static_cast<int>(-exec.with(envp)); });
  libc::set_errno(error);
  return -1;
}

}  // namespace vgpu::redirect

void vgpu::propagate::note_instead(const Child& child, Reason reason) { vgpu::redirect::note(child, reason); }
