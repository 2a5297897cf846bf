// What `vgpuctl systemd check` can find. The names are stable: scripts and docs/systemd.md use them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "launcher/plan/problem.h"

namespace vgpu::systemd {

enum class Fault {
  // the files
  unit_missing,
  unit_masked,
  unit_unreadable,
  line_ignored,        // no '=', no ']'
  no_service_section,  // stands where systemd does not look for it
  // ExecStart=
  exec_not_reset,
  exec_syntax,
  exec_percent,
  exec_variable_unset,
  program_missing,
  not_on_a_virtual_gpu,  // neither behind vgpu-run nor with shims in LD_PRELOAD
  launch_refused,        // what vgpu-run itself would say
  // Environment=
  environment_syntax,
  environment_unquoted,
  environment_duplicate,
  environment_percent,
  environment_dollar,
  environment_file_wins,
  environment_unset,  // UnsetEnvironment= takes it away again
  // LD_PRELOAD=
  preload_order,
  preload_lacks_shim,
  preload_file_missing,
  // hardening
  hidden_by_hardening,
  hardening_write_execute,
  hardening_noexec,
  hardening_namespaces,
  hardening_system_calls,
  hardening_devices,
  user_cannot_read,
};

// "preload-lacks-shim"
std::string_view name(Fault fault);

struct Finding {
  Fault fault;
  plan::Severity severity = plan::Severity::error;
  std::string file;  // empty: it is about the unit as a whole
  unsigned line = 0;
  std::string cause;  // one sentence, no full stop
  std::string fix;    // one imperative sentence, no full stop
  std::string id;     // name(fault), or that of vgpu-run's own code behind launch_refused

  std::string where(const std::string& unit) const;
  // The lines a person reads, as those of a plan::Problem.
  std::string text(const std::string& unit) const;
};

using Findings = std::vector<Finding>;

}  // namespace vgpu::systemd
