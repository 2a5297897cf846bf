#include "shims/exec/real.h"

#include "shims/exec/note.h"
#include "shims/propagate/loader.h"
#include "shims/propagate/propagate.h"

namespace vgpu::propagate {
const char kLibrary[] = "libvgpu-exec";
}

namespace vgpu::exec {
namespace {

using namespace propagate;

using Environment = char* const*;

constinit Real found = {};
const link_map* maps;
bool captured_once, resolved;

// A look at the environment, nothing more: most processes never start a child, and the pages of libc's symbol tables
// cost more than all the rest.
void capture_once(int argc, char** argv, char** envp) {
  if (captured_once) return;
  captured_once = true;
  const Process process = look_at_process(argc, argv, envp);
  maps = process.maps;
  Environment initial = process.envp;
  if (initial == nullptr) {  // musl
    auto* environ = static_cast<Environment*>(find_symbol(maps, nullptr, "environ", gnu_hash("environ")));
    if (environ != nullptr) initial = *environ;
  }
  note_loaded(capture(initial, process.secure));
}

[[gnu::constructor]] void construct(int argc, char** argv, char** envp) { capture_once(argc, argv, envp); }

// The first call looks the functions up. Only objects up to libc are walked: they were there at the start, so a dlopen
// of another thread does not matter, and two threads that do it at once find the same.
void resolve() {
  capture_once(-1, nullptr, nullptr);
  const link_map* ours = map_of(maps, _DYNAMIC);
  const link_map* next = ours != nullptr ? ours->l_next : nullptr;
  const link_map* libc = map_with(next, "__errno_location", gnu_hash("__errno_location"));
#define FIND(name) found.name = reinterpret_cast<decltype(found.name)>(find_symbol(next, libc, #name, gnu_hash(#name)))
  FIND(execve);
  FIND(execvpe);
  FIND(fexecve);
  FIND(execveat);
  FIND(posix_spawn);
  FIND(posix_spawnp);
  FIND(pidfd_spawn);
  FIND(pidfd_spawnp);
  FIND(system);
  FIND(popen);
  FIND(wordexp);
  FIND(_pthread_cleanup_push);
  FIND(_pthread_cleanup_pop);
#undef FIND
  found.errno_location =
      reinterpret_cast<int* (*)()>(find_symbol(libc, libc, "__errno_location", gnu_hash("__errno_location")));
  found.glibc = find_symbol(libc, libc, "gnu_get_libc_version", gnu_hash("gnu_get_libc_version")) != nullptr;
  // The program may have a copy of its own (a copy relocation): the first of all counts, in front of us or not.
  found.environ = static_cast<char***>(find_symbol(maps, libc, "environ", gnu_hash("environ")));
  use_environ(found.environ);
  __atomic_store_n(&resolved, true, __ATOMIC_RELEASE);
}

}  // namespace

const Real& real() {
  if (!__atomic_load_n(&resolved, __ATOMIC_ACQUIRE)) resolve();
  return found;
}

}  // namespace vgpu::exec
