// Lines and words of files that doctor reads, and what a file is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "launcher/doctor/finding.h"
#include "launcher/os/machine.h"

namespace vgpu::doctor {

inline constexpr std::size_t kLargestText = 1 << 20;

std::string base_name(const std::string& path);
std::string directory_of(const std::string& path);
std::vector<std::string> split(std::string_view text, char separator);  // empty words are left out
std::string trimmed(std::string_view text);

// "regular file, mode 0755, uid 0, 16040 bytes; ELF 64-bit x86_64, SONAME libx.so.1", or why it cannot be
// said.
Evidence describe_file(const os::Machine& machine, const std::string& path);

// A variable of the environment that the target will have; "" where it has none.
std::string variable(const std::vector<std::string>& environment, std::string_view name);

}  // namespace vgpu::doctor
