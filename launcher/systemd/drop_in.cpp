#include "launcher/systemd/drop_in.h"

#include <algorithm>

#include "launcher/os/rooted_machine.h"
#include "launcher/plan/launch.h"
#include "launcher/systemd/program.h"
#include "shims/contract.h"

namespace vgpu::systemd {
namespace {

using plan::Code;
using plan::Problem;
using plan::Problems;
using plan::Result;
using Strings = std::vector<std::string>;

constexpr char kFirstLine[] = "# Written by vgpuctl systemd install";
constexpr char kDirectory[] = "/etc/systemd/system/";

Problem problem(Code code, std::string where, std::string cause, std::string fix) {
  return {.code = code, .where = std::move(where), .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}};
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string header(const Unit& unit, const char* what) {
  // Within double quotes of a shell a name of a unit stands for itself, but for the backslash.
  const bool plain = unit.name.find('\\') == std::string::npos;
  const std::string name = plain ? unit.name : "'" + unit.name + "'";
  const std::string restart = unit.is_template() ? "" : " && systemctl restart " + name;
  return std::string(kFirstLine) + ": " + unit.name + " " + what + ".\n# Undo: vgpuctl systemd remove " + name +
         " && systemctl daemon-reload" + restart + "\n[Service]\n";
}

// A drop-in that comes behind ours and assigns `key` again, empty or not.
const UnitFile* later_one(const Unit& unit, const std::string& name, std::string_view key) {
  const UnitFile* found = nullptr;
  for (const UnitFile& file : unit.files) {
    if (file.path == unit.fragment || base_name(file.path) <= name) continue;
    for (const UnitAssignment& one : file.assignments) {
      if (one.section == "Service" && one.key == key) found = &file;
    }
  }
  return found;
}

Result<std::string> path_for(const Unit& unit, std::string_view key) {
  const std::string directory = kDirectory + unit.name + ".d/";
  if (later_one(unit, kDropIn, key) == nullptr) return directory + kDropIn;
  const UnitFile* last = later_one(unit, kLastDropIn, key);
  if (last == nullptr) return directory + kLastDropIn;
  return Problems{problem(Code::usage, last->path,
                          std::string(key) + "= in it would come behind ours, whose name is " + kLastDropIn,
                          "give it a name that sorts before " + std::string(kLastDropIn))};
}

class Wrapper {
 public:
  Wrapper(const os::Machine& machine, const Unit& unit, const std::string& launcher, const plan::Request& request)
      : machine_(machine), unit_(unit), launcher_(launch_words(request)) {
    launcher_.insert(launcher_.begin(), launcher);
  }

  Result<DropIn> make() {
    auto path = path_for(unit_, "ExecStart");
    if (!path) return path.error();
    std::string lines = "ExecStart=\n";
    std::size_t done = 0;
    for (const Setting& one : settings(unit_, "ExecStart")) {
      const ExecCommands line = parse_exec_line(one.value());
      if (!line.error.empty()) {
        complain(one, line.error, "put ExecStart= right: systemd does not take it either");
        continue;
      }
      for (const ExecCommand& command : line.commands) done += wrap(one, command, lines) ? 1 : 0;
    }
    if (!problems_.empty()) return std::move(problems_);
    if (done == 0) return nothing_to_do();
    lines += identifier();
    return DropIn{.path = std::move(*path), .text = header(unit_, "starts on a virtual GPU") + lines, .warnings = {}};
  }

 private:
  bool wrap(const Setting& one, const ExecCommand& command, std::string& lines) {
    const std::size_t percent = bad_specifier(one.value());
    if (percent != std::string::npos) {
      complain(one, "'" + one.value().substr(percent, 2) + "' is no specifier, and systemd ignores the line",
               "write %% for a percent sign");
      return false;
    }
    if (launch_of(machine_, unit_, command).wrapped) {  // by somebody's hand
      lines += "ExecStart=" + command.text + "\n";
      return false;
    }
    const bool absolute = command.program.starts_with('/') || command.program.starts_with('%');
    const Program program = find_program(machine_, unit_, command);
    if (program.known && program.path.empty() && !command.has('-')) {
      problems_.push_back(
          problem(Code::target_missing, one.where(), program.cause, "install it first, or correct ExecStart="));
      return false;
    }
    if (!absolute && program.path.empty()) {
      complain(one, program.known ? program.cause : "which program it is, " + program.cause,
               "write its absolute path in ExecStart=");
      return false;
    }
    // systemd's own search is not PATH's: what it finds is written down. Else the path as written, specifiers and all.
    const std::string file = absolute ? command.program : doubled(program.path, Expanded::specifiers);
    lines += "ExecStart=" + wrapped(command, file, launcher_) + "\n";
    return true;
  }

  // The journal calls a service after the program that systemd starts: `journalctl -t ollama` shall find it as before.
  std::string identifier() const {
    std::string name;
    for (const Command& command : start_commands(unit_)) {
      const std::string one = base_name(command.command.program);
      if (one.find('%') != std::string::npos || (!name.empty() && one != name)) return {};
      name = one;
    }
    return setting(unit_, "SyslogIdentifier") ? std::string() : "SyslogIdentifier=" + name + "\n";
  }

  Result<DropIn> nothing_to_do() const {
    const bool any = !start_commands(unit_).empty();
    return Problems{problem(Code::usage, unit_.name,
                            any ? "its commands are behind vgpu-run already" : "it has no ExecStart=",
                            any ? "nothing is to be done" : "name a service that starts a command")};
  }

  void complain(const Setting& one, std::string cause, std::string fix) {
    problems_.push_back(problem(Code::usage, one.where(), std::move(cause), std::move(fix)));
  }

  const os::Machine& machine_;
  const Unit& unit_;
  Strings launcher_;
  Problems problems_;
};

Problems refused(const plan::Request& request) {
  if (request.scope == "namespace") {
    return {
        problem(Code::usage, "--scope namespace", "an environment cannot carry a mount namespace", "use --style wrap")};
  }
  if (!request.memory.empty() || request.new_session || !request.quota.empty()) {
    return {problem(Code::usage, "--style environment",
                    "a limit belongs to one start of the service, and its environment is the same for all of them",
                    "use --style wrap")};
  }
  return {};
}

Result<DropIn> environment_drop_in(const os::Machine& machine, const Unit& unit, plan::Request request) {
  if (Problems problems = refused(request); !problems.empty()) return problems;
  auto path = path_for(unit, "Environment");
  if (!path) return path.error();
  const std::vector<Command> commands = start_commands(unit);
  if (commands.empty())
    return Problems{problem(Code::usage, unit.name, "it has no ExecStart=", "name a service that starts a command")};
  const Program program = find_program(machine, unit, commands.front().command);
  if (program.path.empty()) {
    return Problems{problem(Code::target_missing, commands.front().setting.where(), program.cause,
                            "install it first, or correct ExecStart=")};
  }
  request.command = {program.path};
  os::RootedMachine service(machine, "/", machine.own_executable());
  service.set_environment(service_environment(unit));
  const plan::Plan plan = make_plan(service, std::move(request));
  if (exit_status(plan) != plan::ExitStatus::ok) return plan.problems;
  DropIn made{
      .path = std::move(*path), .text = header(unit, "gets its shims by Environment="), .warnings = plan.problems};
  for (const plan::Variable& variable : plan.environment) {
    made.text += "Environment=" + unit_word(variable.name + "=" + variable.value, Expanded::specifiers) + "\n";
  }
  return made;
}

}  // namespace

bool is_ours(std::string_view text) { return text.starts_with(kFirstLine); }

Strings own_drop_ins(const std::string& unit) {
  const std::string directory = kDirectory + unit + ".d/";
  return {directory + kDropIn, directory + kLastDropIn};
}

Strings launch_words(const plan::Request& request) {
  Strings words;
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {option, value});
  };
  add("--manifest", request.manifest);
  add("--profile", request.profile);
  for (const std::string& shim : request.with) add("--with", shim);
  for (const std::string& shim : request.without) add("--without", shim);
  add("--emulate", request.emulate);
  add("--device", request.devices);
  add("--memory", request.memory);
  if (request.new_session) words.push_back("--new-session");
  add("--quota", request.quota);
  for (const auto& [name, value] : request.set) add("--set", name + "=" + value);
  add("--scope", request.scope);
  return words;
}

Result<DropIn> make_drop_in(const os::Machine& machine, const Unit& unit, const std::string& launcher,
                            const plan::Request& request, Style style) {
  if (unit.masked) {
    return Problems{problem(Code::usage, unit.fragment, "the unit is masked: systemd does not start it",
                            "run systemctl unmask first")};
  }
  if (unit.fragment.empty() && unit.files.empty()) {
    return Problems{
        problem(Code::usage, unit.name, "there is no such unit", "list the services by systemctl list-unit-files")};
  }
  if (!unit.unreadable.empty()) return unit.unreadable;
  return style == Style::wrap ? Wrapper(machine, unit, launcher, request).make()
                              : environment_drop_in(machine, unit, request);
}

}  // namespace vgpu::systemd
