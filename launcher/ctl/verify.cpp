// vgpuctl verify PID | --unit NAME | --container ID | -- COMMAND...: has a process its shims, and everything below it?
#include <CLI/CLI.hpp>
#include <algorithm>
#include <thread>

#include "launcher/ctl/command.h"
#include "launcher/ctl/expected.h"
#include "launcher/ctl/launch_options.h"
#include "launcher/ctl/print.h"
#include "launcher/ctl/subject.h"
#include "launcher/ctl/trial.h"
#include "launcher/verify/report.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;
using verify::Verdict;

constexpr int kLooks = 20;
constexpr std::chrono::milliseconds kBetweenLooks{5};

ExitStatus status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds: return ExitStatus::ok;
    case Verdict::does_not_hold: return ExitStatus::does_not_hold;
    case Verdict::cannot_tell: return ExitStatus::cannot_tell;
  }
  return ExitStatus::cannot_tell;
}

// Processes that are just being started get a moment.
verify::Report look(const os::Machine& machine, int pid, const verify::Expectation& plan) {
  verify::Report report;
  for (int i = 0; i < kLooks; ++i) {
    if (i != 0) std::this_thread::sleep_for(kBetweenLooks);
    report = verify::examine(machine, pid, plan);
    const auto starting = [](const verify::Member& m) { return m.judgement.finding == verify::Finding::not_ready; };
    if (std::none_of(report.members.begin(), report.members.end(), starting)) break;
  }
  return report;
}

class Verify final : public Command {
 public:
  const char* name() const override { return "verify"; }
  const char* summary() const override { return "Whether a process, and everything below it, has its shims"; }
  bool takes_a_command() const override { return true; }

  void add_options(CLI::App& app) override {
    subject_.add_to(app);
    options_.add_to(app);
    app.add_flag("--json", json_, "Print what was seen and judged (vgpuctl schema verify)");
    app.add_option("--wait", patience_, "How long a command behind -- gets to be up, 5 if not given")
        ->type_name("SECONDS")
        ->check(CLI::Range(1U, 600U));
    app.footer(
        "vgpuctl verify [OPTIONS] -- COMMAND [ARG...] starts the command under vgpu-run with an empty stdin, its "
        "output on\n"
        "stderr; waits until no process of it came, went or changed for 0.3 s, until --wait is over, or until it "
        "ends;\n"
        "judges what it saw last, and ends it and everything below it: SIGTERM, after two seconds SIGKILL.\n"
        "Exit status: 0 it holds, 1 it does not, 2 it cannot be told, 125 vgpuctl itself failed. See docs/verify.md.");
  }

  ExitStatus run(const os::Machine& machine, const std::vector<std::string>& operands) override {
    const int named = subject_.count() + static_cast<int>(!operands.empty());
    if (named != 1) {
      return fail_usage(named == 0 ? "there is nothing to verify" : "more than one thing is named",
                        "write one of PID, --unit NAME, --container ID, -- COMMAND [ARG...]");
    }
    return operands.empty() ? verify_process(machine) : verify_command(machine, operands);
  }

 private:
  ExitStatus verify_process(const os::Machine& machine) {
    const auto subject = subject_.find(machine);
    if (!subject) return fail(subject.error());
    verify::Report report;
    if (subject->pid == 0) {
      report.notes.push_back(subject->reason);
      return show(report);
    }
    const auto plan = expected(machine, options_, subject->pid);
    if (!plan) return fail(plan.error());
    return show(look(machine, subject->pid, *plan));
  }

  ExitStatus verify_command(const os::Machine& machine, const std::vector<std::string>& command) {
    const auto plan = expected(machine, options_, command);
    if (!plan) return fail(plan.error());
    const std::string own = machine.own_executable();
    std::vector<std::string> words = {own.substr(0, own.rfind('/') + 1) + "vgpu-run"};
    const std::vector<std::string> options = options_.words();
    words.insert(words.end(), options.begin(), options.end());
    words.emplace_back("--");
    words.insert(words.end(), command.begin(), command.end());
    TrialLimits limits;
    if (patience_ != 0) limits.patience = std::chrono::seconds(patience_);
    TrialResult result = try_command(machine, words, *plan, limits);
    if (!result.failure.empty()) {
      return fail({{.code = plan::Code::internal,
                    .where = words.front(),
                    .cause = result.failure,
                    .fix = "install vgpu-run beside vgpuctl again",
                    .excerpt = {}}});
    }
    const std::string status = std::to_string(result.status);
    if (!result.started) {
      const bool refused = result.ended && result.status >= 125 && result.status <= 127;
      result.report.notes.push_back(refused        ? "vgpu-run did not start it, status " + status + ": see above"
                                    : result.ended ? "it ended with status " + status + " before it could be looked at"
                                                   : "vgpu-run has not become it within " +
                                                         std::to_string(limits.patience.count() / 1000) + " s");
      return show(result.report, refused ? Verdict::does_not_hold : Verdict::cannot_tell);
    }
    if (result.ended)
      result.report.notes.push_back("it ended by itself with status " + status + "; this is what was seen last");
    return show(result.report);
  }

  ExitStatus show(const verify::Report& report) { return show(report, verify::verdict(report)); }
  ExitStatus show(const verify::Report& report, Verdict verdict) {
    return answer(json_ ? verify::to_json(report, verdict) : verify::to_text(report, verdict), status_of(verdict));
  }

  Subject subject_;
  LaunchOptions options_;
  unsigned patience_ = 0;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_verify() { return std::make_unique<Verify>(); }

}  // namespace vgpu::ctl
