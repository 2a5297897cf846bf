// System calls without a C library: the result as the kernel gives it, a negative error number when it failed.
#pragma once

#include <stddef.h>
#include <sys/syscall.h>

namespace vgpu::propagate::raw {

#if defined(__x86_64__)
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
inline constexpr long kMap = SYS_mmap;
inline constexpr long kStat = SYS_newfstatat;
#elif defined(__i386__)
// ebx belongs to position-independent code in old compilers, ebp to the frame: the six go through memory.
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  const long arguments[] = {a, b, c, d, e, f};
  long result;
  __asm__ volatile(
      "push %%ebx\n\tpush %%ebp\n\tpush %%edi\n\tpush %%esi\n\t"
      "mov (%%ecx), %%ebx\n\tmov 8(%%ecx), %%edx\n\tmov 12(%%ecx), %%esi\n\tmov 16(%%ecx), %%edi\n\t"
      "mov 20(%%ecx), %%ebp\n\tmov 4(%%ecx), %%ecx\n\t"
      "int $0x80\n\t"
      "pop %%esi\n\tpop %%edi\n\tpop %%ebp\n\tpop %%ebx"
      : "=a"(result)
      : "a"(number), "c"(arguments)
      : "edx", "memory", "cc");
  return result;
}
inline constexpr long kMap = SYS_mmap2;
inline constexpr long kStat = SYS_fstatat64;
#else
#error "libvgpu-exec knows the system calls of x86-64 and i386"
#endif

inline long call(long number, const void* a, long b = 0, long c = 0, long d = 0, long e = 0) {
  return call(number, reinterpret_cast<long>(a), b, c, d, e);
}

inline void* map(size_t size) {
  const long at = call(kMap, 0L, static_cast<long>(size), 3 /* read, write */, 0x22 /* private, anonymous */, -1);
  return static_cast<unsigned long>(at) > static_cast<unsigned long>(-4096L) ? nullptr : reinterpret_cast<void*>(at);
}

inline void unmap(void* at, size_t size) { call(SYS_munmap, at, static_cast<long>(size)); }

}  // namespace vgpu::propagate::raw
