// Power and what it is spent on.
#include <time.h>

#include "shims/nvml/idle.h"

namespace vgpu::nvml {

unsigned long long energy(const Description& device) {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  const auto milliseconds =
      static_cast<unsigned long long>(time.tv_sec) * 1000 + static_cast<unsigned long long>(time.tv_nsec) / 1'000'000;
  return milliseconds * idle_power(device) / 1000;
}

unsigned long long now() {
  timespec time = {};
  clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<unsigned long long>(time.tv_sec) * 1'000'000 +
         static_cast<unsigned long long>(time.tv_nsec) / 1000;
}

}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned* milliwatts) {
  return tell(device, milliwatts, idle_power);
}

VGPU_NVML nvmlDeviceGetPowerManagementLimit(nvmlDevice_t device, unsigned* milliwatts) {
  return tell(device, milliwatts, power_limit);
}
VGPU_NVML nvmlDeviceGetPowerManagementDefaultLimit(nvmlDevice_t device, unsigned* milliwatts) {
  return tell(device, milliwatts, power_limit);
}
VGPU_NVML nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned* milliwatts) {
  return tell(device, milliwatts, power_limit);
}

VGPU_NVML nvmlDeviceGetPowerManagementLimitConstraints(nvmlDevice_t device, unsigned* least, unsigned* most) {
  return with_device(device, [&](int, const Description& one) {
    if (least == nullptr || most == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *least = least_power_limit(one);
    *most = power_limit(one);
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetPowerManagementMode(nvmlDevice_t device, unsigned* mode) {
  return tell(device, mode, [](const Description&) { return 1; });
}

VGPU_NVML nvmlDeviceGetPowerSource(nvmlDevice_t device, unsigned* source) {
  return tell(device, source, [](const Description&) { return 0; });  // NVML_POWER_SOURCE_AC
}

VGPU_NVML nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device, unsigned long long* millijoules) {
  return tell(device, millijoules, energy);
}

// `policy`: nvmlPerfPolicyType_t, 0 to 5, 10 and 11.
VGPU_NVML nvmlDeviceGetViolationStatus(nvmlDevice_t device, unsigned policy, nvmlViolationTime_t* time) {
  return with_device(device, [&](int, const Description&) {
    const bool known = policy <= 5 || policy == 10 || policy == 11;
    if (!known || time == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *time = {.referenceTime = now(), .violationTime = 0};
    return NVML_SUCCESS;
  });
}
