// vgpu-probe: asks CUDA's driver and runtime API and NVML for their devices through every door that programs
// use, and says whether they agree. It starts on any machine: nothing of CUDA is linked into it.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "launcher/probe/child.h"
#include "launcher/probe/options.h"
#include "launcher/probe/report.h"

namespace {

int run(bool json) {
  std::vector<vgpu::probe::Answer> answers;
  for (const vgpu::probe::Door& door : vgpu::probe::doors()) answers.push_back(vgpu::probe::ask_in_child(door));
  const vgpu::probe::Verdict verdict = vgpu::probe::judge(answers);
  const auto report = json ? vgpu::probe::json_report : vgpu::probe::text_report;
  std::fputs(report(answers, verdict).c_str(), stdout);
  if (std::fflush(stdout) != 0) return 2;
  return verdict.kind == vgpu::probe::Verdict::Kind::agree ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  bool json = false;
  bool runner = false;
  for (int i = 1; i < count; ++i) {
    const std::string option = arguments[i];
    if (option == vgpu::probe::kAskOption && i + 1 < count) return vgpu::probe::answer_parent(arguments[i + 1]);
    if (option == "--help") return std::fputs(vgpu::probe::help_text().c_str(), stdout) < 0 ? 2 : 0;
    if (option == "--version") return std::printf("vgpu-probe %s\n", VGPU_VERSION) < 0 ? 2 : 0;
    if (option != "--json" && option != "--runner") {
      std::fprintf(stderr, "vgpu-probe: unknown argument '%s'\n\n%s", arguments[i], vgpu::probe::help_text().c_str());
      return 2;
    }
    json = json || option == "--json";
    runner = runner || option == "--runner";
  }
  if (!runner) return run(json);
  std::fprintf(stderr, "vgpu-probe: asking from a child with an empty environment\n");
  return vgpu::probe::run_as_runner(json ? std::vector<std::string>{"--json"} : std::vector<std::string>{});
}
