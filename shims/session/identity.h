// Which process this is, in words that survive the reuse of its pid; and whether such a process is still there.
#pragma once

#include <cstdint>

namespace vgpu::session {

struct Identity {
  std::uint32_t pid;            // as its own namespace numbers it
  std::uint64_t start;          // clock ticks after boot, field 22 of /proc/PID/stat (proc(5)); 0 unknown
  std::uint64_t pid_namespace;  // inode of /proc/PID/ns/pid; 0 unknown
};

// Three short reads of /proc; what cannot be read stays 0.
Identity own_identity();

// The pid namespace of the caller, 0 unknown.
std::uint64_t own_pid_namespace();

// True only when it is certain that the process has ended: it was of the caller's pid namespace, and its pid is free,
// or a zombie's, or belongs to a process that started at another time. This is second-rate evidence (it does not see an
// exec, and nothing of other namespaces), for where the kernel's lock cannot be asked.
bool certainly_gone(const Identity& identity, std::uint64_t caller_namespace);

}  // namespace vgpu::session
