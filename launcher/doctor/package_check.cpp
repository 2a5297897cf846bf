// Commands that lead into a sandbox with a /usr of its own: snap and flatpak.
#include <algorithm>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"
#include "launcher/systemd/unit_file.h"

namespace vgpu::doctor {
namespace {

void say(Failure failure, const std::string& where, std::string cause, std::string fix, std::vector<Evidence> evidence,
         Findings& findings) {
  findings.push_back({.id = std::string(name(failure)),
                      .severity = Severity::error,
                      .where = where,
                      .cause = std::move(cause),
                      .evidence = std::move(evidence),
                      .fix = std::move(fix)});
}

}  // namespace

void check_package(const Subject& subject, Findings& findings) {
  if (!subject.command) return;
  const plan::Target& target = subject.plan.target;
  const auto& words = subject.plan.request.command;
  const bool runs = std::find(words.begin(), words.end(), "run") != words.end();
  const auto real = subject.machine.real_path(target.path);
  const std::string file = real ? *real : target.path;
  const auto below = [&](const char* directory) {
    return target.path.starts_with(directory) || file.starts_with(directory);
  };
  if ((base_name(file) == "snap" && (runs || base_name(target.path) != "snap")) || below("/snap/") ||
      below("/var/lib/snapd/")) {
    const auto link = subject.machine.link_target(target.path);
    say(Failure::target_in_snap, target.path,
        "it is a snap: snap-confine starts it with AT_SECURE and a /usr of its own, so that neither "
        "LD_PRELOAD nor the shims arrive",
        "install the program otherwise, and name it by its path",
        {{.file = target.path, .value = link ? "a link to " + *link : "its path"}}, findings);
    return;
  }
  std::vector<Evidence> evidence;
  if (base_name(file) == "flatpak" && runs) evidence.push_back({.file = "command line", .value = "flatpak run"});
  for (const plan::Target::Step& step : target.steps) {
    const auto text = subject.machine.read(step.script, kLargestText);
    if (!text) continue;
    unsigned number = 0;
    for (const std::string& line : systemd::lines_of(*text)) {
      ++number;
      const std::string code = trimmed(line);
      if (!code.starts_with('#') && code.find("flatpak run") != std::string::npos)
        evidence.push_back({.file = step.script, .line = number, .value = code});
    }
  }
  if (evidence.empty()) return;
  say(Failure::target_in_flatpak, target.path,
      "it is a flatpak: it runs in a sandbox with a /usr of its own, in which the shims are not",
      "install the program otherwise, or pass --filesystem= and --env= as the page says", std::move(evidence),
      findings);
}

}  // namespace vgpu::doctor
