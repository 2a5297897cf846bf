// The functions that stand behind ours in look-up order: libc's, or another preload's. A call goes through them, so
// everything but the environment is theirs: the search in PATH, the shell for what has no header, attributes, signals,
// cancellation, streams.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vgpu::exec {

using Strings = char* const*;

struct Real {
  int (*execve)(const char*, Strings, Strings);
  int (*execvpe)(const char*, Strings, Strings);
  int (*fexecve)(int, Strings, Strings);
  int (*execveat)(int, const char*, Strings, Strings, int);  // null before glibc 2.34 and in musl
  int (*posix_spawn)(int*, const char*, const void*, const void*, Strings, Strings);
  int (*posix_spawnp)(int*, const char*, const void*, const void*, Strings, Strings);
  int (*pidfd_spawn)(int*, const char*, const void*, const void*, Strings, Strings);  // null before glibc 2.39
  int (*pidfd_spawnp)(int*, const char*, const void*, const void*, Strings, Strings);
  int (*system)(const char*);
  void* (*popen)(const char*, const char*);
  int (*wordexp)(const char*, void*, int);
  // The handlers of a cancelled thread, as old programs register them: without a header, and in glibc and musl alike.
  void (*_pthread_cleanup_push)(void*, void (*)(void*), void*);
  void (*_pthread_cleanup_pop)(void*, int);
  int* (*errno_location)();
  char*** environ;
  bool glibc;
};

// Found by the first call, without a lock or dlsym: it reads the symbol tables of what the program started with.
const Real& real();

inline int fail(int error) {
  if (real().errno_location != nullptr) *real().errno_location() = error;
  return -1;
}
inline int last_error() { return real().errno_location != nullptr ? *real().errno_location() : 0; }
inline Strings environment() { return real().environ != nullptr ? *real().environ : nullptr; }

}  // namespace vgpu::exec
