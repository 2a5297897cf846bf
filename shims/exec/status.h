// What libvgpu-exec has done in a process: the exported symbol `vgpu_exec_status`, read by others through
// /proc/PID/mem. Plain data of fixed size, the same for 32 and 64 bits, written without locks: a reader may see an
// entry half written.
//
// What a fork child records is gone with its exec; what a vfork child or posix_spawn records stays with the parent.
#pragma once

#include <stdint.h>

namespace vgpu {

enum class ExecEntry : uint8_t {
  execve,
  execv,
  execvp,
  execvpe,
  execl,
  execlp,
  execle,
  fexecve,
  execveat,
  posix_spawn,
  posix_spawnp,
  pidfd_spawn,
  pidfd_spawnp,
  system,
  popen,
  wordexp,
  count
};

// A child that did not get all the shims.
struct UnshimmedChild {
  uint32_t pid;    // 0: not known
  uint8_t reason;  // a Reason of shims/propagate/reason.h; 0: the entry is empty
  uint8_t entry;   // an ExecEntry
  char name[26];   // the end of the path it was started by, closed by a 0
};

struct ExecStatus {
  static constexpr uint32_t kMagic = 0x45555056;  // "VPUE" in memory
  static constexpr uint32_t kVersion = 1;
  static constexpr unsigned kRing = 16;

  uint32_t magic;
  uint32_t version;
  uint32_t size;       // of this structure
  uint32_t active;     // 1: there are shims to carry
  uint32_t calls[32];  // by ExecEntry
  uint32_t unshimmed;  // children in the ring so far; the next one goes into ring[unshimmed % kRing]
  uint32_t reserved;
  UnshimmedChild ring[kRing];
};
static_assert(sizeof(UnshimmedChild) == 32 && sizeof(ExecStatus) == 16 + 128 + 8 + 16 * 32);

}  // namespace vgpu
