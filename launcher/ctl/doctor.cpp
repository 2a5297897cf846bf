// vgpuctl doctor [-- COMMAND...]: what is wrong on this machine, and for this command.
#include <sys/mman.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "launcher/ctl/command.h"
#include "launcher/ctl/expected.h"
#include "launcher/ctl/launch_options.h"
#include "launcher/ctl/print.h"
#include "launcher/ctl/systemd.h"
#include "launcher/ctl/trial.h"
#include "launcher/doctor/catalogue.h"
#include "launcher/doctor/examination.h"
#include "launcher/doctor/report.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/launch.h"
#include "launcher/plan/suggest.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;

// Whether memory that was written may be made executable: prctl(PR_SET_MDWE), systemd's seccomp filter and
// SELinux forbid it, and ask nobody who could be asked.
bool is_stack_sealed() {
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  const bool refused =
      ::mprotect(page, size, PROT_READ | PROT_WRITE | PROT_EXEC) != 0 && (errno == EACCES || errno == EPERM);
  ::munmap(page, size);
  return refused;
}

class Doctor final : public Command {
 public:
  const char* name() const override { return "doctor"; }
  const char* summary() const override {
    return "What is wrong on this machine, and for a command; what a failure means";
  }
  bool takes_a_command() const override { return true; }

  void add_options(CLI::App& app) override {
    CLI::Option* page =
        app.add_option("--explain", id_, "Print the page of a failure: docs/catalogue/ID.md")->type_name("ID");
    CLI::Option* list =
        app.add_flag("--list", list_, "List every failure that has a page, worst first")->excludes(page);
    app.add_flag("--try", try_,
                 "Start the command under vgpu-run for a moment, as verify does, and look at what it really has")
        ->excludes(page)
        ->excludes(list);
    app.add_flag("--json", json_, "Print what was found (vgpuctl schema doctor)")->excludes(page)->excludes(list);
    place_.add_to(app);
    options_.add_to(app);
    app.footer(
        "vgpuctl doctor [OPTIONS] -- COMMAND [ARG...] looks at what that command would run into; without a "
        "command at the machine,\n"
        "its services on a virtual GPU and the processes under vgpu-run. Nothing is started without --try.\n"
        "Exit status: 0 nothing is wrong, or no more than warnings; 1 something is; 2 it cannot be told; 125 "
        "vgpuctl itself failed.\n"
        "See docs/doctor.md.");
  }

  ExitStatus run(const os::Machine& machine, const std::vector<std::string>& operands) override {
    const bool asks = list_ || explains();
    if (asks && !operands.empty())
      return fail_usage("--explain and --list take no command", "leave out what stands behind --");
    if (asks) return list_ ? list() : explain();
    if (try_ && operands.empty())
      return fail_usage("there is no command to try", "write vgpuctl doctor --try -- COMMAND [ARG...]");
    if (try_ && place_.is_offline()) return fail_usage("nothing of --root can be started", "leave out --try");
    return examine(machine, operands);
  }

 private:
  bool explains() const { return id_.has_value(); }

  ExitStatus examine(const os::Machine& ours, const std::vector<std::string>& command) {
    auto there = place_.machine(ours);
    if (!there) return fail(there.error());
    there->set_environment({});
    const bool offline = place_.is_offline();
    const os::Machine& machine = offline ? static_cast<const os::Machine&>(*there) : ours;
    // Without a command an ordinary program stands for all of them: ourselves, who are dynamically linked.
    const bool stands_in = command.empty() && !offline;
    auto request = options_.request(machine, stands_in ? std::vector<std::string>{ours.own_executable()} : command);
    if (!request) return fail(request.error());
    request->allow_unshimmed = false;  // the question is what would not load, not what would be started all the same
    plan::Request without = *request;
    without.command.clear();
    const plan::Plan plan = plan::make_plan(machine, std::move(*request));
    plan::Problems own;
    for (const plan::Problem& one : plan.problems) {
      if (one.severity == plan::Severity::error && (one.code == plan::Code::usage || one.code == plan::Code::internal))
        own.push_back(one);
    }
    if (!own.empty()) return fail(own);

    const auto launcher = place_.launcher(ours, *there);
    doctor::Report report;
    report.command = command;
    if (!command.empty()) report.program = plan.target.path.empty() ? command.front() : plan.target.path;
    report.findings = doctor::examine({.machine = machine,
                                       .plan = plan,
                                       .command = !command.empty(),
                                       .offline = offline,
                                       .stack_is_sealed = is_stack_sealed(),
                                       .units = *there,
                                       .launcher = launcher ? *launcher : std::string(),
                                       .request = without});
    bool looked = true;
    if (try_ && plan::exit_status(plan) == ExitStatus::ok) {
      const plan::Problems problems = try_it(ours, command, report.findings, looked);
      if (!problems.empty()) return fail(problems);
    }
    const ExitStatus status =
        doctor::verdict(report) == ExitStatus::ok && !looked ? ExitStatus::cannot_tell : doctor::verdict(report);
    return answer(json_ ? doctor::to_json(report) : doctor::to_text(report), status);
  }

  // `looked`: there was something to see.
  plan::Problems try_it(const os::Machine& machine, const std::vector<std::string>& command, doctor::Findings& findings,
                        bool& looked) const {
    const auto plan = expected(machine, options_, command);
    if (!plan) return plan.error();
    const std::string own = machine.own_executable();
    std::vector<std::string> words = {own.substr(0, own.rfind('/') + 1) + "vgpu-run"};
    const std::vector<std::string> options = options_.words();
    words.insert(words.end(), options.begin(), options.end());
    words.emplace_back("--");
    words.insert(words.end(), command.begin(), command.end());
    const TrialResult result = try_command(machine, words, *plan, {});
    if (!result.failure.empty()) {
      return {{.code = plan::Code::internal,
               .where = words.front(),
               .cause = result.failure,
               .fix = "install vgpu-run beside vgpuctl again",
               .excerpt = {}}};
    }
    doctor::add_processes(result.report, findings);
    doctor::sort_worst_first(findings);
    if (!result.started) {
      std::fprintf(stderr, "vgpuctl: it ended with status %d before it could be looked at\n", result.status);
    }
    looked = result.started;
    return {};
  }

  ExitStatus explain() const {
    if (const doctor::Page* page = doctor::find_page(*id_)) return answer(std::string(page->text), ExitStatus::ok);
    std::vector<std::string> known;
    for (const doctor::Page& page : doctor::pages()) known.emplace_back(page.id);
    const std::string guess = plan::suggest(*id_, known);
    return fail_usage("there is no failure " + plan::escaped(*id_),
                      guess.empty() ? "see vgpuctl doctor --list" : "did you mean " + guess + "?");
  }

  static ExitStatus list() {
    std::string text;
    for (const doctor::Page& page : doctor::pages()) {
      text.append(page.id)
          .append(std::max<std::size_t>(page.id.size(), 28) - page.id.size() + 2, ' ')
          .append(page.summary())
          .append("\n");
    }
    return answer(text, ExitStatus::ok);
  }

  std::optional<std::string> id_;
  bool list_ = false;
  bool try_ = false;
  bool json_ = false;
  SystemdPlace place_;
  LaunchOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_doctor() { return std::make_unique<Doctor>(); }

}  // namespace vgpu::ctl
