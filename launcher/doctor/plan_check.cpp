// What vgpu-run itself would say: the Plan's problems.
#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"

namespace vgpu::doctor {
namespace {

// "FILE:LINE:COLUMN (POINTER)" as plan::to_string writes a position. A path that looks like one is taken for
// what it is: it is there.
Evidence place_of(const os::Machine& machine, const std::vector<std::string>& environment,
                  const plan::Problem& problem) {
  std::string file = problem.where;
  unsigned line = 0;
  if (!machine.status(file)) {
    file = file.substr(0, file.find(" (/"));
    std::vector<unsigned> numbers;
    for (std::size_t colon = file.rfind(':'); colon != std::string::npos && numbers.size() < 2;
         colon = file.rfind(':')) {
      const std::string digits = file.substr(colon + 1);
      if (digits.empty() ||
          !std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c) != 0; }))
        break;
      numbers.push_back(static_cast<unsigned>(std::strtoul(digits.c_str(), nullptr, 10)));
      file.erase(colon);
    }
    if (!numbers.empty()) line = numbers.back();
  }
  Evidence evidence{
      .file = file, .line = line, .value = trimmed(problem.excerpt.substr(0, problem.excerpt.find('\n')))};
  if (!evidence.value.empty()) return evidence;
  if (file.starts_with('/')) return describe_file(machine, file);
  if (problem.code == plan::Code::target_missing) return {.file = "PATH", .value = variable(environment, "PATH")};
  // About no file: an option, or something that no file shows.
  if (problem.where.starts_with("--")) return {.file = "command line", .value = problem.where};
  evidence.value = problem.cause;
  return evidence;
}

}  // namespace

void check_plan(const Subject& subject, Findings& findings) {
  for (const plan::Problem& problem : subject.plan.problems) {
    Finding finding{
        .id = std::string(name(problem.code)), .where = problem.where, .cause = problem.cause, .fix = problem.fix};
    if (problem.code == plan::Code::target_unreadable) {
      finding.severity = Severity::unknown;
    } else if (problem.severity == plan::Severity::warning) {
      finding.severity = Severity::warning;
    }
    finding.evidence.push_back(place_of(subject.machine, subject.plan.envp, problem));
    findings.push_back(std::move(finding));
  }
}

}  // namespace vgpu::doctor
