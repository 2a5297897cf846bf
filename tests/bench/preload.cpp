#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/bench/report.h"
#include "tests/bench/sampler.h"
#include "tests/bench/subjects.h"

namespace vgpu::bench {

void preload(const Context& context) {
  const auto plan =
      nlohmann::json::parse(output_of(context.vgpu_run + " --dry-run --format=json true"), nullptr, false);
  if (!plan.is_object()) {
    std::printf("\nno Plan from vgpu-run --dry-run, preload costs not measured\n");
    return;
  }
  // What a launch sets, but for the loader's variables: the same for every subject, so that only the preload
  // differs.
  std::vector<std::string> common = context.environment;
  for (const auto& [name, value] : plan.at("environment").items())
    if (value.is_string() && !name.starts_with("LD_")) common.push_back(name + "=" + value.get<std::string>());

  std::vector<Subject> subjects{{"none", {find("true")}, common}};
  std::string all;
  for (const auto& entry : plan.at("preload")) {
    const auto path = entry.get<std::string>();
    all += (all.empty() ? "" : ":") + path;
    const std::size_t slash = path.find_last_of('/');
    subjects.push_back({path.substr(slash + 1) + " alone", {find("true")}, common});
    subjects.back().environment.push_back("LD_PRELOAD=" + path);
  }
  subjects.push_back({"all of them", {find("true")}, common});
  subjects.back().environment.push_back("LD_PRELOAD=" + all);

  const std::vector<Timing> timings = measure(subjects, context.rounds);
  const double base = timings[0].median;
  std::vector<std::vector<std::string>> rows{
      {"preloaded into true", "median µs", "quartiles µs", "more than none µs", "runs"}};
  for (const Timing& timing : timings) {
    rows.push_back({timing.name, number(timing.median, 0),
                    number(timing.lower_quartile, 0) + "–" + number(timing.upper_quartile, 0),
                    number(timing.median - base, 0), std::to_string(timing.samples)});
  }
  print_table("Preloads, in a process that uses no CUDA", rows);
  std::printf("\n");
  for (const Timing& timing : timings)
    if (timing.name.find("libvgpu-exec") != std::string::npos)
      print_goal("libvgpu-exec alone", timing.median - base, 35, "µs");
  print_goal("all shims", timings.back().median - base, 200, "µs");
}

}  // namespace vgpu::bench
