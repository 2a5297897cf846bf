// vgpuctl tree [PID]: who carries what, and why others do not.
#include <CLI/CLI.hpp>

#include "launcher/ctl/command.h"
#include "launcher/ctl/expected.h"
#include "launcher/ctl/print.h"
#include "launcher/ctl/subject.h"
#include "launcher/plan/characters.h"
#include "launcher/verify/report.h"
#include "launcher/verify/roots.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;

class TreeCommand final : public Command {
 public:
  const char* name() const override { return "tree"; }
  const char* summary() const override { return "Which processes carry which shims, and why others do not"; }

  void add_options(CLI::App& app) override {
    app.add_option("PID", pid_, "The process to begin with; without it every process that vgpu-run started");
    options_.add_to(app);
    auto* json = app.add_flag("--json", json_, "Print what was seen and judged (vgpuctl schema verify)");
    app.add_flag("--dot", dot_, "Print a graph for Graphviz: vgpuctl tree --dot | dot -Tsvg")->excludes(json);
    app.footer("Exit status: 0 it is shown, whatever it shows; 2 there is nothing to show; 125 vgpuctl itself failed.");
  }

  ExitStatus run(const os::Machine& machine, const std::vector<std::string>&) override {
    std::vector<int> begin;
    if (pid_.empty()) {
      begin = verify::roots(machine);
    } else if (const int pid = parse_pid(pid_); pid != 0) {
      begin.push_back(pid);
    } else {
      return fail_usage(plan::escaped(pid_) + " is no process number",
                        "write a number from 1 to " + std::to_string(os::kLargestPid));
    }
    verify::Report all;
    for (const int pid : begin) {
      const auto plan = expected(machine, options_, pid);
      if (!plan) return fail(plan.error());
      all.add(verify::examine(machine, pid, *plan));
    }
    const ExitStatus status = all.members.empty() ? ExitStatus::cannot_tell : ExitStatus::ok;
    if (json_) return answer(verify::to_json(all, verify::verdict(all)), status);
    if (dot_) return answer(verify::to_dot(all), status);
    if (!all.members.empty()) return answer(verify::to_tree(all), status);
    return answer(pid_.empty() ? "no process that we may look at has a shim\n" : "there is no such process\n", status);
  }

 private:
  std::string pid_;
  LaunchOptions options_;
  bool json_ = false;
  bool dot_ = false;
};

}  // namespace

std::unique_ptr<Command> make_tree() { return std::make_unique<TreeCommand>(); }

}  // namespace vgpu::ctl
