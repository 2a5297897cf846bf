#include "launcher/run/run.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "launcher/os/exec.h"
#include "launcher/os/real_machine.h"
#include "launcher/plan/explanation.h"
#include "launcher/plan/launch.h"
#include "launcher/plan/mount_namespace.h"
#include "launcher/plan/plan_json.h"
#include "launcher/plan/plan_sh.h"
#include "launcher/run/container.h"
#include "launcher/run/options.h"

namespace vgpu::run {
namespace {

using plan::Code;
using plan::ExitStatus;
using plan::Plan;
using plan::Problem;
using plan::Problems;

constexpr char kProgram[] = "vgpu-run";

plan::Sealed own_files() { return {plan::own_seal(), plan::own_manifest()}; }

// write(2) rather than stdio: the hot path prints nothing, and a short write or a full disk must be seen.
bool print(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    done += static_cast<std::size_t>(written);
  }
  return true;
}

int report(const Problems& problems, ExitStatus status) {
  std::string text;
  for (const Problem& problem : problems) text += to_text(problem, kProgram);
  print(STDERR_FILENO, text);
  return static_cast<int>(status);
}

// An answer that was asked for and did not arrive is a failure.
int answer(const std::string& text, ExitStatus status) {
  if (print(STDOUT_FILENO, text)) return static_cast<int>(status);
  const std::string cause = std::strerror(errno);
  return report({{.code = Code::internal,
                  .where = "standard output",
                  .cause = "it cannot be written to: " + cause,
                  .fix = "make room, or send it elsewhere",
                  .excerpt = {}}},
                ExitStatus::own_failure);
}

// The problems are part of the explanation and of the JSON; what else is printed says them on stderr.
int show(const CommandLine& line, const Plan& plan) {
  const ExitStatus status = exit_status(plan);
  if (line.explain && line.format == Format::text) return answer(explain(plan), status);
  if (line.format == Format::json) return answer(to_json(plan), status);
  report(plan.problems, status);
  if (status != ExitStatus::ok) return static_cast<int>(status);
  if (line.format != Format::sh) return answer(summary(plan), status);
  report(lost_in_sh(plan), status);
  return answer(to_sh(plan), status);
}

int exec_failed(const Plan& plan, const os::Errno& error) {
  return report({{.code = Code::exec_failed,
                  .where = plan.target.file,
                  .cause = std::strerror(error.value),
                  .fix = error.value == E2BIG ? "pass fewer or shorter arguments, or raise the stack limit (ulimit -s)"
                                              : "try the command without vgpu-run",
                  .excerpt = {}}},
                error.value == ENOENT ? ExitStatus::not_found : ExitStatus::not_executable);
}

std::vector<std::string> arguments_of(const Plan& plan) {
  std::vector<std::string> arguments = plan.request.command;
  if (!plan.request.argv0.empty()) arguments.front() = plan.request.argv0;
  return arguments;
}

// Returns only on failure. What the plan for a launch does not ask, exec answers: the dynamic linker is not there, the
// mount is noexec, it is not a program. A plan that asks says so, or finds the next program of that name in PATH, as
// execvp(3) would, or a script for the shell.
int execute(const os::Machine& machine, const Plan& plan) {
  const os::Errno error = os::execute(plan.target.file, arguments_of(plan), plan.envp);
  if (error.value == E2BIG) return exec_failed(plan, error);
  const Plan second = make_plan(machine, plan.request, own_files(), plan::Detail::shown);
  const ExitStatus status = exit_status(second);
  if (status != ExitStatus::ok) return report(second.problems, status);
  const os::Errno again = os::execute(second.target.file, arguments_of(second), second.envp);
  if (again.value != ENOEXEC) return exec_failed(second, again);
  return exec_failed(second, os::execute_by_shell(second.target.file, arguments_of(second), second.envp));
}

int launch(const os::Machine& machine, const CommandLine& line, const Plan& plan) {
  const ExitStatus status = exit_status(plan);
  if (line.verbose) {
    print(STDERR_FILENO, explain(plan));
  } else if (!plan.problems.empty()) {
    report(plan.problems, status);
  }
  if (status != ExitStatus::ok) return static_cast<int>(status);
  if (plan.mount_namespace.needed) {
    if (const auto failed = os::enter_mount_namespace(plan.mount_namespace.files)) {
      return report({plan::namespace_problem(machine, *failed)}, ExitStatus::own_failure);
    }
  }
  return execute(machine, plan);
}

}  // namespace

int run(const std::vector<std::string>& arguments) {
  os::RealMachine machine(os::RealMachine::Closing::at_exec);
  if (!machine.credentials().secure) machine.add_environment(left_out_by_exec(machine));
  const auto line = parse_command_line(arguments, machine.environment(), !machine.credentials().secure);
  if (!line) return report(line.error(), ExitStatus::own_failure);
  if (line->help) return answer(help_text(), ExitStatus::ok);
  if (line->version) return answer(kProgram + std::string(" " VGPU_VERSION "\n"), ExitStatus::ok);
  const bool shown = line->dry_run || line->explain || line->verbose;
  const Plan plan = make_plan(machine, line->request, own_files(), shown ? plan::Detail::shown : plan::Detail::launch);
  return line->dry_run || line->explain ? show(*line, plan) : launch(machine, *line, plan);
}

}  // namespace vgpu::run
