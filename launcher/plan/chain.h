// Who asks whom: the way from the program to the device.
#pragma once

#include <string>
#include <vector>

#include "launcher/plan/plan.h"

namespace vgpu::plan {

// One line for each way that a question can take, by the roles of the selected shims:
// "ollama -> libcudart.so.12, libcudart.so.13 -> libcuda.so.1 -> h100".
std::vector<std::string> chain(const Plan& plan);

}  // namespace vgpu::plan
