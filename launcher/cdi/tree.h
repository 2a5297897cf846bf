// Which of our files a container must have, and where it has them.
//
// Our own tree stands at a fixed place in every container, whatever the host's prefix is: /usr/bin/vgpu-run and, beside
// it as everywhere, /usr/share/vgpu-run and the directory of the shims (/usr/lib/vgpu). What other manifests bring
// keeps its absolute path, because that is how manifests name it.
#pragma once

#include <string>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/os/mounted_machine.h"
#include "launcher/plan/manifest.h"

namespace vgpu::cdi {

inline constexpr char kPrefix[] = "/usr";
inline constexpr char kLauncher[] = "/usr/bin/vgpu-run";

// In the order of their places; a directory in front of what is below it. `launcher`: vgpu-run on this machine. Errors:
// Code::usage for a manifest whose place in the container is taken, or which asks for a directory that would replace
// the container's C library; Code::internal where the tree is not whole.
plan::Result<std::vector<os::MountedMachine::Mount>> container_tree(const os::Machine& machine,
                                                                    const plan::Manifest& manifest,
                                                                    const std::string& launcher);

}  // namespace vgpu::cdi
