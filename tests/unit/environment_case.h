// One random environment of a child, what the shims make of it, and what a slow and obvious reference says it should
// be.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace vgpu::test {

// Any bytes make a case. Answers what is wrong, "" when nothing is.
std::string check_environment(std::span<const std::uint8_t> bytes);

}  // namespace vgpu::test
