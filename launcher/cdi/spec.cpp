#include "launcher/cdi/spec.h"

#include <algorithm>

#include "launcher/cdi/tree.h"
#include "launcher/os/mounted_machine.h"
#include "launcher/os/rooted_machine.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/device_parts.h"
#include "launcher/plan/driver.h"
#include "launcher/plan/joined.h"
#include "launcher/plan/launch.h"
#include "shims/contract.h"

namespace vgpu::cdi {
namespace {

using plan::Code;
using plan::Problem;
using plan::Problems;
using Strings = std::vector<std::string>;

Problem problem(Code code, std::string where, std::string cause, std::string fix) {
  return {.code = code, .where = std::move(where), .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}};
}

std::string variable(const char* name, const std::string& value) { return std::string(name).append("=").append(value); }

// What the launch of one container would be, and what cannot be said for all of them.
Problems refused(const plan::Request& request) {
  Problems problems;
  const auto& memory = request.memory;
  std::size_t comma = memory.find(',');
  for (std::size_t begin = 0; comma != std::string::npos; begin = comma + 1, comma = memory.find(',', begin)) {
    const std::size_t next = std::min(memory.find(',', comma + 1), memory.size());
    if (memory.substr(begin, comma - begin) == memory.substr(comma + 1, next - comma - 1)) continue;
    problems.push_back(problem(Code::usage, "--memory " + memory,
                               "which devices a container will get is not known, and each limit is meant for one",
                               "give one limit, which counts for each device"));
    break;
  }
  if (!request.emulate.empty() && request.passthrough) {
    problems.push_back(problem(Code::usage, "--passthrough", "--emulate asks for the opposite", "give one of the two"));
  }
  return problems;
}

class Maker {
 public:
  Maker(const os::Machine& machine, const Options& options) : machine_(machine), options_(options) {}

  plan::Result<Made> make() {
    const plan::Result<plan::Request> request = request_of(options_);
    if (!request) return request.error();
    request_ = *request;
    if (Problems problems = refused(request_); !problems.empty()) return problems;
    if (Problems problems = look_at_host(); !problems.empty()) return problems;
    if (Problems problems = mount_tree(); !problems.empty()) return problems;
    made_.spec.edits.environment = twins_of(request_);
    made_.spec.edits.environment.push_back(variable(kOptionsVariable, to_text(options_)));
    add_devices();
    if (Problems problems = add_preload(); !problems.empty()) return problems;
    if (Problems problems = check_text(); !problems.empty()) return problems;
    return std::move(made_);
  }

 private:
  Problems look_at_host() {
    const std::string own = machine_.own_executable();
    launcher_ = own.substr(0, own.rfind('/')) + "/vgpu-run";
    if (!machine_.executable(launcher_))
      return {problem(Code::internal, launcher_, "it is not there", "install vgpu-run beside vgpuctl again")};
    os::RootedMachine host(machine_, "/", launcher_);
    host_ = plan::make_plan(host, request_);
    return errors(host_);
  }

  Problems mount_tree() {
    auto tree = container_tree(machine_, host_.manifest, launcher_);
    if (!tree) return tree.error();
    tree_ = std::move(*tree);
    for (const auto& [outside, inside] : tree_)
      made_.spec.edits.mounts.push_back({outside, inside, {"ro", "nosuid", "nodev", "bind"}});
    return {};
  }

  // A slice has no devices of its own: the container's GPUs are those that the driver's own specification gives it.
  void add_devices() {
    if (host_.mode == plan::kSlice) {
      made_.spec.devices.push_back({kSliceDevice, {{variable("VGPU_RUN_PASSTHROUGH", "1")}, {}}});
      if (!host_.visible.empty())
        made_.spec.devices.back().edits.environment.push_back(variable("VGPU_RUN_DEVICE", host_.visible));
      return;
    }
    const Strings parts = plan::device_parts(host_.device_wire);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string number = std::to_string(i);
      made_.spec.devices.push_back({"gpu" + number, {{variable((plan::kDevicePart + number).c_str(), parts[i])}, {}}});
    }
    made_.spec.devices.push_back({kAllDevice, {{variable(contract::kDevice, host_.device_wire)}, {}}});
  }

  // The Plan once more, as the vgpu-run in a container would make it, out of what the container is sure to have.
  Problems add_preload() {
    std::string cause;
    if (host_.mode == plan::kSlice) cause = "where a container has its driver only the vgpu-run in it can find out";
    if (host_.scope == "namespace") cause = "an environment cannot carry a mount namespace";
    if (!host_.session.empty()) cause = "a quota belongs to one launch";
    if (!cause.empty()) return leave_preload_out(cause);
    Strings environment{variable(contract::kDevice, host_.device_wire)};
    if (options_.image_preload) environment.push_back(variable("LD_PRELOAD", *options_.image_preload));
    if (options_.image_library_path) environment.push_back(variable("LD_LIBRARY_PATH", *options_.image_library_path));
    const os::MountedMachine container(machine_, tree_, kLauncher, std::move(environment));
    plan::Request request = request_;
    request.emulate.clear();  // VGPU_DEVICE has the devices that are left of them
    request.devices.clear();
    const plan::Plan plan = plan::make_plan(container, request);
    if (Problems problems = errors(plan); !problems.empty()) return problems;
    if (plan.preload.empty()) return leave_preload_out("no shim is asked for");
    Strings variables;
    if (options_.image_library_path) variables.push_back(variable("LD_LIBRARY_PATH", library_path(plan)));
    variables.push_back(variable("LD_PRELOAD", plan::joined(plan.preload, ":")));
    // The default device is said by no variable, and the one of `all` is not this device's.
    if (!has(plan, contract::kDevice)) variables.push_back(variable(contract::kDevice, host_.device_wire));
    for (const plan::Variable& one : plan.environment) {
      const bool said =
          one.name == "LD_PRELOAD" || one.name == "LD_LIBRARY_PATH" || one.name == contract::kLibraryPathLast;
      if (!said) variables.push_back(variable(one.name.c_str(), one.value));
    }
    made_.spec.devices.push_back({kPreloadDevice, {std::move(variables), {}}});
    return {};
  }

  Problems leave_preload_out(const std::string& cause) {
    Problem warning = problem(Code::usage, "device " + std::string(kPreloadDevice), "it is left out: " + cause,
                              "make vgpu-run the entrypoint");
    warning.severity = plan::Severity::warning;
    if (options_.image_preload || options_.image_library_path)
      warning.severity = plan::Severity::error;  // somebody wants just that
    if (warning.severity == plan::Severity::error) return {warning};
    made_.warnings.push_back(std::move(warning));
    return {};
  }

  // The libraries that stand in for missing ones go last, behind the image's own directories; which those are is not
  // known here.
  std::string library_path(const plan::Plan& plan) const {
    Strings kept;
    for (const std::string& directory : plan.library_path) {
      const auto is_it = [&](const plan::Fallback& one) { return one.directory == directory; };
      const bool fallback = std::any_of(
          plan.manifest.shims.begin(), plan.manifest.shims.end(),
          [&](const plan::Shim& shim) { return std::any_of(shim.fallbacks.begin(), shim.fallbacks.end(), is_it); });
      if (!fallback) kept.push_back(directory);
    }
    return plan::joined(kept, ":");
  }

  static bool has(const plan::Plan& plan, const char* name) {
    return std::any_of(plan.environment.begin(), plan.environment.end(),
                       [&](const plan::Variable& one) { return one.name == name; });
  }

  // What LD_PRELOAD could not carry here has another path in a container. Warnings about what only the image has are
  // none.
  Problems errors(const plan::Plan& plan) {
    Problems found;
    for (const Problem& one : plan.problems) {
      if (&plan == &host_ && one.code == Code::path_not_carriable) continue;
      if (one.severity == plan::Severity::error)
        found.push_back(one);
      else if (&plan == &host_)
        made_.warnings.push_back(one);
    }
    return found;
  }

  // JSON is UTF-8, and so is what the runtimes make of it.
  Problems check_text() const {
    Problems problems;
    const auto look = [&](const std::string& text) {
      for (std::size_t at = 0; at < text.size();) {
        const plan::Character character = plan::character_at(text, at);
        at += character.bytes;
        if (character.valid) continue;
        problems.push_back(problem(Code::path_not_carriable, plan::escaped(text),
                                   "it is no UTF-8, and a specification can hold nothing else",
                                   "install the tree under another path, or leave the variable out"));
        return;
      }
    };
    const auto look_at = [&](const Edits& edits) {
      for (const std::string& entry : edits.environment) look(entry);
      for (const Mount& mount : edits.mounts) look(mount.host);
    };
    look_at(made_.spec.edits);
    for (const Device& device : made_.spec.devices) look_at(device.edits);
    return problems;
  }

  const os::Machine& machine_;
  const Options& options_;
  plan::Request request_;
  std::string launcher_;
  plan::Plan host_;
  std::vector<os::MountedMachine::Mount> tree_;
  Made made_;
};

}  // namespace

plan::Result<Made> make_spec(const os::Machine& machine, const Options& options) {
  return Maker(machine, options).make();
}

}  // namespace vgpu::cdi
