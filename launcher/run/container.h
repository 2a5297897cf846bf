// A command that a container runtime starts beside the container's own process.
#pragma once

#include <string>
#include <vector>

#include "launcher/os/machine.h"

namespace vgpu::run {

// What the container's CDI devices set, where `podman exec` has left it out: it starts from the image's environment. Empty outside
// of a container, where the environment speaks of a virtual GPU already, and where process 1 may not be read.
std::vector<std::string> left_out_by_exec(const os::Machine& machine);

}  // namespace vgpu::run
