// What libvgpu-exec does at an exec: the look at the child's file, the environment put together anew. The kernel
// refuses each of these calls before it does anything, so what is left is ours. And two whole processes with the exec
// between them.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/report.h"
#include "tests/bench/sampler.h"

namespace vgpu::bench {
namespace {

double answer_of(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "re");
  if (pipe == nullptr) return 0;
  char line[64] = "";
  const bool read = fgets(line, sizeof line, pipe) != nullptr;
  return pclose(pipe) == 0 && read ? std::atof(line) : 0;
}

struct Pair {
  double without = 1e18, with = 1e18;
};

// The least of interleaved runs: the work is the same each time, and whatever disturbs adds to it.
Pair compare(const std::string& command, const std::string& shim) {
  Pair least;
  for (int i = 0; i < 7; ++i) {
    least.without = std::min(least.without, answer_of("env -i " + command));
    least.with = std::min(least.with, answer_of("env -i LD_PRELOAD=" + shim + " VGPU_PRELOAD=" + shim +
                                                " VGPU_LIBRARY_PATH=/usr/lib/link " + command));
  }
  return least;
}

void calls(const std::string& build, const std::string& shim) {
  // A program that may not be executed is looked into as any other.
  const std::string program = build + "/tests/not_executable";
  std::filesystem::copy_file("/bin/true", program, std::filesystem::copy_options::overwrite_existing);
  chmod(program.c_str(), 0644);
  std::vector<std::vector<std::string>> rows{
      {"a refused execve", "variables", "without ns", "with ns", "more ns", "of it the file ns", "the variables ns"}};
  double empty = 0, rewriting = 0;
  for (const int variables : {0, 20, 200, 2000}) {
    const auto loop = [&](const std::string& path) {
      return compare(build + "/tests/programs/exec_loop " + path + " " + std::to_string(variables) + " 200", shim);
    };
    const Pair nothing = loop("/no/such/file"), file = loop(program);
    const double environment = nothing.with - nothing.without, all = file.with - file.without;
    if (variables == 0) empty = environment;
    if (variables == 200) rewriting = environment - empty;
    rows.push_back({"of nothing", std::to_string(variables), number(nothing.without, 0), number(nothing.with, 0),
                    number(environment, 0), "–", number(environment - empty, 0)});
    rows.push_back({"of a program", std::to_string(variables), number(file.without, 0), number(file.with, 0),
                    number(all, 0), number(all - environment, 0), "–"});
  }
  std::filesystem::remove(program);
  print_table("The look at a child and its environment, per exec (a system call here: " +
                  number(compare(build + "/tests/programs/syscall_loop 100000", shim).without, 0) + " ns)",
              rows);
  std::printf("\n");
  print_goal("environment of 200 variables over an empty one", rewriting / 1000, 1, "µs");
}

void processes(const std::string& build, const std::string& shim) {
  const std::vector<std::string> command{build + "/tests/programs/spawner", "posix_spawn", "none", "/bin/true"};
  const std::string path = "PATH=/usr/bin:/bin", launch = "VGPU_PRELOAD=" + shim;
  const std::vector<Timing> timings =
      measure({{"without", command, {path}}, {"with", command, {path, launch, "LD_PRELOAD=" + shim}}}, 500);
  std::vector<std::vector<std::string>> rows{{"start, posix_spawn, end", "median µs", "quartiles µs"}};
  for (const Timing& timing : timings)
    rows.push_back({timing.name, number(timing.median, 0),
                    number(timing.lower_quartile, 0) + "–" + number(timing.upper_quartile, 0)});
  print_table("Two processes that load libvgpu-exec, and the exec between them", rows);
  std::printf("\n");
  print_goal("more for both", timings[1].median - timings[0].median, 2 * 35, "µs");
}

}  // namespace
}  // namespace vgpu::bench

int main() {
  using namespace vgpu::bench;
  // <build>/tests/bench_exec
  const std::string build = std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
  setvbuf(stdout, nullptr, _IOLBF, 0);
  print_machine();
  calls(build, build + "/lib/vgpu/libvgpu-exec.so");
  processes(build, build + "/lib/vgpu/libvgpu-exec.so");
  return 0;
}
