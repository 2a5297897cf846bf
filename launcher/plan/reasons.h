// Reasons as a person reads them.
#pragma once

#include <string>
#include <vector>

namespace vgpu::plan {

// "before a: why" and "before b: why" as "before a, b: why": the same sentence is said once.
std::vector<std::string> grouped(const std::vector<std::string>& reasons);

}  // namespace vgpu::plan
