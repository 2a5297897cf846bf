#include "launcher/plan/codes.h"

namespace vgpu::plan {

std::string_view name(Code code) {
  switch (code) {
    case Code::usage: return "usage";
    case Code::manifest_unreadable: return "manifest-unreadable";
    case Code::manifest_syntax: return "manifest-syntax";
    case Code::manifest_invalid: return "manifest-invalid";
    case Code::manifest_too_large: return "manifest-too-large";
    case Code::manifest_untrusted: return "manifest-untrusted";
    case Code::manifest_conflict: return "manifest-conflict";
    case Code::unknown_profile: return "unknown-profile";
    case Code::unknown_shim: return "unknown-shim";
    case Code::requirement_unmet: return "requirement-unmet";
    case Code::order_cycle: return "order-cycle";
    case Code::device_unknown: return "device-unknown";
    case Code::device_invalid: return "device-invalid";
    case Code::driver_missing: return "driver-missing";
    case Code::driver_broken: return "driver-broken";
    case Code::scope_unavailable: return "scope-unavailable";
    case Code::session_unavailable: return "session-unavailable";
    case Code::path_not_carriable: return "path-not-carriable";
    case Code::environment_too_long: return "environment-too-long";
    case Code::shim_missing: return "shim-missing";
    case Code::shim_is_directory: return "shim-is-directory";
    case Code::shim_unreadable: return "shim-unreadable";
    case Code::shim_untrusted: return "shim-untrusted";
    case Code::shim_not_elf: return "shim-not-elf";
    case Code::shim_not_shared_object: return "shim-not-shared-object";
    case Code::shim_wrong_class: return "shim-wrong-class";
    case Code::shim_wrong_machine: return "shim-wrong-machine";
    case Code::shim_wrong_libc: return "shim-wrong-libc";
    case Code::shim_needs_library: return "shim-needs-library";
    case Code::shim_needs_newer_glibc: return "shim-needs-newer-glibc";
    case Code::shim_lacks_soname: return "shim-lacks-soname";
    case Code::shim_lacks_version: return "shim-lacks-version";
    case Code::shim_noexec_mount: return "shim-noexec-mount";
    case Code::target_missing: return "target-missing";
    case Code::target_not_executable: return "target-not-executable";
    case Code::target_unreadable: return "target-unreadable";
    case Code::target_is_directory: return "target-is-directory";
    case Code::target_invalid: return "target-invalid";
    case Code::target_static: return "target-static";
    case Code::target_static_cudart: return "target-static-cudart";
    case Code::target_other_libc: return "target-other-libc";
    case Code::target_wrong_class: return "target-wrong-class";
    case Code::target_wrong_machine: return "target-wrong-machine";
    case Code::target_secure: return "target-secure";
    case Code::target_interpreter_missing: return "target-interpreter-missing";
    case Code::target_script_loop: return "target-script-loop";
    case Code::target_noexec_mount: return "target-noexec-mount";
    case Code::exec_failed: return "exec-failed";
    case Code::internal: return "internal";
  }
  return "internal";
}

}  // namespace vgpu::plan
