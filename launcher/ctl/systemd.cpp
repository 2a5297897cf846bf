// vgpuctl systemd check|install|remove UNIT: services on a virtual GPU.
#include "launcher/ctl/systemd.h"

#include <CLI/CLI.hpp>

namespace vgpu::ctl {
namespace {

class Systemd final : public Command {
 public:
  const char* name() const override { return "systemd"; }
  const char* summary() const override { return "Put a service on a virtual GPU, or check that it is on one"; }

  void add_options(CLI::App& app) override {
    for (auto make : {make_systemd_check, make_systemd_install, make_systemd_remove}) {
      auto verb = make();
      CLI::App* sub = app.add_subcommand(verb->name(), verb->summary());
      verb->add_options(*sub);
      sub->callback([this, one = verb.get()] { chosen_ = one; });
      verbs_.push_back(std::move(verb));
    }
    app.require_subcommand(1);
    app.footer("vgpuctl systemd VERB --help tells more.");
  }

  plan::ExitStatus run(const os::Machine& machine, const std::vector<std::string>&) override {
    return chosen_->run(machine);
  }

 private:
  std::vector<std::unique_ptr<SystemdVerb>> verbs_;
  SystemdVerb* chosen_ = nullptr;  // set by the parser, which wants one of them
};

}  // namespace

std::unique_ptr<Command> make_systemd() { return std::make_unique<Systemd>(); }

}  // namespace vgpu::ctl
