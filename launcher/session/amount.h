// An amount of memory as a person reads it.
#pragma once

#include <cstdint>
#include <string>

namespace vgpu::sessions {

// "512 B", "8 GiB", "1.5 GiB": whole where it is whole, else with one digit, never more than there is.
std::string amount(std::uint64_t bytes);

}  // namespace vgpu::sessions
