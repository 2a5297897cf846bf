// Scripts on the way to the program that replace LD_PRELOAD, or take it away.
#include <algorithm>
#include <regex>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"
#include "launcher/systemd/unit_file.h"

namespace vgpu::doctor {
namespace {

// "": the line leaves it alone.
std::string deed_of(const std::string& line) {
  static const std::regex set(R"((^|[\s;&|(])(export\s+)?LD_PRELOAD=)");
  static const std::regex keeps(R"(\$\{?LD_PRELOAD)");
  static const std::regex takes(
      R"((\bunset\b[^#]*\bLD_PRELOAD\b)|(\benv\b[^#]*\s-u\s*LD_PRELOAD\b)|(\benv\b[^#]*--unset=LD_PRELOAD\b))");
  static const std::regex empties(R"(\benv\b\s+(-\w*i\w*|-|--ignore-environment)(\s|$))");
  static const std::regex python(
      R"((environ\[["']LD_PRELOAD["']\]\s*=[^=])|(environ\.pop\(["']LD_PRELOAD)|(del\s+os\.environ\[["']LD_PRELOAD))");
  if (std::regex_search(line, set) && !std::regex_search(line, keeps)) return "sets LD_PRELOAD anew";
  if (std::regex_search(line, takes)) return "takes LD_PRELOAD away";
  if (std::regex_search(line, empties)) return "starts it with an empty environment";
  if (std::regex_search(line, python)) return "changes LD_PRELOAD";
  return {};
}

}  // namespace

void check_wrapper(const Subject& subject, Findings& findings) {
  const auto& places = subject.plan.places;
  const bool carried =
      subject.plan.scope == "namespace" ||
      (subject.plan.scope == "exec" &&
       std::any_of(places.begin(), places.end(), [](const plan::Place& place) { return place.name == "exec"; }));
  for (const plan::Target::Step& step : subject.plan.target.steps) {
    const auto text = subject.machine.read(step.script, kLargestText);
    if (!text) continue;
    unsigned number = 0;
    for (const std::string& line : systemd::lines_of(*text)) {
      ++number;
      const std::string words = trimmed(line);
      if (words.empty() || words.starts_with('#') || words.size() > 4096)
        continue;  // std::regex recurses with the line's length
      const std::string deed = deed_of(words);
      if (deed.empty()) continue;
      Finding finding{.id = std::string(name(Failure::preload_replaced)),
                      .severity = carried ? Severity::warning : Severity::error,
                      .where = step.script,
                      .cause = "line " + std::to_string(number) + " " + deed +
                               (carried ? ", and libvgpu-exec puts the shims back into what is started through libc"
                                        : ": what it starts from there has no shims"),
                      .fix = carried
                                 ? "let it keep what is there: LD_PRELOAD=\"NEW${LD_PRELOAD:+:$LD_PRELOAD}\""
                                 : "let it keep what is there, LD_PRELOAD=\"NEW${LD_PRELOAD:+:$LD_PRELOAD}\", or use "
                                   "--scope exec"};
      finding.evidence.push_back({.file = step.script, .line = number, .value = words});
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace vgpu::doctor
