// vgpuctl cdi generate|diff: the devices as container runtimes know them.
#include "launcher/ctl/cdi.h"

#include <CLI/CLI.hpp>

#include "launcher/ctl/command.h"

namespace vgpu::ctl {
namespace {

class Cdi final : public Command {
 public:
  const char* name() const override { return "cdi"; }
  const char* summary() const override {
    return "Devices for containers: a CDI specification, or whether one is current";
  }

  void add_options(CLI::App& app) override {
    for (auto make : {make_cdi_generate, make_cdi_diff}) {
      auto verb = make();
      CLI::App* sub = app.add_subcommand(verb->name(), verb->summary());
      verb->add_options(*sub);
      sub->callback([this, one = verb.get()] { chosen_ = one; });
      verbs_.push_back(std::move(verb));
    }
    app.require_subcommand(1);
    app.footer("vgpuctl cdi VERB --help tells more. See docs/containers.md.");
  }

  plan::ExitStatus run(const os::Machine& machine, const std::vector<std::string>&) override {
    return chosen_->run(machine);
  }

 private:
  std::vector<std::unique_ptr<CdiVerb>> verbs_;
  CdiVerb* chosen_ = nullptr;  // set by the parser, which wants one of them
};

}  // namespace

std::unique_ptr<Command> make_cdi() { return std::make_unique<Cdi>(); }

}  // namespace vgpu::ctl
