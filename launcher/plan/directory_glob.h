// Directories of a manifest that may hold globs: glob(7).
#pragma once

#include <string>
#include <vector>

#include "launcher/os/machine.h"

namespace vgpu::plan {

// The directories that `pattern`, an absolute path, stands for and that exist, sorted by name at each level.
std::vector<std::string> matching_directories(const os::Machine& machine, const std::string& pattern);

}  // namespace vgpu::plan
