// The last step of a launch.
#pragma once

#include <string>
#include <vector>

#include "launcher/os/machine.h"

namespace vgpu::os {

// execve(2) of `file` with exactly this argument vector and environment. Returns only on failure.
Errno execute(const std::string& file, const std::vector<std::string>& arguments,
              const std::vector<std::string>& environment);

// For a file that the kernel does not take for a program (ENOEXEC: text without "#!"): hands it to /bin/sh, as
// execvp(3) and env(1) do. Returns only on failure.
Errno execute_by_shell(const std::string& file, const std::vector<std::string>& arguments,
                       const std::vector<std::string>& environment);

}  // namespace vgpu::os
