#include "launcher/ctl/verb.h"

#include <CLI/CLI.hpp>

namespace vgpu::ctl {
namespace {

class Verbs final : public Command {
 public:
  Verbs(const char* name, const char* summary, const char* footer, std::initializer_list<MakeVerb> verbs)
      : name_(name), summary_(summary), footer_(footer) {
    for (const MakeVerb make : verbs) verbs_.push_back(make());
  }

  const char* name() const override { return name_; }
  const char* summary() const override { return summary_; }

  void add_options(CLI::App& app) override {
    for (const auto& verb : verbs_) {
      CLI::App* sub = app.add_subcommand(verb->name(), verb->summary());
      verb->add_options(*sub);
      sub->callback([this, one = verb.get()] { chosen_ = one; });
    }
    app.require_subcommand(1);
    app.footer(footer_);
  }

  plan::ExitStatus run(const os::Machine& machine, const std::vector<std::string>&) override {
    return chosen_->run(machine);
  }

 private:
  const char* name_;
  const char* summary_;
  const char* footer_;
  std::vector<std::unique_ptr<Verb>> verbs_;
  Verb* chosen_ = nullptr;  // set by the parser, which wants one of them
};

}  // namespace

std::unique_ptr<Command> make_verbs(const char* name, const char* summary, const char* footer,
                                    std::initializer_list<MakeVerb> verbs) {
  return std::make_unique<Verbs>(name, summary, footer, verbs);
}

}  // namespace vgpu::ctl
