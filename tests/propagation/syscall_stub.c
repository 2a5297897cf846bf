// usage: syscall_stub CHILD Not a Go program, but one with Go's function for system calls, by its name and byte for
// byte: what VGPU_SYSCALL is for. It execs CHILD with an empty environment. Only addresses close to the other
// functions' are near enough for a jump.
#include <stddef.h>
#include <stdint.h>

__asm__(
    ".text\n.p2align 5\n"
    ".type \"internal/runtime/syscall.Syscall6\", @function\n"
    "\"internal/runtime/syscall.Syscall6\":\n"
    "  .byte 0x49, 0x89, 0xf2, 0x48, 0x89, 0xfa, 0x48, 0x89, 0xce, 0x48, 0x89, 0xdf, 0x0f, 0x05, 0x48, 0x3d, 0x01, "
    "0xf0\n"
    "  .byte 0xff, 0xff, 0x76, 0x15, 0x48, 0xf7, 0xd8, 0x48, 0x89, 0xc1, 0x48, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff, "
    "0x48\n"
    "  .byte 0xc7, 0xc3, 0x00, 0x00, 0x00, 0x00, 0xc3, 0x48, 0x89, 0xd3, 0x48, 0xc7, 0xc1, 0x00, 0x00, 0x00, 0x00, "
    "0xc3\n"
    ".size \"internal/runtime/syscall.Syscall6\", . - \"internal/runtime/syscall.Syscall6\"\n");

// Go's calling convention, and everything that a system call leaves alone: it must be left alone by us too.
static long call(long number, const void* a, const void* b, const void* c, int* intact) {
  long answer, error, second;
  int all = 0;  // in memory: without optimisation there is no register left for an address
  register long r8 __asm__("r8") = 0x8888;
  register long r9 __asm__("r9") = 0x9999;
  register double vector __asm__("xmm15") = 15.5;
  __asm__ volatile(
      "mov $0x1212, %%r12\n\tmov $0x1313, %%r13\n\tmov $0x1414, %%r14\n\tmov $0x1515, %%r15\n\t"
      "call \"internal/runtime/syscall.Syscall6\"\n\t"
      "cmp $0x1212, %%r12\n\tjne 1f\n\tcmp $0x1313, %%r13\n\tjne 1f\n\tcmp $0x1414, %%r14\n\tjne 1f\n\t"
      "cmp $0x1515, %%r15\n\tjne 1f\n\tcmp $0x8888, %%r8\n\tjne 1f\n\tcmp $0x9999, %%r9\n\tjne 1f\n\t"
      "movl $1, %[all]\n\t1:"
      : "=a"(answer), "=b"(second), "=c"(error), "+r"(r8), "+r"(r9), "+x"(vector), [all] "+m"(all)
      : "a"(number), "b"(a), "c"(b), "D"(c), "S"(0L)
      : "rdx", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
  *intact = all && vector == 15.5;
  return answer == -1 ? -error : answer;
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  int intact;
  char* none[] = {NULL};
  if (call(39 /* getpid */, NULL, NULL, NULL, &intact) <= 0 || !intact) return 3;
  if (call(59, "/nonexistent", argv + 1, none, &intact) != -2 || !intact) return 4;
  call(59, argv[1], argv + 1, none, &intact);
  return 5;
}
