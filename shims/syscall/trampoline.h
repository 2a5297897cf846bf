// The page that a redirected stub jumps to: what the jump displaced, the question whether this is an exec,
// and back.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "shims/syscall/stub.h"

namespace vgpu::redirect {

inline constexpr size_t kJump = 5;

// Fits "jmp to" at `from`. False: further than 2 GiB.
bool encode_jump(uint8_t* into, uint64_t from, uint64_t to);

// Writes the trampoline of the stub at `place` as it will run at `home`. Returns its length, 0 when `home` is
// too far.
//
// At `entry`, for execve and execveat only, everything is as the SYSCALL instruction would have it: number
// and arguments where the kernel wants them, RCX where to go on, R11 of no meaning. All other numbers run the
// stub's own SYSCALL.
size_t write_trampoline(uint8_t* into, uint64_t home, const Stub& stub, uint64_t place, uint64_t entry);

}  // namespace vgpu::redirect
