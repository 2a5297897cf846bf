// The file that a command of ExecStart= would really run.
#pragma once

#include <string>

#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"
#include "launcher/systemd/unit.h"

namespace vgpu::systemd {

struct Program {
  std::string path;   // absolute; empty where it was not found
  bool known = true;  // false: specifiers that only the running manager can expand decide it
  std::string cause;  // why there is none, one clause
};

// systemd looks for a name without '/' in directories of its own, or those of ExecSearchPath=: PATH= in Environment=
// has no say.
Program find_program(const os::Machine& machine, const Unit& unit, const ExecCommand& command);

// The environment in which a unit's commands start, as far as its files tell: without EnvironmentFile=.
std::vector<std::string> service_environment(const Unit& unit);

// A command behind vgpu-run is a launch: what is asked for, by vgpu-run's own options. Any other command: that command,
// with no options. Nothing where the words are no launch (vgpu-run would refuse them), or cannot be known.
struct LaunchOfCommand {
  bool wrapped = false;
  bool known = true;
  plan::Request request;
  plan::Problems problems;
};
LaunchOfCommand launch_of(const os::Machine& machine, const Unit& unit, const ExecCommand& command);

}  // namespace vgpu::systemd
