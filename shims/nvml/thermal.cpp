// Temperature. There is no fan, as on every data-centre device.
#include "shims/nvml/idle.h"

using namespace vgpu::nvml;

namespace {

// NVML_TEMPERATURE_THRESHOLD_SHUTDOWN, SLOWDOWN, MEM_MAX, GPU_MAX: an H100's.
constexpr unsigned kThresholds[] = {95, 89, 95, kMaximumTemperature};
constexpr unsigned kKnownThresholds = 8;  // the rest are acoustic ones and GPS

}  // namespace

VGPU_NVML nvmlDeviceGetTemperature(nvmlDevice_t device, unsigned sensor, unsigned* degrees) {
  return with_device(device, [&](int, const Description&) {
    if (sensor != 0 || degrees == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *degrees = kTemperature;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetTemperatureV(nvmlDevice_t device, nvmlTemperature_v1_t* temperature) {
  return with_device(device, [&](int, const Description&) {
    if (temperature == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (temperature->version != struct_version<nvmlTemperature_v1_t>(1)) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (temperature->sensorType != 0) return NVML_ERROR_INVALID_ARGUMENT;
    temperature->temperature = static_cast<int>(kTemperature);
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetMarginTemperature(nvmlDevice_t device, nvmlMarginTemperature_v1_t* margin) {
  return with_device(device, [&](int, const Description&) {
    if (margin == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (margin->version != struct_version<nvmlMarginTemperature_v1_t>(1)) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    margin->marginTemperature = static_cast<int>(kMaximumTemperature - kTemperature);
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetTemperatureThreshold(nvmlDevice_t device, unsigned which, unsigned* degrees) {
  return with_device(device, [&](int, const Description&) {
    if (which >= kKnownThresholds || degrees == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (which >= sizeof kThresholds / sizeof kThresholds[0]) return NVML_ERROR_NOT_SUPPORTED;
    *degrees = kThresholds[which];
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetThermalSettings(nvmlDevice_t device, unsigned sensor, nvmlGpuThermalSettings_t* settings) {
  return with_device(device, [&](int, const Description&) {
    constexpr unsigned kAll = 15;
    if (settings == nullptr || (sensor != 0 && sensor != kAll)) return NVML_ERROR_INVALID_ARGUMENT;
    *settings = {};
    settings->count = 1;
    settings->sensor[0] = {.controller = 1,
                           .defaultMinTemp = 0,
                           .defaultMaxTemp = 127,
                           .currentTemp = static_cast<int>(kTemperature),
                           .target = 1};
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetNumFans(nvmlDevice_t device, unsigned* fans) {
  return tell(device, fans, [](const Description&) { return 0; });
}

VGPU_NVML nvmlDeviceGetFanSpeed(nvmlDevice_t device, unsigned* percent) { return not_there(device, percent); }

namespace {

// Of fan number `fan`, and there is none of any number.
nvmlReturn_t no_such_fan(nvmlDevice_t device) {
  return with_device(device, [](int, const Description&) { return NVML_ERROR_INVALID_ARGUMENT; });
}

}  // namespace

VGPU_NVML nvmlDeviceGetFanSpeed_v2(nvmlDevice_t device, unsigned, unsigned*) { return no_such_fan(device); }
VGPU_NVML nvmlDeviceGetTargetFanSpeed(nvmlDevice_t device, unsigned, unsigned*) { return no_such_fan(device); }
VGPU_NVML nvmlDeviceGetFanControlPolicy_v2(nvmlDevice_t device, unsigned, unsigned*) { return no_such_fan(device); }
VGPU_NVML nvmlDeviceGetMinMaxFanSpeed(nvmlDevice_t device, unsigned*, unsigned*) { return no_such_fan(device); }
