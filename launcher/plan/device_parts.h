// A container is given its devices one by one (CDI), and what sets a variable sets it anew: so each device has a
// variable of its own, VGPU_DEVICE_0, VGPU_DEVICE_3, with the description of a machine that has just that one. A launch
// makes VGPU_DEVICE out of those that are there.
#pragma once

#include <string>
#include <vector>

#include "launcher/plan/environment_list.h"
#include "launcher/plan/problem.h"

namespace vgpu::plan {

inline constexpr char kDevicePart[] = "VGPU_DEVICE_";

// The descriptions of the devices one by one, out of that of all (shims/device/description.h).
std::vector<std::string> device_parts(const std::string& wire);

// Puts VGPU_DEVICE in the place of the parts, in the order of their numbers; a VGPU_DEVICE that is there already goes
// before them. Error: Code::device_invalid, they are of different machines or their names have no number.
Result<void> join_device_parts(EnvironmentList& environment);

}  // namespace vgpu::plan
