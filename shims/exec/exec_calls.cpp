// The exec family. Each call becomes one to the function behind ours that takes an environment.
#include <fcntl.h>
#include <stdarg.h>

#include "shims/exec/note.h"
#include "shims/exec/real.h"
#include "shims/propagate/raw.h"

#define VGPU_EXPORT extern "C" __attribute__((visibility("default")))

namespace vgpu::exec {
namespace {

using namespace propagate;

template <class Call>
int exec(const Child& child, Call call) {
  const Plan plan = propagate::plan(child);
  const int noted = note_call(child, plan);
  if (noted >= 0) note_pid(noted, static_cast<int>(raw::call(SYS_getpid)));
  int result = -1;
  start(child, plan, [&](Strings envp) {
    result = call(envp);
    return result == -1 ? last_error() : 0;
  });
  return result;
}

int kernel_says(long result) { return result < 0 ? fail(static_cast<int>(-result)) : static_cast<int>(result); }

int exec_path(ExecEntry entry, const char* path, Strings argv, Strings envp) {
  const Real& libc = real();
  Child child;
  child.entry = static_cast<unsigned char>(entry);
  child.path = path;
  child.argv = argv;
  child.envp = envp;
  return exec(child, [&](Strings with) {
    if (libc.execve != nullptr) return libc.execve(path, argv, with);
    return kernel_says(raw::call(SYS_execve, path, reinterpret_cast<long>(argv), reinterpret_cast<long>(with)));
  });
}

int exec_search(ExecEntry entry, const char* file, Strings argv, Strings envp) {
  const Real& libc = real();
  if (libc.execvpe == nullptr) return fail(38 /* ENOSYS */);
  Child child;
  child.entry = static_cast<unsigned char>(entry);
  child.path = file;
  child.argv = argv;
  child.envp = envp;
  child.search = true;
  return exec(child, [&](Strings with) { return libc.execvpe(file, argv, with); });
}

int exec_at(int directory, const char* path, Strings argv, Strings envp, int flags) {
  const Real& libc = real();
  Child child;
  child.entry = static_cast<unsigned char>(ExecEntry::execveat);
  child.path = path;
  child.argv = argv;
  child.envp = envp;
  child.directory = directory;
  child.flags = flags;
  return exec(child, [&](Strings with) {
    if (libc.execveat != nullptr) return libc.execveat(directory, path, argv, with, flags);
    return kernel_says(raw::call(SYS_execveat, directory, reinterpret_cast<long>(path), reinterpret_cast<long>(argv),
                                 reinterpret_cast<long>(with), flags));
  });
}

int exec_descriptor(int descriptor, Strings argv, Strings envp) {
  const Real& libc = real();
  if (libc.fexecve == nullptr) return fail(38);
  // glibc answers EINVAL to a null pointer, so it has to see it.
  if (libc.glibc && (argv == nullptr || envp == nullptr)) return libc.fexecve(descriptor, argv, envp);
  Child child;
  child.entry = static_cast<unsigned char>(ExecEntry::fexecve);
  child.path = "";
  child.argv = argv;
  child.envp = envp;
  child.directory = descriptor;
  child.flags = AT_EMPTY_PATH;
  return exec(child, [&](Strings with) { return libc.fexecve(descriptor, argv, with); });
}

// How many arguments follow the first up to the null pointer, and those as an array.
size_t count(va_list arguments) {
  size_t number = 1;
  while (va_arg(arguments, char*) != nullptr) ++number;
  return number;
}

void gather(char** argv, const char* first, size_t number, va_list arguments) {
  argv[0] = const_cast<char*>(first);
  for (size_t i = 1; i <= number; ++i) argv[i] = va_arg(arguments, char*);  // the last is the null pointer
}

}  // namespace

VGPU_EXPORT int execve(const char* path, Strings argv, Strings envp) {
  return exec_path(ExecEntry::execve, path, argv, envp);
}

VGPU_EXPORT int execv(const char* path, Strings argv) {
  real();
  return exec_path(ExecEntry::execv, path, argv, environment());
}

VGPU_EXPORT int execvp(const char* file, Strings argv) {
  real();
  return exec_search(ExecEntry::execvp, file, argv, environment());
}

VGPU_EXPORT int execvpe(const char* file, Strings argv, Strings envp) {
  return exec_search(ExecEntry::execvpe, file, argv, envp);
}

VGPU_EXPORT int __execvpe(const char* file, Strings argv, Strings envp) {
  return exec_search(ExecEntry::execvpe, file, argv, envp);
}

VGPU_EXPORT int fexecve(int descriptor, Strings argv, Strings envp) { return exec_descriptor(descriptor, argv, envp); }

VGPU_EXPORT int execveat(int directory, const char* path, Strings argv, Strings envp, int flags) {
  return exec_at(directory, path, argv, envp, flags);
}

// The arrays of the execl functions are as large as the caller's argument list and stand on its stack, as libc's do.
#define VGPU_GATHER(first)                                                           \
  va_list arguments;                                                                 \
  va_start(arguments, first);                                                        \
  const size_t number = first == nullptr ? 0 : count(arguments);                     \
  va_end(arguments);                                                                 \
  auto** argv = static_cast<char**>(__builtin_alloca((number + 1) * sizeof(char*))); \
  va_start(arguments, first);                                                        \
  if (number == 0) argv[0] = nullptr;                                                \
  if (number != 0) gather(argv, first, number, arguments)

VGPU_EXPORT int execl(const char* path, const char* first, ...) {
  VGPU_GATHER(first);
  va_end(arguments);
  real();
  return exec_path(ExecEntry::execl, path, argv, environment());
}

VGPU_EXPORT int execlp(const char* file, const char* first, ...) {
  VGPU_GATHER(first);
  va_end(arguments);
  real();
  return exec_search(ExecEntry::execlp, file, argv, environment());
}

VGPU_EXPORT int execle(const char* path, const char* first, ...) {
  VGPU_GATHER(first);
  char* const* envp = va_arg(arguments, char* const*);
  va_end(arguments);
  return exec_path(ExecEntry::execle, path, argv, envp);
}

}  // namespace vgpu::exec
