// posix_spawn and its kin. They answer the error number instead of setting errno.
#include "shims/exec/note.h"
#include "shims/exec/real.h"
#include "shims/propagate/raw.h"

#define VGPU_EXPORT extern "C" __attribute__((visibility("default")))

namespace vgpu::exec {
namespace {

using namespace propagate;

constexpr int kNotThere = 38;  // ENOSYS

using Spawn = int (*)(int*, const char*, const void*, const void*, Strings, Strings);

int spawn(ExecEntry entry, Spawn libc, bool search, bool descriptor, int* pid, const char* path, const void* actions,
          const void* attributes, Strings argv, Strings envp) {
  if (libc == nullptr) return kNotThere;
  Child child;
  child.entry = static_cast<unsigned char>(entry);
  child.path = path;
  child.argv = argv;
  child.envp = envp;
  child.search = search;
  child.elsewhere = actions != nullptr;
  const Plan plan = propagate::plan(child);
  const int noted = note_call(child, plan);
  const int error = start(child, plan, [&](Strings with) { return libc(pid, path, actions, attributes, argv, with); });
  if (error == 0 && pid != nullptr && !descriptor) note_pid(noted, *pid);
  return error;
}

// Before glibc 2.39 there is no pidfd_spawn, but programs may ask for it by dlsym and would find ours: made of
// posix_spawn and a descriptor of the child, which is not reaped before.
int spawn_descriptor(Spawn libc, Spawn plain, ExecEntry entry, bool search, int* descriptor, const char* path,
                     const void* actions, const void* attributes, Strings argv, Strings envp) {
  if (libc != nullptr) return spawn(entry, libc, search, true, descriptor, path, actions, attributes, argv, envp);
  int pid = 0;
  const int error = spawn(entry, plain, search, false, &pid, path, actions, attributes, argv, envp);
  if (error != 0) return error;
  const long opened = raw::call(SYS_pidfd_open, static_cast<long>(pid));
  if (opened < 0) return static_cast<int>(-opened);
  if (descriptor != nullptr) *descriptor = static_cast<int>(opened);
  return 0;
}

}  // namespace

VGPU_EXPORT int posix_spawn(int* pid, const char* path, const void* actions, const void* attributes, Strings argv,
                            Strings envp) {
  return spawn(ExecEntry::posix_spawn, real().posix_spawn, false, false, pid, path, actions, attributes, argv, envp);
}

VGPU_EXPORT int posix_spawnp(int* pid, const char* file, const void* actions, const void* attributes, Strings argv,
                             Strings envp) {
  return spawn(ExecEntry::posix_spawnp, real().posix_spawnp, true, false, pid, file, actions, attributes, argv, envp);
}

VGPU_EXPORT int pidfd_spawn(int* descriptor, const char* path, const void* actions, const void* attributes,
                            Strings argv, Strings envp) {
  return spawn_descriptor(real().pidfd_spawn, real().posix_spawn, ExecEntry::pidfd_spawn, false, descriptor, path,
                          actions, attributes, argv, envp);
}

VGPU_EXPORT int pidfd_spawnp(int* descriptor, const char* file, const void* actions, const void* attributes,
                             Strings argv, Strings envp) {
  return spawn_descriptor(real().pidfd_spawnp, real().posix_spawnp, ExecEntry::pidfd_spawnp, true, descriptor, file,
                          actions, attributes, argv, envp);
}

}  // namespace vgpu::exec
