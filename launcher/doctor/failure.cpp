#include "launcher/doctor/failure.h"

namespace vgpu::doctor {

std::string_view name(Failure failure) {
  switch (failure) {
    case Failure::symbol_undefined: return "symbol-undefined";
    case Failure::sanitizer_not_first: return "sanitizer-not-first";
    case Failure::target_in_snap: return "target-in-snap";
    case Failure::target_in_flatpak: return "target-in-flatpak";
    case Failure::preload_replaced: return "preload-replaced";
    case Failure::preload_not_loaded: return "preload-not-loaded";
    case Failure::apparmor_confined: return "apparmor-confined";
    case Failure::selinux_confined: return "selinux-confined";
    case Failure::shim_executable_stack: return "shim-executable-stack";
    case Failure::shim_shadowed: return "shim-shadowed";
    case Failure::shim_bypassed: return "shim-bypassed";
    case Failure::shim_loaded_twice: return "shim-loaded-twice";
    case Failure::rpath_shadows_shim: return "rpath-shadows-shim";
    case Failure::preload_file_conflict: return "preload-file-conflict";
    case Failure::driver_too_old: return "driver-too-old";
    case Failure::ollama_directory_not_scanned: return "ollama-directory-not-scanned";
    case Failure::ollama_installed_twice: return "ollama-installed-twice";
    case Failure::session_stale: return "session-stale";
  }
  return "session-stale";
}

}  // namespace vgpu::doctor
