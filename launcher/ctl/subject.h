// Which process is meant: a pid, the main process of a systemd unit, or the first one of a container.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "launcher/os/machine.h"
#include "launcher/plan/problem.h"

namespace vgpu::ctl {

class Subject {
 public:
  void add_to(CLI::App& app);
  // How many were named.
  int count() const {
    return static_cast<int>(!pid_.empty()) + static_cast<int>(!unit_.empty()) + static_cast<int>(!container_.empty());
  }

  struct Found {
    int pid = 0;         // 0: there is none
    std::string reason;  // why: a clause
  };
  // Exactly one must be named. Errors: Code::usage for what cannot be one, Code::internal for a tool that is not there
  // or does not answer.
  plan::Result<Found> find(const os::Machine& machine) const;

 private:
  plan::Result<Found> find_pid() const;
  plan::Result<Found> find_unit(const os::Machine& machine) const;
  plan::Result<Found> find_container(const os::Machine& machine) const;

  std::string pid_;
  std::string unit_;
  std::string container_;
};

// A process number as a person writes it; 0 where it is none.
int parse_pid(const std::string& text);

}  // namespace vgpu::ctl
