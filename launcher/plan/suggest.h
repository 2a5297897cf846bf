// "Did you mean": the known name nearest to what was typed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vgpu::plan {

// The nearest of `known` by edit distance (optimal string alignment), or "" when none is near: at most a third of the
// letters differ, at least one does not.
std::string suggest(std::string_view typed, const std::vector<std::string>& known);

}  // namespace vgpu::plan
