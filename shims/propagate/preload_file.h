// What scope "namespace" leaves in the comment of /etc/ld.so.preload (contract.h): the VGPU_ variables, for a process
// whose environment has none, because a static program emptied it or because it runs with AT_SECURE. The file decided
// already which code runs here, so its word counts in both. Free of any C library.
#pragma once

#include <stddef.h>

#include "shims/contract.h"
#include "shims/propagate/raw.h"
#include "shims/propagate/text.h"

namespace vgpu::propagate {

// Like an environment: "NAME=VALUE", null behind the last. The strings stay for good, in a mapping of the file.
struct PreloadFile {
  static constexpr unsigned kMost = 32;
  char* variables[kMost + 1] = {};
};

// Takes the first line apart, in place. Nothing where it is not ours.
inline void take_apart(char* bytes, size_t size, PreloadFile& file) {
  const Text mark = text(contract::kPreloadComment);
  if (!starts_with({bytes, size}, mark)) return;
  unsigned count = 0;
  char* from = nullptr;
  for (size_t i = mark.size; i < size; ++i) {
    const bool end = bytes[i] == '\n';
    if (!end && bytes[i] != '\t') continue;
    bytes[i] = '\0';
    if (from != nullptr && count < PreloadFile::kMost) file.variables[count++] = from;
    from = bytes + i + 1;
    if (end) break;
  }
  file.variables[count] = nullptr;
}

// errno stays: these are system calls, not libc's.
inline PreloadFile read_preload_file(const char* path = contract::kPreloadFile) {
  constexpr long kHere = -100;                 // AT_FDCWD
  constexpr long kReadOnlyClosing = 02000000;  // O_RDONLY | O_CLOEXEC
  constexpr long kEnd = 2;                     // SEEK_END
  PreloadFile file;
  const long fd = raw::call(SYS_openat, kHere, reinterpret_cast<long>(path), kReadOnlyClosing);
  if (fd < 0) return file;
  const long size = raw::call(SYS_lseek, fd, 0, kEnd);
  if (size > 0) {
    const long at = raw::call(raw::kMap, 0L, size, 3 /* read, write */, 2 /* private */, fd);
    if (static_cast<unsigned long>(at) <= static_cast<unsigned long>(-4096L))
      take_apart(reinterpret_cast<char*>(at), static_cast<size_t>(size), file);
  }
  raw::call(SYS_close, fd);
  return file;
}

// The value in an environment, null where it is not set.
inline const char* value_in(char* const* variables, const char* name) {
  const Text wanted = text(name);
  for (; variables != nullptr && *variables != nullptr; ++variables) {
    const char* at = *variables;
    size_t i = 0;
    while (i < wanted.size && at[i] == wanted.data[i]) ++i;
    if (i == wanted.size && at[i] == '=') return at + i + 1;
  }
  return nullptr;
}

}  // namespace vgpu::propagate
