// The environment that we have ourselves, which is what a launch from here starts from.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"
#include "launcher/plan/codes.h"
#include "launcher/plan/environment_list.h"
#include "launcher/systemd/finding.h"

namespace vgpu::doctor {
namespace {

constexpr char kLimits[] = "/proc/self/limits";
// fs/exec.c, bprm_stack_limits: a quarter of the stack's limit, at least ARG_MAX, at most three quarters of 8
// MiB.
constexpr std::uint64_t kLeast = 131072;
constexpr std::uint64_t kMost = 6 << 20;

// Arguments and environment together, with a pointer for each string, as execve(2) counts them.
std::uint64_t exec_size(const plan::Plan& plan) {
  std::uint64_t size = plan.target.file.size() + 1;
  for (const auto* list : {&plan.request.command, &plan.envp}) {
    for (const std::string& one : *list) size += one.size() + 1 + sizeof(char*);
  }
  return size;
}

// "Max stack size             8388608              unlimited            bytes"; the soft one counts.
void check_size(const Subject& subject, Findings& findings) {
  const auto text = subject.machine.read(kLimits, kLargestText);
  if (!text) return;
  const std::size_t at = text->find("Max stack size");
  if (at == std::string::npos) return;
  const std::string line = text->substr(at, text->find('\n', at) - at);
  const std::uint64_t stack = std::strtoull(line.c_str() + sizeof "Max stack size" - 1, nullptr, 10);  // 0: unlimited
  const std::uint64_t limit = stack == 0 ? kMost : std::clamp(stack / 4, kLeast, kMost);
  const std::uint64_t size = exec_size(subject.plan);
  if (size <= limit) return;
  Finding finding{.id = std::string(plan::name(plan::Code::exec_failed)),
                  .where = subject.plan.target.file,
                  .cause = "arguments and environment have " + std::to_string(size) +
                           " bytes together, and the kernel takes " + std::to_string(limit),
                  .fix = "pass less, or raise the limit of the stack (ulimit -s)"};
  finding.evidence.push_back({.file = kLimits,
                              .line = 1 + static_cast<unsigned>(std::count(
                                              text->begin(), text->begin() + static_cast<std::ptrdiff_t>(at), '\n')),
                              .value = line});
  finding.evidence.push_back({.file = "environment",
                              .value = std::to_string(subject.plan.envp.size()) + " entries, " + std::to_string(size) +
                                       " bytes with the arguments"});
  findings.push_back(std::move(finding));
}

}  // namespace

void check_environment(const Subject& subject, Findings& findings) {
  if (subject.offline) return;
  if (subject.command && !subject.plan.envp.empty()) check_size(subject, findings);
  std::map<std::string, std::vector<std::string>> values;
  for (const std::string& entry : subject.machine.environment()) {
    if (const auto name = plan::variable_name(entry)) values[std::string(*name)].push_back(entry);
  }
  for (const auto& [name, entries] : values) {
    if (entries.size() < 2) continue;
    const bool linkers = name == "LD_PRELOAD" || name == "LD_LIBRARY_PATH";
    Finding finding{
        .id = std::string(systemd::name(systemd::Fault::environment_duplicate)),
        .severity = Severity::warning,
        .where = name,
        .cause = linkers ? "it is in the environment " + std::to_string(entries.size()) +
                               " times: ld.so obeys the last, getenv(3) returns the first; vgpu-run goes on "
                               "with the last"
                         : "it is in the environment " + std::to_string(entries.size()) +
                               " times: getenv(3) returns the first, a shell may take another; vgpu-run goes "
                               "on with the first",
        .fix = "set it in one place; a container runtime makes two of an -e option and a CDI specification"};
    for (const std::string& entry : entries) finding.evidence.push_back({.file = "environment", .value = entry});
    findings.push_back(std::move(finding));
  }
}

}  // namespace vgpu::doctor
