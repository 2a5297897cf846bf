#include <sys/stat.h>

#include <sstream>

#include "tests/bench/report.h"
#include "tests/bench/subjects.h"

namespace vgpu::bench {
namespace {

// With the environment that everything else here is measured in: each directory of PATH costs a call.
// Lines of strace between the execve that starts vgpu-run and the one that starts its target, both left out.
// -1: no strace.
double calls_before_execve(const Context& context, const std::string& options) {
  const std::string strace = find("strace");
  if (strace.empty()) return -1;
  std::string command = "env -i";
  for (const std::string& variable : context.environment) command.append(" '").append(variable).append("'");
  std::istringstream trace(
      output_of(command + " " + strace + " -o /dev/stdout " + context.vgpu_run + " " + options + " true"));
  double calls = -1;
  for (std::string line; std::getline(trace, line);) {
    const bool exec = line.starts_with("execve");
    if (exec && calls >= 0) return calls;
    if (exec)
      calls = 0;
    else if (calls >= 0)
      ++calls;
  }
  return -1;
}

}  // namespace

void footprint(const Context& context) {
  const double full = calls_before_execve(context, "");
  const double none = calls_before_execve(context, "--profile none");
  struct stat status {};
  const double size = stat(context.vgpu_run.c_str(), &status) == 0 ? static_cast<double>(status.st_size) / 1e6 : -1;
  print_table("Footprint of vgpu-run", {{"what", "figure"},
                                        {"system calls before execve, default manifest", number(full, 0)},
                                        {"system calls before execve, --profile none", number(none, 0)},
                                        {"size of the binary, MB", number(size, 2)}});
  std::printf("\n");
  if (full >= 0) print_goal("system calls before execve", full, 30, "calls");
  print_goal("size of vgpu-run", size, 1.5, "MB");
}

}  // namespace vgpu::bench
