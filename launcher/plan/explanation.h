// The Plan for a person: what would happen and why, and nothing that is not in the Plan.
#pragma once

#include <string>

#include "launcher/plan/plan.h"

namespace vgpu::plan {

// One screen, 24 lines of 80 columns, prompt included: the target, files and what became of them, profile, each shim's
// place and the reason, both orders, library path, environment, the chain from the program to the device, problems.
// Where the reasons do not fit, each place keeps its first one; problems are never shortened. Ends with a line feed.
// The problems are in it: nobody need print them beside it.
std::string explain(const Plan& plan);

// --dry-run --format=text: what would be executed, with what. Without the problems.
std::string summary(const Plan& plan);

}  // namespace vgpu::plan
