#include "launcher/systemd/unit_check.h"

#include <algorithm>
#include <cctype>

#include "launcher/plan/launch.h"
#include "launcher/systemd/program.h"

namespace vgpu::systemd {
namespace {

using plan::Severity;

// A Plan for a command as the service would ask for it.
plan::Plan plan_of(const Subject& subject, plan::Request request) {
  os::RootedMachine service = subject.machine;
  service.set_environment(service_environment(subject.unit));
  return make_plan(service, std::move(request));
}

void say_problems(const Start& start, Report& report) {
  for (const plan::Problem& problem : start.plan.problems) {
    // What may fail with prefix '-' is no reason not to start the service.
    const Severity severity = start.command.command.has('-') ? Severity::warning : problem.severity;
    Finding finding = about(Fault::launch_refused, start.command.setting, problem.where + ": " + problem.cause,
                            problem.fix, severity);
    finding.id = name(problem.code);
    report.findings.push_back(std::move(finding));
  }
}

void check_command(const Subject& subject, const Command& command, Report& report) {
  Start start{.command = command, .program = {}, .plan = {}};
  const Program program = find_program(subject.machine, subject.unit, command.command);
  start.program = program.path;
  if (program.path.empty()) {
    const Severity severity = !program.known || command.command.has('-') ? Severity::warning : Severity::error;
    const bool assignment = command.command.program.find('=') != std::string::npos;
    report.findings.push_back(about(Fault::program_missing, command.setting, program.cause,
                                    assignment ? "write the variable in Environment=: systemd is no shell"
                                               : "install it, or write its absolute path",
                                    severity));
    report.starts.push_back(std::move(start));
    return;
  }
  LaunchOfCommand launch = launch_of(subject.machine, subject.unit, command.command);
  start.wrapped = launch.wrapped;
  start.known = launch.known;
  for (const plan::Problem& problem : launch.problems) {
    Finding finding = about(Fault::launch_refused, command.setting, problem.where + ": " + problem.cause, problem.fix);
    finding.id = name(problem.code);
    report.findings.push_back(std::move(finding));
  }
  if (launch.known) {
    if (!launch.wrapped) {
      plan::Request request = subject.request;
      request.command = launch.request.command;
      launch.request = std::move(request);
    }
    start.plan = plan_of(subject, launch.request);
    if (start.wrapped) say_problems(start, report);
  }
  report.starts.push_back(std::move(start));
}

void check_reset(const Unit& unit, bool whole, Report& report) {
  const auto type = setting(unit, "Type");
  if (type && type->value() == "oneshot") return;
  bool before = !whole;  // a drop-in alone: the unit that it is for has an ExecStart=
  for (const UnitFile& file : unit.files) {
    bool reset = file.path == unit.fragment;
    for (const UnitAssignment& one : file.assignments) {
      if (one.section != "Service" || one.key != "ExecStart") continue;
      if (one.value.empty()) {
        reset = true;
        before = false;
      } else if (before && !reset) {
        report.findings.push_back(
            about(Fault::exec_not_reset, {&file, &one},
                  "ExecStart= is set a second time without being emptied first, and systemd refuses such a unit",
                  "write a line ExecStart= in front of it"));
        reset = true;
      } else if (before) {
        report.findings.push_back(about(Fault::exec_not_reset, {&file, &one},
                                        "there is more than one ExecStart=, which only Type=oneshot may have",
                                        "keep one of them"));
      }
      if (!one.value.empty()) before = true;
    }
  }
}

void check_exec_lines(const Unit& unit, Report& report) {
  const std::vector<EnvironmentSetting> environment = environment_settings(unit);
  // systemd.exec(5), "Environment variables set or propagated by the service manager": those that ExecStart= can have.
  const std::vector<std::string> known = {"PATH",
                                          "LANG",
                                          "USER",
                                          "LOGNAME",
                                          "HOME",
                                          "SHELL",
                                          "INVOCATION_ID",
                                          "MAINPID",
                                          "MANAGERPID",
                                          "RUNTIME_DIRECTORY",
                                          "STATE_DIRECTORY",
                                          "CACHE_DIRECTORY",
                                          "LOGS_DIRECTORY",
                                          "CONFIGURATION_DIRECTORY",
                                          "CREDENTIALS_DIRECTORY",
                                          "LISTEN_FDS",
                                          "LISTEN_PID",
                                          "LISTEN_FDNAMES",
                                          "NOTIFY_SOCKET",
                                          "WATCHDOG_PID",
                                          "WATCHDOG_USEC",
                                          "JOURNAL_STREAM",
                                          "TERM",
                                          "SYSTEMD_EXEC_PID",
                                          "MEMORY_PRESSURE_WATCH"};
  const bool others = !settings(unit, "EnvironmentFile").empty() || !settings(unit, "PassEnvironment").empty() ||
                      !settings(unit, "PAMName").empty();
  for (const Setting& one : settings(unit, "ExecStart")) {
    const ExecCommands line = parse_exec_line(one.value());
    if (!line.error.empty()) {
      report.findings.push_back(about(Fault::exec_syntax, one, "systemd ignores the line: " + line.error,
                                      "close the quotes; \"\\\\\" is one backslash"));
    }
    if (const std::size_t at = bad_specifier(one.value()); at != std::string::npos) {
      report.findings.push_back(about(
          Fault::exec_percent, one, "'" + one.value().substr(at, 2) + "' is no specifier, and systemd ignores the line",
          "write %% for a percent sign"));
    }
    for (const ExecCommand& command : line.commands) {
      if (command.has(':') || others) continue;
      for (const UnitWord& word : command.arguments) {
        for (std::size_t at = word.value.find('$'); at != std::string::npos; at = word.value.find('$', at + 1)) {
          if (word.value.substr(at, 2) == "$$") {
            ++at;
            continue;
          }
          const bool braces = word.value.substr(at, 2) == "${";
          if (!braces && at != 0) continue;  // "$A" counts only at the beginning of a word
          const std::size_t begin = at + (braces ? 2 : 1);
          std::size_t end = begin;
          while (end < word.value.size() &&
                 (std::isalnum(static_cast<unsigned char>(word.value[end])) != 0 || word.value[end] == '_'))
            ++end;
          const std::string variable = word.value.substr(begin, end - begin);
          if (variable.empty() || (!braces && end != word.value.size()) ||
              std::find(known.begin(), known.end(), variable) != known.end())
            continue;
          if (std::any_of(environment.begin(), environment.end(),
                          [&](const EnvironmentSetting& each) { return each.name == variable; }))
            continue;
          report.findings.push_back(
              about(Fault::exec_variable_unset, one, "$" + variable + " is set nowhere, and stands for nothing",
                    "write $$ for a dollar sign, or set the variable in Environment=", Severity::warning));
        }
      }
    }
  }
}

}  // namespace

Finding about(Fault fault, const Setting& setting, std::string cause, std::string fix, Severity severity) {
  return {.fault = fault,
          .severity = severity,
          .file = setting.file->path,
          .line = setting.assignment->first_line,
          .cause = std::move(cause),
          .fix = std::move(fix),
          .id = std::string(name(fault))};
}

bool Report::has(Fault fault) const {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& one) { return one.fault == fault; });
}

Report check_unit(const Subject& subject) {
  Report report;
  const Unit& unit = subject.unit;
  const auto whole = [&](Fault fault, std::string cause, std::string fix) {
    report.findings.push_back(
        {.fault = fault, .file = {}, .cause = std::move(cause), .fix = std::move(fix), .id = std::string(name(fault))});
  };
  if (subject.whole && unit.fragment.empty()) {
    whole(Fault::unit_missing,
          unit.files.empty() ? "there is no such unit"
                             : "there are drop-ins, and systemd loads no service without a file of its own",
          "list the services by systemctl list-unit-files");
  }
  if (unit.masked) whole(Fault::unit_masked, "it is masked, systemd does not start it", "run systemctl unmask");
  for (const plan::Problem& problem : unit.unreadable) {
    report.findings.push_back({.fault = Fault::unit_unreadable,
                               .file = problem.where,
                               .cause = problem.cause,
                               .fix = problem.fix,
                               .id = std::string(name(Fault::unit_unreadable))});
  }
  check_lines(unit, report);
  check_exec_lines(unit, report);
  check_reset(unit, subject.whole, report);
  for (const Command& command : start_commands(unit)) check_command(subject, command, report);
  check_environment(subject, report);
  check_preload(subject, report);
  if (subject.whole) check_hardening(subject, report);
  return report;
}

}  // namespace vgpu::systemd
