// What is measured: one function and one file per subject.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vgpu::bench {

struct Context {
  std::string build;     // the build tree
  std::string vgpu_run;  // its vgpu-run
  std::size_t rounds = 0;
  std::vector<std::string> environment;  // small and the same for all: PATH and HOME
};

void launch(const Context& context);     // a launch, whole command, beside other launchers
void preload(const Context& context);    // what the preloaded shims cost a process that uses no CUDA
void footprint(const Context& context);  // system calls and page faults before execve, size

// The path of `command` on PATH, "" when it is not installed.
std::string find(const std::string& command);

// stdout of `command` (through sh), "" when it fails.
std::string output_of(const std::string& command);

}  // namespace vgpu::bench
