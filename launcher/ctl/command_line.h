// The command line of vgpuctl: which subcommand, with which options, about which launch.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "launcher/ctl/command.h"
#include "launcher/plan/problem.h"

namespace vgpu::ctl {

// The subcommands and their options: what parsing goes by, and --help, the manual pages and completion show.
struct Grammar {
  Grammar();
  Grammar(const Grammar&) = delete;  // the options point into the commands
  Grammar& operator=(const Grammar&) = delete;

  std::vector<std::unique_ptr<Command>> commands;
  std::vector<std::string> operands;  // the launch's command and its arguments
  CLI::App app;
};

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
