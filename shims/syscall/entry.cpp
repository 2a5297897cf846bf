// Where a redirected stub's execs arrive, and where libc's callers of syscall() do. In assembly, because the
// first has no stack and may not change a register, and the second passes on arguments that only the caller
// counts.
#include <asm/unistd.h>

#include "shims/syscall/stacks.h"
#include "shims/syscall/status.h"

static_assert(sizeof(vgpu::redirect::Stack) == 64 && offsetof(vgpu::redirect::Stack, top) == 8 &&
              offsetof(vgpu::redirect::Stack, caller) == 16 && offsetof(vgpu::redirect::Stack, taken) == 0);
static_assert(offsetof(vgpu::redirect::Status, taken) == 112 && offsetof(vgpu::redirect::Status, passed_by) == 120);
static_assert(__NR_execve == 59 && __NR_execveat == 322 && vgpu::redirect::kStackCount == 256);

// In:  registers as at a SYSCALL instruction, RCX where it would go on, R11 free. Not one byte of the stack
// is touched. Out: as after a SYSCALL instruction.
asm(R"(
  .text
  .p2align 4
  .globl vgpu_syscall_entry
  .hidden vgpu_syscall_entry
  .type vgpu_syscall_entry, @function
vgpu_syscall_entry:
  lock incq vgpu_syscall_own_status + 112(%rip)
  lea   vgpu_syscall_stacks(%rip), %r11
1:
  lock btsl $0, (%r11)              # the only way to claim that needs no second register
  jnc   2f
  add   $64, %r11
  cmp   vgpu_syscall_stacks_end(%rip), %r11
  jb    1b
  lock incq vgpu_syscall_own_status + 120(%rip)
  sub   $2, %rcx                    # all are in use: the program's own SYSCALL, as if we were not there
  jmp   *%rcx
2:
  mov   %rsp, 16(%r11)
  mov   8(%r11), %rsp
  push  %r11
  push  %rcx
  push  %rax
  push  %r9
  push  %r8
  push  %r10
  push  %rdx
  push  %rsi
  push  %rdi
  sub   $520, %rsp
  fxsave64 (%rsp)                   # the kernel keeps the vector registers, so we must
  cld
  lea   520(%rsp), %rdi
  mov   %r11, %rsi
  call  vgpu_syscall_exec_on
  fxrstor64 (%rsp)
  add   $520, %rsp
  pop   %rdi
  pop   %rsi
  pop   %rdx
  pop   %r10
  pop   %r8
  pop   %r9
  lea   8(%rsp), %rsp               # RAX is the answer
  pop   %rcx
  pop   %r11
  mov   16(%r11), %rsp
  movl  $0, (%r11)                  # behind this line the stack may be somebody else's
  jmp   *%rcx
  .size vgpu_syscall_entry, . - vgpu_syscall_entry

  .section .data.rel.ro.vgpu_syscall, "aw", @progbits
  .p2align 3
vgpu_syscall_stacks_end:
  .quad vgpu_syscall_stacks + 256 * 64
  .text
)");

// long syscall(long number, ...): all but an exec goes on to the libc's, with every argument where it was.
asm(R"(
  .text
  .p2align 4
  .globl syscall
  .type syscall, @function
syscall:
  cmp   $59, %rdi
  je    vgpu_syscall_exec_of_libc
  cmp   $322, %rdi
  je    vgpu_syscall_exec_of_libc
  mov   vgpu_syscall_next(%rip), %r11
  test  %r11, %r11
  je    1f
  jmp   *%r11
1:
  push  %rdi                        # called before our constructor
  push  %rsi
  push  %rdx
  push  %rcx
  push  %r8
  push  %r9
  sub   $8, %rsp
  call  vgpu_syscall_find_next
  mov   %rax, %r11
  add   $8, %rsp
  pop   %r9
  pop   %r8
  pop   %rcx
  pop   %rdx
  pop   %rsi
  pop   %rdi
  jmp   *%r11
  .size syscall, . - syscall
)");
