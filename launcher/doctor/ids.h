// The ids of the catalogue: every failure that vgpu-run, vgpuctl systemd check and doctor can report.
#pragma once

#include <string_view>
#include <vector>

namespace vgpu::doctor {

// Worst first: what keeps a program from being started, what kills it, what takes its shims away, and so on.
const std::vector<std::string_view>& ids();

// The place of an id in the list; one past the end for what is none.
std::size_t rank(std::string_view id);

}  // namespace vgpu::doctor
