// vgpuctl check [OPTIONS] [--] COMMAND...: would every shim load into it? Reads every library, whatever the build knows
// about ours, and starts nothing.
#include <algorithm>

#include "launcher/ctl/command.h"
#include "launcher/ctl/launch_options.h"
#include "launcher/ctl/print.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/launch.h"
#include "launcher/plan/plan_json.h"

namespace vgpu::ctl {
namespace {

using plan::Code;
using plan::ExitStatus;
using plan::Plan;
using plan::Problem;
using plan::Severity;

bool has(const Plan& plan, Severity severity, Code code) {
  return std::any_of(plan.problems.begin(), plan.problems.end(),
                     [&](const Problem& problem) { return problem.severity == severity && problem.code == code; });
}

ExitStatus verdict(const Plan& plan) {
  if (has(plan, Severity::error, Code::usage) || has(plan, Severity::error, Code::internal))
    return ExitStatus::own_failure;
  if (plan::exit_status(plan) != ExitStatus::ok) return ExitStatus::does_not_hold;
  return has(plan, Severity::warning, Code::target_unreadable) ? ExitStatus::cannot_tell : ExitStatus::ok;
}

std::string counted(std::size_t count, const std::string& what, const std::string& many) {
  return std::to_string(count).append(" ").append(count == 1 ? what : many);
}

std::string last_line(const Plan& plan, ExitStatus status) {
  const std::string program = plan::escaped(plan.target.path.empty() ? plan.request.command.front() : plan.target.path);
  if (status == ExitStatus::ok) {
    return "holds: " + counted(plan.preload.size(), "library", "libraries") + " would load into " + program + "\n";
  }
  if (status == ExitStatus::cannot_tell) return "cannot tell: " + program + " cannot be read\n";
  const auto errors = std::count_if(plan.problems.begin(), plan.problems.end(),
                                    [](const Problem& p) { return p.severity == Severity::error; });
  return "does not hold: " + counted(static_cast<std::size_t>(errors), "error", "errors") +
         ", vgpu-run would not start " + program + "\n";
}

class Check final : public Command {
 public:
  const char* name() const override { return "check"; }
  const char* summary() const override { return "Whether every shim would load into a command; starts nothing"; }
  bool is_about_a_launch() const override { return true; }

  void add_options(CLI::App& app) override {
    options_.add_to(app);
    app.add_flag("--json", json_, "Print the Plan, problems included (vgpuctl schema plan)");
    app.footer("Exit status: 0 it holds, 1 it does not, 2 it cannot be told, 125 vgpuctl itself failed.");
  }

  ExitStatus run(const os::Machine& machine, const std::vector<std::string>& operands) override {
    if (operands.empty())
      return fail_usage("there is no command to check", "write vgpuctl check [OPTIONS] [--] COMMAND [ARG...]");
    plan::Result<plan::Request> request = options_.request(machine, operands);
    if (!request) return fail(request.error());
    request->allow_unshimmed = false;  // VGPU_RUN_ALLOW_UNSHIMMED is about starting, the question here is about loading
    const Plan plan = plan::make_plan(machine, *request);
    const ExitStatus status = verdict(plan);
    if (status == ExitStatus::own_failure) return fail(plan.problems);
    if (json_) return answer(to_json(plan), status);
    std::string text;
    for (const Problem& problem : plan.problems) text += to_text(problem, "vgpuctl");
    return answer(text + last_line(plan, status), status);
  }

 private:
  LaunchOptions options_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_check() { return std::make_unique<Check>(); }

}  // namespace vgpu::ctl
