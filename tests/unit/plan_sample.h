// Plans built by hand for the tests of everything that shows one.
#pragma once

#include <string>

#include "launcher/plan/plan.h"

namespace vgpu::test {

// The default manifest's five shims around a program, without a problem.
plan::Plan sample_plan();

// The same with everything that a Plan can hold: a foreign entry, a script, overrides, masked and disabled files,
// removed variables, problems, and bytes that are no UTF-8 in every place that can have them.
plan::Plan full_plan();

// An error before anything was found out.
plan::Plan empty_plan();

// The content of a file of tests/unit; VGPU_UPDATE=1 in the environment writes `actual` into it first.
std::string golden(const std::string& name, const std::string& actual);

}  // namespace vgpu::test
