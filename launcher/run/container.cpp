#include "launcher/run/container.h"

#include <algorithm>
#include <string_view>

#include "shims/contract.h"

namespace vgpu::run {
namespace {

constexpr std::string_view kOurs = "VGPU_";
constexpr std::string_view kMark = "VGPU_CDI=";  // every specification of vgpuctl cdi generate sets it
constexpr std::size_t kLargest = 4 << 20;

// podman(1), systemd-nspawn(1): `container` is set in all that they start.
bool in_container(const std::vector<std::string>& environment) {
  constexpr std::string_view kVariable = "container=";
  return std::any_of(environment.begin(), environment.end(), [&](const std::string& entry) {
    return entry.starts_with(kVariable) && entry.size() > kVariable.size();
  });
}

// What a launch computes anew.
bool is_computed(std::string_view entry) {
  for (const std::string_view name : {contract::kPreload, contract::kPreloadFirst, contract::kLibraryPath,
                                      contract::kLibraryPathLast, contract::kScope, contract::kChildren}) {
    if (entry.starts_with(name) && entry.substr(name.size()).starts_with('=')) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> left_out_by_exec(const os::Machine& machine) {
  const std::vector<std::string>& own = machine.environment();
  const auto is_ours = [](const std::string& entry) { return entry.starts_with(kOurs); };
  if (!in_container(own) || std::any_of(own.begin(), own.end(), is_ours)) return {};
  const auto text = machine.read("/proc/1/environ", kLargest);
  if (!text) return {};
  std::vector<std::string> found;
  bool marked = false;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\0', begin), text->size());
    const std::string entry = text->substr(begin, end - begin);
    begin = end + 1;
    marked = marked || entry.starts_with(kMark);
    if (is_ours(entry) && !is_computed(entry)) found.push_back(entry);
  }
  return marked ? found : std::vector<std::string>{};
}

}  // namespace vgpu::run
