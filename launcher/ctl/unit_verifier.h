// systemd-analyze verify, where there is one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launcher/os/machine.h"

namespace vgpu::ctl {

// What systemd's own parser says about a unit of the tree at `root` ("/"), line by line; nothing where systemd-analyze
// is not there or cannot be started.
std::optional<std::vector<std::string>> verify_unit(const os::Machine& machine, const std::string& root,
                                                    const std::string& unit);

}  // namespace vgpu::ctl
