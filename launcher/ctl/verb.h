// A subcommand of vgpuctl that has subcommands of its own, its verbs. A verb is one file: options, help, run.
#pragma once

#include <initializer_list>

#include "launcher/ctl/command.h"

namespace vgpu::ctl {

class Verb {
 public:
  virtual ~Verb() = default;
  virtual const char* name() const = 0;
  virtual const char* summary() const = 0;
  virtual void add_options(CLI::App& app) = 0;
  virtual plan::ExitStatus run(const os::Machine& machine) = 0;
};

using MakeVerb = std::unique_ptr<Verb> (*)();

// `footer` ends its --help.
std::unique_ptr<Command> make_verbs(const char* name, const char* summary, const char* footer,
                                    std::initializer_list<MakeVerb> verbs);

}  // namespace vgpu::ctl
