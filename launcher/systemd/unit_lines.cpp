// Lines that systemd passes over with nothing but a line in the journal.
#include "launcher/systemd/unit_check.h"

namespace vgpu::systemd {
namespace {

// What people put into a drop-in for a service, and what is nothing anywhere else.
bool belongs_to_service(const std::string& key) {
  return key.starts_with("Exec") || key.starts_with("Environment") || key == "User" || key == "Group" ||
         key == "Type" || key == "Restart" || key == "WorkingDirectory" || key == "UnsetEnvironment" ||
         key == "PassEnvironment";
}

}  // namespace

void check_lines(const Unit& unit, Report& report) {
  for (const UnitFile& file : unit.files) {
    for (const UnitFile::Stray& stray : file.strays) {
      report.findings.push_back({.fault = Fault::line_ignored,
                                 .severity = plan::Severity::error,
                                 .file = file.path,
                                 .line = stray.line,
                                 .cause = "systemd ignores the line: " + stray.cause,
                                 .fix = "correct or remove it",
                                 .id = std::string(name(Fault::line_ignored))});
    }
    for (const UnitAssignment& one : file.assignments) {
      if (one.section.empty()) {
        report.findings.push_back(about(Fault::no_service_section, {&file, &one},
                                        one.key + "= stands in no section, and systemd ignores it",
                                        "write [Service] in front of it"));
      } else if ((one.section == "Unit" || one.section == "Install") && belongs_to_service(one.key)) {
        report.findings.push_back(about(Fault::no_service_section, {&file, &one},
                                        one.key + "= stands in [" + one.section + "], where systemd ignores it",
                                        "move it to [Service]"));
      }
    }
  }
}

}  // namespace vgpu::systemd
