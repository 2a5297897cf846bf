// The command line of vgpuctl: which subcommand, with which options, about which launch.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "launcher/ctl/command.h"
#include "launcher/plan/problem.h"

namespace vgpu::ctl {

struct Chosen {
  std::unique_ptr<Command> command;  // its options are set
  std::vector<std::string> operands;
};

// What --help and --version print, and nothing else is to be done.
struct Shown {
  std::string text;
};

// `words`: argv without the program's name. Errors: Code::usage.
plan::Result<std::variant<Shown, Chosen>> parse_command_line(std::vector<std::string> words);

}  // namespace vgpu::ctl
