// What the patching needs of the kernel, on top of propagate/raw.h. An answer is the kernel's: -errno when it
// failed.
#pragma once

#include <asm/unistd.h>

#include "shims/propagate/raw.h"

namespace vgpu::kernel {

inline constexpr long kLastError = -4095;  // what lies between it and -1 is an error, MAX_ERRNO in linux/err.h

inline bool failed(long answer) { return static_cast<unsigned long>(answer) >= static_cast<unsigned long>(kLastError); }

using propagate::raw::call;

inline long address(const volatile void* pointer) { return reinterpret_cast<long>(pointer); }

// Protections and flags of mmap (asm-generic/mman-common.h), spelled out: <sys/mman.h> is libc's.
inline constexpr long kRead = 1, kWrite = 2, kExecute = 4;
inline constexpr long kPrivate = 2, kAnonymous = 0x20, kNoReserve = 0x4000, kFixedNoReplace = 0x100000, kFixed = 0x10;

inline constexpr unsigned long kPage = 4096;  // x86-64

// A mapping, or null.
inline void* map(void* where, unsigned long size, long protection, long flags, long file = -1,
                 unsigned long offset = 0) {
  const long got =
      call(__NR_mmap, address(where), static_cast<long>(size), protection, flags, file, static_cast<long>(offset));
  return failed(got) ? nullptr : reinterpret_cast<void*>(got);
}

inline void unmap(void* where, unsigned long size) { call(__NR_munmap, address(where), static_cast<long>(size)); }

// For reading: O_RDONLY | O_CLOEXEC, from AT_FDCWD. A descriptor, or -errno.
inline long open(const char* path) { return call(__NR_openat, -100, address(path), 02000000); }
inline void close(long file) { call(__NR_close, file); }

}  // namespace vgpu::kernel
