// The environment that we have ourselves, which is what a launch from here starts from.
#include <map>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"
#include "launcher/plan/environment_list.h"
#include "launcher/systemd/finding.h"

namespace vgpu::doctor {

void check_environment(const Subject& subject, Findings& findings) {
  if (subject.offline) return;
  std::map<std::string, std::vector<std::string>> values;
  for (const std::string& entry : subject.machine.environment()) {
    if (const auto name = plan::variable_name(entry)) values[std::string(*name)].push_back(entry);
  }
  for (const auto& [name, entries] : values) {
    if (entries.size() < 2) continue;
    const bool linkers = name == "LD_PRELOAD" || name == "LD_LIBRARY_PATH";
    Finding finding{.id = std::string(systemd::name(systemd::Fault::environment_duplicate)),
                    .severity = Severity::warning,
                    .where = name,
                    .cause = linkers ? "it is in the environment " + std::to_string(entries.size()) + " times: ld.so obeys the last, getenv(3) returns the first; vgpu-run goes on with the last"
                                     : "it is in the environment " + std::to_string(entries.size()) + " times: getenv(3) returns the first, a shell may take another; vgpu-run goes on with the first",
                    .fix = "set it in one place; a container runtime makes two of an -e option and a CDI specification"};
    for (const std::string& entry : entries) finding.evidence.push_back({.file = "environment", .value = entry});
    findings.push_back(std::move(finding));
  }
}

}  // namespace vgpu::doctor
