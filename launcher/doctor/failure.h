// What only doctor looks for. Together with plan::Code and systemd::Fault these are the ids of the catalogue;
// the names are stable.
#pragma once

#include <string_view>

namespace vgpu::doctor {

enum class Failure {
  // the program dies
  symbol_undefined,
  sanitizer_not_first,
  // nothing of the shims reaches it
  target_in_snap,
  target_in_flatpak,
  preload_replaced,
  preload_not_loaded,
  apparmor_confined,
  selinux_confined,
  shim_executable_stack,
  // they do, and something else answers, too
  shim_shadowed,
  shim_bypassed,
  shim_loaded_twice,
  rpath_shadows_shim,
  preload_file_conflict,
  // they answer, and it is of no use
  driver_too_old,
  ollama_directory_not_scanned,
  ollama_installed_twice,
  // left behind
  session_stale,
};
inline constexpr Failure kLastFailure = Failure::session_stale;

// "shim-bypassed"
std::string_view name(Failure failure);

}  // namespace vgpu::doctor
