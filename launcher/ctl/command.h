// A subcommand of vgpuctl is one file: its options, its help, its run. commands.cpp is the list of them.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/plan/codes.h"

namespace vgpu::ctl {

class Command {
 public:
  virtual ~Command() = default;

  virtual const char* name() const = 0;
  virtual const char* summary() const = 0;
  // Whether operands are the command of a launch: the first one ends the options, as in vgpu-run.
  virtual bool is_about_a_launch() const { return false; }
  // Whether operands are what stands behind "--": a command, beside operands of its own in front of it.
  virtual bool takes_a_command() const { return false; }

  virtual void add_options(CLI::App& app) = 0;
  // `operands`: the launch's command and its arguments.
  virtual plan::ExitStatus run(const os::Machine& machine, const std::vector<std::string>& operands) = 0;
};

// In the order in which --help lists them.
std::vector<std::unique_ptr<Command>> commands();

std::unique_ptr<Command> make_explain();
std::unique_ptr<Command> make_check();
std::unique_ptr<Command> make_verify();
std::unique_ptr<Command> make_tree();
std::unique_ptr<Command> make_doctor();
std::unique_ptr<Command> make_systemd();
std::unique_ptr<Command> make_cdi();
std::unique_ptr<Command> make_top();
std::unique_ptr<Command> make_limit();
std::unique_ptr<Command> make_list();
std::unique_ptr<Command> make_schema();

}  // namespace vgpu::ctl
