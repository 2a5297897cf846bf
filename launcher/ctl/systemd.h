// What the three verbs of `vgpuctl systemd` have in common.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "launcher/ctl/launch_options.h"
#include "launcher/ctl/verb.h"
#include "launcher/os/rooted_machine.h"
#include "launcher/plan/problem.h"

namespace vgpu::ctl {

std::unique_ptr<Verb> make_systemd_check();
std::unique_ptr<Verb> make_systemd_install();
std::unique_ptr<Verb> make_systemd_remove();

// Which machine is meant, and which vgpu-run on it.
class SystemdPlace {
 public:
  void add_to(CLI::App& app, bool launcher = true);
  // Errors: Code::usage.
  plan::Result<os::RootedMachine> machine(const os::Machine& ours) const;
  // The path of vgpu-run within the root. Error: Code::usage, there is none.
  plan::Result<std::string> launcher(const os::Machine& ours, const os::RootedMachine& there) const;
  // "" where it is the machine we run on, else " --root DIR".
  bool is_offline() const { return !root_.empty() && root_ != "/"; }
  const std::string& root() const { return root_; }

 private:
  std::string root_;
  std::string launcher_;
};

}  // namespace vgpu::ctl
