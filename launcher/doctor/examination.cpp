#include "launcher/doctor/examination.h"

#include <algorithm>
#include <set>

#include "launcher/doctor/ids.h"
#include "launcher/doctor/text.h"
#include "launcher/plan/preload_file.h"
#include "shims/contract.h"

namespace vgpu::doctor {

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::unknown: return "unknown";
    case Severity::warning: return "warning";
  }
  return "warning";
}

void sort_worst_first(Findings& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return a.severity != b.severity ? a.severity < b.severity : rank(a.id) < rank(b.id);
  });
}

Findings examine(const Subject& subject) {
  Findings findings;
  check_plan(subject, findings);
  check_environment(subject, findings);
  check_preload_file(subject, findings);
  check_wrapper(subject, findings);
  check_package(subject, findings);
  check_apparmor(subject, findings);
  check_selinux(subject, findings);
  check_ollama(subject, findings);
  check_sessions(subject, findings);
  check_services(subject, findings);
  check_processes(subject, findings);

  std::vector<std::string> preload_file;
  if (const auto text = subject.machine.read(contract::kPreloadFile, kLargestText))
    preload_file = plan::read_preload_file(*text).libraries;
  const LinkClosure closure = link_closure(subject.machine, subject.plan, preload_file);
  if (!closure.objects.empty()) {
    check_symbols(subject, closure, findings);
    check_stack(subject, closure, findings);
    check_run_paths(subject, closure, findings);
    check_sanitizer(subject, closure, findings);
    check_runtime(subject, closure, findings);
  }
  sort_worst_first(findings);
  return findings;
}

}  // namespace vgpu::doctor
