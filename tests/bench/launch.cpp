#include <cmath>
#include <map>

#include "tests/bench/report.h"
#include "tests/bench/sampler.h"
#include "tests/bench/subjects.h"

namespace vgpu::bench {

void launch(const Context& context) {
  const std::string target = find("true");
  std::vector<Subject> subjects;
  const auto add = [&](const std::string& name, std::vector<std::string> command) {
    if (!command[0].empty()) subjects.push_back({name, std::move(command), context.environment});
  };
  add("true", {target});
  add("static C floor", {context.build + "/tests/programs/floor", "true"});
  add("env", {find("env"), "true"});
  add("vgpu-run --profile none", {context.vgpu_run, "--profile", "none", "true"});
  add("vgpu-run (five shims)", {context.vgpu_run, "true"});
  add("stdbuf", {find("stdbuf"), "-oL", "true"});
  add("faketime", {find("faketime"), "2020-01-01 00:00:00", "true"});
  add("eatmydata", {find("eatmydata"), "true"});
  add("fakechroot", {find("fakechroot"), "true"});
  add("proot", {find("proot"), "true"});
  // bear renames its result into place: as root, /dev/null would not survive that.
  add("bear", {find("bear"), "--output", context.build + "/tests/bear.json", "--", "true"});

  const std::vector<Timing> timings = measure(subjects, context.rounds);
  std::map<std::string, double> median;
  for (const Timing& timing : timings) median[timing.name] = timing.median;
  std::vector<std::vector<std::string>> rows{
      {"launch of true by", "median µs", "quartiles µs", "× env", "× floor", "runs"}};
  for (const Timing& timing : timings) {
    if (timing.samples == 0) continue;
    rows.push_back({timing.name, number(timing.median, 0),
                    number(timing.lower_quartile, 0) + "–" + number(timing.upper_quartile, 0),
                    number(timing.median / median["env"], 2), number(timing.median / median["static C floor"], 2),
                    std::to_string(timing.samples)});
  }
  print_table("Launch, whole command", rows);
  const auto ratio = [&](const char* of, const char* to) {
    return median[of] > 0 && median[to] > 0 ? median[of] / median[to] : NAN;
  };
  std::printf("\n");
  print_goal("vgpu-run --profile none beside env", ratio("vgpu-run --profile none", "env"), 1.0, "×");
  print_goal("vgpu-run --profile none beside the floor", ratio("vgpu-run --profile none", "static C floor"), 1.25, "×");
  print_goal("vgpu-run with five shims beside env", ratio("vgpu-run (five shims)", "env"), 2.0, "×");
}

}  // namespace vgpu::bench
