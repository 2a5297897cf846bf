#include "launcher/ctl/expected.h"

#include <optional>

#include "launcher/os/rooted_machine.h"
#include "launcher/plan/launch.h"
#include "shims/contract.h"

namespace vgpu::ctl {
namespace {

// The process has mounts of its own, and a vgpu-run among them: its files, manifests and variables are what counts, by
// the names that they have there.
std::optional<os::RootedMachine> container_of(const os::Machine& machine, const std::string& directory) {
  const auto ours = machine.link_target("/proc/self/ns/mnt");
  const auto theirs = machine.link_target(directory + "/ns/mnt");
  if (!ours || !theirs || *ours == *theirs) return std::nullopt;
  const std::string own = machine.own_executable();
  os::RootedMachine there(machine, directory + "/root", {});
  for (const std::string& path : {std::string("/usr/bin/vgpu-run"), std::string("/usr/local/bin/vgpu-run"),
                                  own.substr(0, own.rfind('/')) + "/vgpu-run"}) {
    const auto real = there.real_path(path);
    if (!real) continue;
    there.set_own_executable(*real);
    if (const auto environment = machine.read(directory + "/environ", 1 << 24))
      there.set_environment(os::parse_strings(*environment));
    return there;
  }
  return std::nullopt;
}

}  // namespace

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
    if (!place.foreign)
      expectation.libraries.insert(expectation.libraries.end(), place.libraries.begin(), place.libraries.end());
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
  const auto container = container_of(machine, directory);
  plan::Result<verify::Expectation> expectation =
      expected(container ? static_cast<const os::Machine&>(*container) : machine, options, command);
  if (expectation || !options.words().empty()) return expectation;
  const auto environment = machine.read(directory + "/environ", 1 << 24);
  if (!environment) return expectation;
  for (const std::string& entry : os::parse_strings(*environment)) {
    if (entry.starts_with(std::string(contract::kPreload) + "=")) return verify::Expectation{};
  }
  return expectation;
}

}  // namespace vgpu::ctl
