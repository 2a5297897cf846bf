// vgpu-run from its arguments to the exec.
#pragma once

#include <string>
#include <vector>

namespace vgpu::run {

// Returns only when nothing was executed: the exit status.
int run(const std::vector<std::string>& arguments);

}  // namespace vgpu::run
