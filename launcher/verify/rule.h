// The manifest's rules for children (VGPU_CHILDREN), asked once more about a process that runs.
#pragma once

#include <string>
#include <vector>

namespace vgpu::verify {

// Why a rule keeps the shims from a program, a clause; "" where none does. The same code decides that did at the exec.
std::string rule_text(const std::string& rules, const std::string& executable,
                      const std::vector<std::string>& arguments);

}  // namespace vgpu::verify
