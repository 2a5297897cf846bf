// Every failure that the launcher can report, and every exit status of its programs. The names are stable: they stand
// in the Plan's JSON and in the documentation.
#pragma once

#include <string_view>

namespace vgpu::plan {

enum class Code {
  // the command line
  usage,
  // manifests
  manifest_unreadable,
  manifest_syntax,   // not JSON
  manifest_invalid,  // JSON, but not a manifest
  manifest_too_large,
  manifest_untrusted,  // writable by others, or owned by somebody else, and we are root
  manifest_conflict,   // the same name twice in one file, two shims for one role, ...
  unknown_profile,
  unknown_shim,
  requirement_unmet,  // a shim requires a role that nothing selected provides
  order_cycle,
  // the device
  device_unknown,
  device_invalid,
  driver_missing,  // --passthrough, and there is no driver
  driver_broken,   // half of one: device node without library, or the other way round
  scope_unavailable,
  session_unavailable,  // nowhere to put the session's file
  // the environment
  path_not_carriable,    // holds ':', ' ' or a newline: LD_PRELOAD has no escaping
  environment_too_long,  // a string over MAX_ARG_STRLEN
  // shims, preflight
  shim_missing,
  shim_is_directory,
  shim_unreadable,
  shim_untrusted,
  shim_not_elf,
  shim_not_shared_object,
  shim_wrong_class,
  shim_wrong_machine,
  shim_wrong_libc,
  shim_needs_library,  // a DT_NEEDED that cannot be resolved
  shim_needs_newer_glibc,
  shim_lacks_soname,
  shim_lacks_version,
  shim_noexec_mount,
  // targets, preflight
  target_missing,
  target_not_executable,
  target_unreadable,  // may be executed but not read: nothing is known about it, warning
  target_is_directory,
  target_invalid,  // an ELF or script header that cannot be right
  target_static,
  target_static_cudart,  // libcudart is linked in statically: warning
  target_other_libc,
  target_wrong_class,
  target_wrong_machine,
  target_secure,  // set-user-ID, set-group-ID or file capabilities: AT_SECURE
  target_interpreter_missing,
  target_script_loop,  // more levels of #! than the kernel follows
  target_noexec_mount,
  // ourselves
  exec_failed,
  internal,
};

// "shim-needs-newer-glibc"
std::string_view name(Code code);

// env(1), and POSIX for the shells: what a command's own status cannot be mistaken for.
enum class ExitStatus : int {
  ok = 0,
  does_not_hold = 1,
  cannot_tell = 2,
  own_failure = 125,
  not_executable = 126,
  not_found = 127
};

}  // namespace vgpu::plan
