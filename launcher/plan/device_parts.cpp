#include "launcher/plan/device_parts.h"

#include <charconv>
#include <map>

#include "shims/contract.h"

namespace vgpu::plan {
namespace {

constexpr char kSeparator = '|';

Problems invalid(const std::string& name, std::string cause) {
  return {{.code = Code::device_invalid,
           .where = name,
           .cause = std::move(cause),
           .fix = "take the devices of one vgpu.dev specification: vgpuctl cdi diff tells whether it is a current one",
           .excerpt = {}}};
}

}  // namespace

std::vector<std::string> device_parts(const std::string& wire) {
  std::vector<std::string> parts;
  const std::string system = wire.substr(0, wire.find(kSeparator));
  for (std::size_t begin = system.size(); begin < wire.size();) {
    const std::size_t end = std::min(wire.find(kSeparator, begin + 1), wire.size());
    parts.push_back(system + wire.substr(begin, end - begin));
    begin = end;
  }
  return parts;
}

Result<void> join_device_parts(EnvironmentList& environment) {
  std::map<unsigned, std::string> parts;
  for (const std::string& entry : environment.entries()) {
    if (!entry.starts_with(kDevicePart)) continue;
    const auto name = variable_name(entry);
    if (!name) continue;
    const std::string_view digits = name->substr(sizeof kDevicePart - 1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      return invalid(std::string(*name), "behind VGPU_DEVICE_ there is no number of a device");
    }
    parts[number] = entry.substr(name->size() + 1);
  }
  if (parts.empty()) return {};
  std::string all;
  const std::string system = parts.begin()->second.substr(0, parts.begin()->second.find(kSeparator));
  for (const auto& [number, wire] : parts) {
    const std::size_t bar = wire.find(kSeparator);
    if (bar == std::string::npos || wire.substr(0, bar) != system) {
      return invalid(kDevicePart + std::to_string(number),
                     bar == std::string::npos ? "it describes no device"
                                              : "its driver is another one than that of the first device");
    }
    all += all.empty() ? wire : wire.substr(bar);
  }
  environment.unset_prefix(kDevicePart);
  if (!environment.get(contract::kDevice)) environment.set(contract::kDevice, all);
  return {};
}

}  // namespace vgpu::plan
