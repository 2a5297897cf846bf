// What libvgpu-syscall costs: a system call that is none of its business, the start of a small and of a large
// Go program, and an exec. Interleaved runs with and without it.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/bench/report.h"
#include "tests/bench/sampler.h"

namespace vgpu::bench {
namespace {

std::string output_of(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "re");
  if (pipe == nullptr) return "";
  std::string text;
  char buffer[4096];
  for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  pclose(pipe);
  return text;
}

double median(std::vector<double> values) {
  if (values.empty()) return NAN;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Pair {
  double without = NAN, with = NAN;
};

// Of a command that prints a number. The least of all runs: the work is always the same, and whatever
// disturbs adds to it.
Pair compare(const std::string& command, const std::string& shim, int rounds) {
  std::vector<double> without, with;
  for (int i = 0; i < rounds; ++i) {
    without.push_back(std::atof(output_of(command).c_str()));
    with.push_back(std::atof(output_of("LD_PRELOAD=" + shim + " VGPU_PRELOAD=" + shim + " " + command).c_str()));
  }
  return {*std::min_element(without.begin(), without.end()), *std::min_element(with.begin(), with.end())};
}

// Go's own compiler, linked against libc so that a preload reaches it, is the largest program of Go's distribution.
// With a constant of 8 MB in it, it has more than 30.
std::string large_program(const std::string& build) {
  const std::string directory = build + "/tests/propagation", path = directory + "/large_go_30";
  if (access(path.c_str(), X_OK) == 0) return path;
  std::ofstream constant(directory + "/large_constant.go");
  constant << "package main\n\nvar large = \"";
  for (int i = 0; i < 1'000'000; ++i) constant << number(10'000'000 + i * 7, 0);
  constant << "\"\n\nfunc init() {\n\tif len(large) == 1 {\n\t\tprintln(large)\n\t}\n}\n";
  constant.close();
  output_of("p=\"$(go env GOROOT)/src/cmd/compile/large_constant.go\"; echo '{\"Replace\":{\"'\"$p\"'\":\"" +
            directory + "/large_constant.go\"}}' >" + directory + "/large_overlay.json");
  const std::string go =
      "cd \"$(go env GOROOT)/src/cmd/compile\" && CGO_ENABLED=1 GOFLAGS= GOTOOLCHAIN=local go build "
      "-buildvcs=false ";
  output_of(go + "-overlay " + directory + "/large_overlay.json -ldflags=-linkmode=external -o " + path + " .");
  return access(path.c_str(), X_OK) == 0 ? path : "";
}

// The same program with no section headers: fields of its ELF header say that there are none.
std::string without_sections(const std::string& program) {
  const std::string result = program + "_bare";
  std::filesystem::copy_file(program, result, std::filesystem::copy_options::overwrite_existing);
  std::fstream file(result, std::ios::binary | std::ios::in | std::ios::out);
  const char none[8] = {};
  file.seekp(0x28).write(none, 8);  // e_shoff
  file.seekp(0x3a).write(none, 6);  // e_shentsize, e_shnum, e_shstrndx
  return result;
}

// Microseconds that the constructor says it took, by its log.
double constructor_of(const std::string& program, const std::string& shim, std::string& way) {
  std::vector<double> times;
  for (int i = 0; i < 31; ++i) {
    const std::string said =
        output_of("VGPU_LOG=debug LD_PRELOAD=" + shim + " VGPU_PRELOAD=" + shim + " " + program + " -V");
    const std::size_t found = said.find("found by its "), in = said.find(" in ", found);
    if (found == std::string::npos || in == std::string::npos) continue;
    way = said.substr(found + 13, in - found - 13);
    times.push_back(std::atof(said.c_str() + in + 4));
  }
  return median(times);
}

void calls(const std::string& build, const std::string& shim) {
  std::vector<std::vector<std::string>> rows{{"system call, getppid", "without ns", "with ns", "ratio", "more ns"}};
  const std::string loops[][2] = {{"Go's RawSyscall6", build + "/tests/propagation/spawn_pie time 300000"},
                                  {"libc's syscall()", build + "/tests/programs/syscall_loop 300000"}};
  double most = 0;
  for (const auto& loop : loops) {
    const Pair pair = compare(loop[1], shim, 101);
    most = std::max(most, pair.with - pair.without);
    rows.push_back({loop[0], number(pair.without, 1), number(pair.with, 1), number(pair.with / pair.without, 3),
                    number(pair.with - pair.without, 2)});
  }
  print_table("A system call that is none of libvgpu-syscall's business", rows);
  std::printf("\n");
  print_goal("more for such a call", most, 2, "ns");
}

void starts(const std::string& build, const std::string& shim) {
  std::vector<std::vector<std::string>> rows{{"start of a Go program", "MB", "found by", "constructor µs"}};
  double most = NAN;
  const auto add = [&](const std::string& name, const std::string& program) {
    if (program.empty() || access(program.c_str(), X_OK) != 0) return;
    std::string way;
    const double time = constructor_of(program, shim, way);
    most = std::isnan(most) ? time : std::max(most, time);
    rows.push_back(
        {name, number(static_cast<double>(std::filesystem::file_size(program)) / 1e6, 1), way, number(time, 0)});
  };
  const std::string large = large_program(build), stripped = large + "_stripped";
  add("small", build + "/tests/propagation/spawn_pie");
  add("small, stripped", build + "/tests/propagation/spawn_pie_stripped");
  if (!large.empty()) {
    output_of("strip -o " + stripped + " " + large);
    add("large", large);
    add("large, stripped", stripped);
    add("large, no section headers", without_sections(large));
  }
  print_table("Looking at a Go program and redirecting its stub", rows);
  std::printf("\n");
  print_goal("constructor", most, 1000, "µs");
}

void execs(const std::string& build, const std::string& shim) {
  const std::string environment = "PATH=/usr/bin:/bin", preload = "VGPU_PRELOAD=" + shim;
  const std::vector<std::string> command{build + "/tests/propagation/syscall_exec", "vfork", "/bin/true"};
  const std::vector<Subject> subjects{{"without", command, {environment}},
                                      {"with", command, {environment, preload, "LD_PRELOAD=" + shim}}};
  const std::vector<Timing> timings = measure(subjects, 500);
  std::vector<std::vector<std::string>> rows{{"start, vfork, syscall(SYS_execve), end", "median µs", "quartiles µs"}};
  for (const Timing& timing : timings)
    rows.push_back({timing.name, number(timing.median, 0),
                    number(timing.lower_quartile, 0) + "–" + number(timing.upper_quartile, 0)});
  print_table("Two processes that load libvgpu-syscall, and the exec between them", rows);
}

}  // namespace
}  // namespace vgpu::bench

int main() {
  using namespace vgpu::bench;
  // <build>/tests/bench_syscall
  const std::string build = std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
  const std::string shim = build + "/lib/vgpu/libvgpu-syscall.so";
  setvbuf(stdout, nullptr, _IOLBF, 0);
  print_machine();
  calls(build, shim);
  starts(build, shim);
  execs(build, shim);
  return 0;
}
