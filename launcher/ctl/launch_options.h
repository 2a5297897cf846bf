// The options that say which launch is meant: those of vgpu-run, from its own table, with their VGPU_RUN_* twins.
#pragma once

#include <CLI/App.hpp>
#include <map>
#include <string>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"

namespace vgpu::ctl {

class LaunchOptions {
 public:
  void add_to(CLI::App& app);
  // As vgpu-run would understand the same words. Errors: Code::usage.
  plan::Result<plan::Request> request(const os::Machine& machine, const std::vector<std::string>& command) const;
  // The same as words for vgpu-run: those that were given on the command line.
  std::vector<std::string> words() const;

 private:
  std::map<std::string, std::vector<std::string>> values_;  // by option: "--with"
  std::map<std::string, bool> flags_;                       // "--passthrough"
};

// The index of the first operand, or of the "--" in front of it; arguments.size() where there is none. CLI11 (2.3)
// cannot be told to leave alone what follows an operand, so it is not shown to it.
std::size_t first_operand(const std::vector<std::string>& arguments);

}  // namespace vgpu::ctl
