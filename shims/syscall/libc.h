// What we need of the program's C library, glibc or musl, without being linked to it.
#pragma once

#include "shims/propagate/loader.h"

namespace vgpu::libc {

// The constructor calls it; a call of syscall() that comes earlier does it itself.
void find(const propagate::Process& process);

// Where environ is kept, null when there is none.
char*** environment();

// By way of the C library's errno; without a C library there is none to set.
void set_errno(int error);

}  // namespace vgpu::libc

extern "C" {
// The syscall() that the program would have without us: the next in look-up order. Null until found.
[[gnu::visibility("hidden")]] extern void* vgpu_syscall_next;
}
