// usage: bench_launch [ROUNDS]
// What a launch through vgpu-run costs, measured beside other launchers in the same interleaved run.
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "tests/bench/report.h"
#include "tests/bench/subjects.h"

namespace vgpu::bench {

std::string find(const std::string& command) {
  const std::string path = "/usr/local/bin:/usr/bin:/bin";
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::string file = path.substr(begin, end - begin) + "/" + command;
    if (access(file.c_str(), X_OK) == 0) return file;
    begin = end + 1;
  }
  return "";
}

std::string output_of(const std::string& command) {
  FILE* pipe = popen((command + " 2>/dev/null").c_str(), "re");
  if (pipe == nullptr) return "";
  std::string text;
  char buffer[4096];
  for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  return pclose(pipe) == 0 ? text : "";
}

}  // namespace vgpu::bench

int main(int argc, char** argv) {
  using namespace vgpu::bench;
  Context context;
  // <build>/tests/bench_launch
  context.build = std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
  context.vgpu_run = context.build + "/bin/vgpu-run";
  context.rounds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 3000;
  const char* home = getenv("HOME");
  context.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", std::string("HOME=") + (home != nullptr ? home : "/")};
  if (context.rounds == 0 || access(context.vgpu_run.c_str(), X_OK) != 0) {
    std::fprintf(stderr, "usage: bench_launch [ROUNDS]   (needs %s)\n", context.vgpu_run.c_str());
    return 2;
  }
  setvbuf(stdout, nullptr, _IOLBF, 0);
  print_machine();
  footprint(context);
  launch(context);
  preload(context);
  return 0;
}
