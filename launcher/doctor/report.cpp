#include "launcher/doctor/report.h"

#include <algorithm>

#include "launcher/plan/characters.h"

namespace vgpu::doctor {
namespace {

std::size_t count(const Report& report, Severity severity) {
  return static_cast<std::size_t>(std::count_if(report.findings.begin(), report.findings.end(),
                                                [&](const Finding& one) { return one.severity == severity; }));
}

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count).append(" ").append(what).append(count == 1 ? "" : "s");
}

std::string last_line(const Report& report) {
  const std::string subject = report.program.empty() ? std::string("this machine") : plan::escaped(report.program);
  const std::size_t warnings = count(report, Severity::warning);
  const std::string also = warnings == 0 ? std::string() : ", " + counted(warnings, "warning");
  switch (verdict(report)) {
    case plan::ExitStatus::ok:
      return warnings == 0 ? "holds: nothing is wrong with " + subject + "\n"
                           : "holds: " + counted(warnings, "warning") + " for " + subject + "\n";
    case plan::ExitStatus::cannot_tell:
      return "cannot tell: not everything about " + subject + " can be read" + also + "\n";
    default:
      return "does not hold: " + counted(count(report, Severity::error), "error") + also + " for " + subject + "\n";
  }
}

}  // namespace

plan::ExitStatus verdict(const Report& report) {
  if (count(report, Severity::error) != 0) return plan::ExitStatus::does_not_hold;
  return count(report, Severity::unknown) != 0 ? plan::ExitStatus::cannot_tell : plan::ExitStatus::ok;
}

// Paths and values come from outside: what would drive the terminal is written out.
std::string to_text(const Report& report) {
  std::string text;
  for (const Finding& finding : report.findings) {
    text.append(name(finding.severity)).append(": ").append(finding.id).append(": ");
    text.append(plan::escaped(finding.where)).append(": ").append(plan::escaped(finding.cause)).append("\n");
    for (const Evidence& one : finding.evidence) {
      text.append("  evidence: ").append(plan::escaped(one.file));
      if (one.line != 0) text.append(":").append(std::to_string(one.line));
      if (!one.value.empty()) text.append(": ").append(plan::escaped(one.value));
      text.append("\n");
    }
    text.append("  fix: ").append(plan::escaped(finding.fix)).append("\n");
    text.append("  see: vgpuctl doctor --explain ").append(finding.id).append("\n");
  }
  return text + last_line(report);
}

}  // namespace vgpu::doctor
