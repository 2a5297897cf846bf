#include "launcher/ctl/expected.h"

#include "launcher/plan/launch.h"
#include "shims/contract.h"

namespace vgpu::ctl {

plan::Result<verify::Expectation> expected(const os::Machine& machine, const LaunchOptions& options,
                                           const std::vector<std::string>& command) {
  plan::Result<plan::Request> request = options.request(machine, command);
  if (!request) return request.error();
  request->allow_unshimmed = true;  // what could not be launched may run all the same: that is what we look at
  const plan::Plan plan = plan::make_plan(machine, *request, {}, plan::Detail::launch);
  verify::Expectation expectation;
  expectation.demanded = !options.words().empty();
  for (const plan::Place& place : plan.places) {
    // What stands in our own LD_PRELOAD is not the other process's.
    if (!place.foreign) expectation.libraries.insert(expectation.libraries.end(), place.libraries.begin(), place.libraries.end());
  }
  if (!expectation.libraries.empty()) return expectation;
  plan::Problems errors;
  for (const plan::Problem& problem : plan.problems) {
    const bool about_the_target = plan::name(problem.code).starts_with("target-");
    if (problem.severity == plan::Severity::error && !about_the_target) errors.push_back(problem);
  }
  if (!errors.empty()) return errors;
  return expectation;
}

plan::Result<verify::Expectation> expected(const os::Machine& machine, const LaunchOptions& options, int pid) {
  const std::string directory = "/proc/" + std::to_string(pid);
  std::vector<std::string> command;
  if (const auto executable = machine.link_target(directory + "/exe"); executable && executable->starts_with('/')) {
    command.push_back(*executable);
  }
  plan::Result<verify::Expectation> expectation = expected(machine, options, command);
  if (expectation || !options.words().empty()) return expectation;
  const auto environment = machine.read(directory + "/environ", 1 << 24);
  if (!environment) return expectation;
  for (const std::string& entry : os::parse_strings(*environment)) {
    if (entry.starts_with(std::string(contract::kPreload) + "=")) return verify::Expectation{};
  }
  return expectation;
}

}  // namespace vgpu::ctl
