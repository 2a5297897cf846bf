// vgpuctl tree [PID]: who carries what, and why others do not.
#include <CLI/CLI.hpp>
#include <map>
#include <set>

#include "launcher/ctl/command.h"
#include "launcher/ctl/expected.h"
#include "launcher/ctl/print.h"
#include "launcher/ctl/subject.h"
#include "launcher/plan/characters.h"
#include "launcher/verify/loaded.h"
#include "launcher/verify/report.h"
#include "shims/contract.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;

// Something of ours is in it, or was meant to be.
bool is_ours(const verify::Observation& process) {
  if (verify::variable(process, contract::kPreload)) return true;
  for (const os::LinkedObject& object : process.map.objects) {
    if (verify::base_name(object.path).starts_with("libvgpu-")) return true;
  }
  return false;
}

// The topmost processes that have to do with us.
std::vector<int> roots(const os::Machine& machine) {
  std::map<int, int> parents;
  std::set<int> ours;
  for (const os::ProcessStatus& status : verify::all_processes(machine)) {
    parents[status.pid] = status.parent;
    if (is_ours(verify::observe(machine, status))) ours.insert(status.pid);
  }
  std::vector<int> top;
  for (const int pid : ours) {
    bool below = false;
    std::set<int> seen;
    for (int at = parents[pid]; at != 0 && !below && seen.insert(at).second; at = parents.contains(at) ? parents[at] : 0) {
      below = ours.contains(at);
    }
    if (!below) top.push_back(pid);
  }
  return top;
}

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
      begin = roots(machine);
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
