#include "launcher/plan/chain.h"

#include <algorithm>
#include <string_view>

namespace vgpu::plan {
namespace {

// The roles that the default manifest gives its shims.
constexpr std::string_view kRuntime = "cuda-runtime";
constexpr std::string_view kDriver = "cuda-driver";
constexpr std::string_view kManagement = "nvml";

const Shim* provider(const Plan& plan, std::string_view role) {
  for (const Place& place : plan.places) {
    if (place.foreign) continue;
    for (const Shim& shim : plan.manifest.shims) {
      if (shim.name == place.name && std::find(shim.provides.begin(), shim.provides.end(), role) != shim.provides.end())
        return &shim;
    }
  }
  return nullptr;
}

// What it is asked as: "libcudart.so.12, libcudart.so.13".
std::string station(const Shim& shim) {
  std::string text;
  for (const Soname& soname : shim.sonames) text.append(text.empty() ? "" : ", ").append(soname.name);
  return text.empty() ? shim.name : text;
}

}  // namespace

std::vector<std::string> chain(const Plan& plan) {
  const std::string& path =
      plan.target.path.empty() && !plan.request.command.empty() ? plan.request.command.front() : plan.target.path;
  const std::string program = path.empty() ? "the program" : path.substr(path.rfind('/') + 1);
  const Shim* runtime = provider(plan, kRuntime);
  const Shim* driver = provider(plan, kDriver);
  const Shim* management = provider(plan, kManagement);
  const std::string device = !plan.real_cuda.empty() ? plan.real_cuda
                             : plan.device.empty()   ? "the device"
                                                     : plan.device;

  std::vector<std::string> ways;
  if (driver != nullptr) {
    const std::string end = " -> " + station(*driver) + " -> " + device;
    ways.push_back(program + (runtime != nullptr ? " -> " + station(*runtime) : "") + end);
  } else if (runtime != nullptr) {
    ways.push_back(program + " -> " + station(*runtime) + " -> the driver that it finds itself");
  }
  if (management != nullptr) {
    ways.push_back(program + " -> " + station(*management) + " -> " +
                   (plan.real_nvml.empty() ? device : plan.real_nvml));
  }
  if (ways.empty()) ways.push_back(program + " -> the GPU that it finds itself: no shim stands in between");
  return ways;
}

}  // namespace vgpu::plan
