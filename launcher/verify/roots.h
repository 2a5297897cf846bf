// The topmost processes that have to do with us.
#pragma once

#include <vector>

#include "launcher/os/machine.h"

namespace vgpu::verify {

// Those that carry a shim, or were given one, and have no such process above them; by pid.
std::vector<int> roots(const os::Machine& machine);

}  // namespace vgpu::verify
