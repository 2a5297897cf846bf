#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "tests/bench/report.h"
#include "tests/bench/subjects.h"

namespace vgpu::bench {
namespace {

// proc(5), /proc/PID/stat, field 10: minor faults, also those that the kernel takes on the process's account in an exec.
double faults_of(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string field;
  for (int number = 3; number <= 10; ++number) fields >> field;
  return std::strtod(field.c_str(), nullptr);
}

// What a launcher does between its own execve and the one that starts its target, both left out. NaN: not to be told.
struct Footprint {
  double calls = NAN;
  double faults = NAN;
};

// With the environment that everything else here is measured in: each directory of PATH costs a call.
Footprint before_execve(const Context& context, std::vector<std::string> command) {
  std::vector<char*> argv, envp;
  for (std::string& word : command) argv.push_back(word.data());
  std::vector<std::string> environment = context.environment;
  for (std::string& variable : environment) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) raise(SIGSTOP);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  Footprint found;
  int status = 0;
  double faults = 0;
  double calls = -1;  // -1: before its own exec
  if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return found;
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
  while (ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) == 0 && waitpid(child, &status, 0) == child &&
         WIFSTOPPED(status)) {
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
      faults = faults_of(child);
      calls = 0;
      continue;
    }
    __ptrace_syscall_info info = {};
    if (WSTOPSIG(status) != (SIGTRAP | 0x80) ||
        ptrace(PTRACE_GET_SYSCALL_INFO, child, reinterpret_cast<void*>(sizeof info), &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY || calls < 0)
      continue;
    if (info.entry.nr == SYS_execve) {
      found = {.calls = calls, .faults = faults_of(child) - faults};
      break;
    }
    ++calls;
  }
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return found;
}

}  // namespace

void footprint(const Context& context) {
  std::vector<std::vector<std::string>> rows = {{"until execve", "system calls", "page faults"}};
  const auto row = [&](const std::string& name, std::vector<std::string> command) {
    const Footprint found = before_execve(context, std::move(command));
    rows.push_back({name, number(found.calls, 0), number(found.faults, 0)});
    return found;
  };
  row("static C floor", {context.build + "/tests/programs/floor", "true"});
  row("env", {find("env"), "true"});
  row("vgpu-run --profile none", {context.vgpu_run, "--profile", "none", "true"});
  const Footprint full = row("vgpu-run (five shims)", {context.vgpu_run, "true"});
  print_table("Footprint", rows);
  struct stat status {};
  const double size = stat(context.vgpu_run.c_str(), &status) == 0 ? static_cast<double>(status.st_size) / 1e6 : NAN;
  std::printf("\n");
  print_goal("system calls before execve", full.calls, 30, "calls");
  print_goal("size of vgpu-run", size, 1.5, "MB");
}

}  // namespace vgpu::bench
