// vgpuctl explain [OPTIONS] [--] [COMMAND...]: what vgpu-run would do with it, and why.
#include "launcher/ctl/command.h"
#include "launcher/ctl/launch_options.h"
#include "launcher/ctl/print.h"
#include "launcher/plan/explanation.h"
#include "launcher/plan/launch.h"
#include "launcher/plan/plan_json.h"

namespace vgpu::ctl {
namespace {

class Explain final : public Command {
 public:
  const char* name() const override { return "explain"; }
  const char* summary() const override { return "What vgpu-run would do with a command, and why"; }
  bool is_about_a_launch() const override { return true; }

  void add_options(CLI::App& app) override {
    options_.add_to(app);
    app.add_flag("--json", json_, "Print the Plan (vgpuctl schema plan)");
    app.footer("Exit status: 0 there would be a launch, 1 there would be none, 125 vgpuctl itself failed.");
  }

  plan::ExitStatus run(const os::Machine& machine, const std::vector<std::string>& operands) override {
    const plan::Result<plan::Request> request = options_.request(machine, operands);
    if (!request) return fail(request.error());
    const plan::Plan plan = plan::make_plan(machine, *request);
    const bool launches = plan::exit_status(plan) == plan::ExitStatus::ok;
    return answer(json_ ? to_json(plan) : explain(plan),
                  launches ? plan::ExitStatus::ok : plan::ExitStatus::does_not_hold);
  }

 private:
  LaunchOptions options_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_explain() { return std::make_unique<Explain>(); }

}  // namespace vgpu::ctl
