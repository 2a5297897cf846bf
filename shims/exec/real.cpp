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

constinit Real found;
bool loaded;

template <class Function>
void find(const link_map* from, Function*& function, const char* name, uint32_t hash, bool hidden = false) {
  function = reinterpret_cast<Function*>(find_symbol(from, name, hash, hidden));
}

void load(int argc, char** argv, char** envp) {
  if (loaded) return;
  loaded = true;
  const Process process = look_at_process(argc, argv, envp);
  const link_map* ours = map_of(process.maps, _DYNAMIC);
  const link_map* next = ours != nullptr ? ours->l_next : nullptr;
#define FIND(name) find(next, found.name, #name, gnu_hash(#name))
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
#undef FIND
  find(next, found.posix_spawn_old, "posix_spawn", gnu_hash("posix_spawn"), true);
  find(next, found.posix_spawnp_old, "posix_spawnp", gnu_hash("posix_spawnp"), true);
  find(next, found.errno_location, "__errno_location", gnu_hash("__errno_location"));
  // The program may have a copy of its own (a copy relocation): the first of all, ours or not.
  found.environ = static_cast<char***>(find_symbol(process.maps, "environ", gnu_hash("environ")));
  found.glibc = find_symbol(next, "gnu_get_libc_version", gnu_hash("gnu_get_libc_version")) != nullptr;
  use_environ(found.environ);
  const bool active = capture(process.envp != nullptr ? process.envp : environment(), process.secure);
  note_loaded(active);
}

[[gnu::constructor]] void construct(int argc, char** argv, char** envp) { load(argc, argv, envp); }

}  // namespace

const Real& real() {
  if (!loaded) load(-1, nullptr, nullptr);
  return found;
}

}  // namespace vgpu::exec
