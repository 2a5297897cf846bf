#include "shims/syscall/libc.h"

#include "shims/syscall/kernel.h"

constinit void* vgpu_syscall_next = nullptr;

namespace vgpu::libc {
namespace {

using propagate::find_symbol;
using propagate::gnu_hash;
using ErrnoLocation = int*();

constinit ErrnoLocation* errno_location = nullptr;
constinit char*** environ_address = nullptr;

// Where there is no C library to be found. It cannot set errno.
long bare_syscall(long number, long a, long b, long c, long d, long e, long f) {
  const long answer = kernel::call(number, a, b, c, d, e, f);
  return kernel::failed(answer) ? -1 : answer;
}

}  // namespace

void find(const propagate::Process& process) {
  const link_map* ours = propagate::map_of(process.maps, _DYNAMIC);
  const link_map* behind = ours != nullptr ? ours->l_next : nullptr;
  errno_location =
      reinterpret_cast<ErrnoLocation*>(find_symbol(behind, "__errno_location", gnu_hash("__errno_location")));
  // The program may have a copy of its own (a copy relocation): the first of all.
  environ_address = static_cast<char***>(find_symbol(process.maps, "environ", gnu_hash("environ")));
  void* next = find_symbol(behind, "syscall", gnu_hash("syscall"));
  if (next == nullptr) next = reinterpret_cast<void*>(&bare_syscall);
  __atomic_store_n(&vgpu_syscall_next, next, __ATOMIC_RELEASE);
}

char*** environment() { return environ_address; }

void set_errno(int error) {
  if (errno_location != nullptr) *errno_location() = error;
}

// For entry.cpp: what another library's constructor calls before ours has run.
extern "C" [[gnu::visibility("hidden")]] void* vgpu_syscall_find_next() {
  find(propagate::look_at_process(-1, nullptr, nullptr));
  return vgpu_syscall_next;
}

}  // namespace vgpu::libc
