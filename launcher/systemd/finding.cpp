#include "launcher/systemd/finding.h"

#include "launcher/plan/characters.h"

namespace vgpu::systemd {

std::string_view name(Fault fault) {
  switch (fault) {
    case Fault::unit_missing: return "unit-missing";
    case Fault::unit_masked: return "unit-masked";
    case Fault::unit_unreadable: return "unit-unreadable";
    case Fault::line_ignored: return "line-ignored";
    case Fault::no_service_section: return "no-service-section";
    case Fault::exec_not_reset: return "exec-not-reset";
    case Fault::exec_syntax: return "exec-syntax";
    case Fault::exec_percent: return "exec-percent";
    case Fault::exec_variable_unset: return "exec-variable-unset";
    case Fault::program_missing: return "program-missing";
    case Fault::not_on_a_virtual_gpu: return "not-on-a-virtual-gpu";
    case Fault::launch_refused: return "launch-refused";
    case Fault::environment_syntax: return "environment-syntax";
    case Fault::environment_unquoted: return "environment-unquoted";
    case Fault::environment_duplicate: return "environment-duplicate";
    case Fault::environment_percent: return "environment-percent";
    case Fault::environment_dollar: return "environment-dollar";
    case Fault::environment_file_wins: return "environment-file-wins";
    case Fault::environment_unset: return "environment-unset";
    case Fault::preload_order: return "preload-order";
    case Fault::preload_lacks_shim: return "preload-lacks-shim";
    case Fault::preload_file_missing: return "preload-file-missing";
    case Fault::hidden_by_hardening: return "hidden-by-hardening";
    case Fault::hardening_write_execute: return "hardening-write-execute";
    case Fault::hardening_noexec: return "hardening-noexec";
    case Fault::hardening_namespaces: return "hardening-namespaces";
    case Fault::hardening_system_calls: return "hardening-system-calls";
    case Fault::hardening_devices: return "hardening-devices";
    case Fault::user_cannot_read: return "user-cannot-read";
  }
  return "launch-refused";
}

std::string Finding::where(const std::string& unit) const {
  if (file.empty()) return unit;
  return line == 0 ? file : file + ":" + std::to_string(line);
}

std::string Finding::text(const std::string& unit) const {
  std::string lines = severity == plan::Severity::warning ? "vgpuctl: warning: " : "vgpuctl: ";
  lines.append(id).append(": ").append(plan::escaped(where(unit))).append(": ").append(plan::escaped(cause));
  lines.append("\n  fix: ").append(plan::escaped(fix));
  return lines.append("\n  see: vgpuctl doctor --explain ").append(id).append("\n");
}

}  // namespace vgpu::systemd
