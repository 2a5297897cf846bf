// Units that start something under vgpu-run, or the same program as the command: what vgpuctl systemd check
// says of them.
#include <algorithm>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"
#include "launcher/systemd/program.h"
#include "launcher/systemd/unit_check.h"

namespace vgpu::doctor {
namespace {

std::vector<std::string> service_names(const os::Machine& machine) {
  std::vector<std::string> names;
  for (const std::string& directory : systemd::unit_directories()) {
    const auto files = machine.list(directory);
    if (!files) continue;
    for (const std::string& file : *files) {
      const std::string name = file.ends_with(".service.d") ? file.substr(0, file.size() - 2) : file;
      if (name.ends_with(".service")) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

bool is_ours(const systemd::Unit& unit) {
  return std::any_of(unit.files.begin(), unit.files.end(), [](const systemd::UnitFile& file) {
    return file.text.find("vgpu-run") != std::string::npos || file.text.find("libvgpu-") != std::string::npos;
  });
}

std::string real(const os::Machine& machine, const std::string& path) {
  const auto file = machine.real_path(path);
  return file ? *file : path;
}

bool runs(const Subject& subject, const systemd::Unit& unit, const plan::Target& target) {
  for (const systemd::Command& command : systemd::start_commands(unit)) {
    const systemd::LaunchOfCommand launch = systemd::launch_of(subject.units, unit, command.command);
    if (!launch.known || launch.request.command.empty()) continue;
    const std::string program = real(subject.units, launch.request.command.front());
    if (program == real(subject.machine, target.path)) return true;
  }
  return false;
}

Evidence evidence_of(const systemd::Finding& finding, const systemd::Unit& unit) {
  Evidence evidence{.file = finding.file.empty() ? unit.name : finding.file, .line = finding.line};
  for (const systemd::UnitFile& file : unit.files) {
    if (file.path != finding.file || finding.line == 0) continue;
    const std::vector<std::string> lines = systemd::lines_of(file.text);
    if (finding.line <= lines.size()) evidence.value = trimmed(lines[finding.line - 1]);
  }
  if (evidence.value.empty()) evidence.value = unit.fragment.empty() ? "no file of the unit" : unit.fragment;
  return evidence;
}

}  // namespace

void check_services(const Subject& subject, Findings& findings) {
  for (const std::string& name : service_names(subject.units)) {
    const systemd::Unit unit = systemd::load_unit(subject.units, name);
    const bool ours = is_ours(unit);
    if (!ours && !subject.command) continue;
    if (subject.command && !runs(subject, unit, subject.plan.target)) continue;
    const systemd::Report report = systemd::check_unit(
        {.machine = subject.units, .unit = unit, .launcher = subject.launcher, .request = subject.request});
    for (const systemd::Finding& each : report.findings) {
      // A service that nobody put on a virtual GPU is worth a word, and not a fault of the command's.
      if (!ours && each.fault != systemd::Fault::not_on_a_virtual_gpu) continue;
      const bool unreadable = each.fault == systemd::Fault::unit_unreadable;
      Finding finding{.id = each.id,
                      .severity = unreadable                                          ? Severity::unknown
                                  : !ours || each.severity == plan::Severity::warning ? Severity::warning
                                                                                      : Severity::error,
                      .where = unit.name,
                      .cause = each.cause,
                      .fix = each.fix};
      finding.evidence.push_back(evidence_of(each, unit));
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace vgpu::doctor
