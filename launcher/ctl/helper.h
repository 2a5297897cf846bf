// A program of somebody else that knows something we need: systemctl, podman, docker.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launcher/os/machine.h"

namespace vgpu::ctl {

struct Said {
  int status = 0;
  std::string output;
  std::string complaint;                // stderr, its last line
  std::vector<std::string> complaints;  // all of them
};

// The file that a command is, by our PATH.
std::optional<std::string> find_program(const os::Machine& machine, const std::string& name);

// Runs it with an empty stdin and waits for its end. Nothing where it cannot be started.
std::optional<Said> ask(const std::string& program, const std::vector<std::string>& arguments);

}  // namespace vgpu::ctl
