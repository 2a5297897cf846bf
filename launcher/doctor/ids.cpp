#include "launcher/doctor/ids.h"

#include <algorithm>

#include "launcher/doctor/failure.h"
#include "launcher/plan/codes.h"
#include "launcher/systemd/finding.h"

namespace vgpu::doctor {
namespace {

std::vector<std::string_view> all() {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(plan::Code::internal); ++i) names.push_back(name(static_cast<plan::Code>(i)));
  for (int i = 0; i <= static_cast<int>(Failure::shim_executable_stack); ++i)
    names.push_back(name(static_cast<Failure>(i)));
  for (int i = 0; i <= static_cast<int>(systemd::Fault::user_cannot_read); ++i) {
    // It stands for a plan::Code, and is shown by that one's name.
    const auto fault = static_cast<systemd::Fault>(i);
    if (fault != systemd::Fault::launch_refused) names.push_back(name(fault));
  }
  for (int i = static_cast<int>(Failure::shim_executable_stack) + 1; i <= static_cast<int>(kLastFailure); ++i) {
    names.push_back(name(static_cast<Failure>(i)));
  }
  return names;
}

}  // namespace

const std::vector<std::string_view>& ids() {
  static const std::vector<std::string_view> list = all();
  return list;
}

std::size_t rank(std::string_view id) {
  return static_cast<std::size_t>(std::find(ids().begin(), ids().end(), id) - ids().begin());
}

}  // namespace vgpu::doctor
