// How busy a device is: not at all, engine by engine.
#include "shims/nvml/idle.h"

namespace vgpu::nvml {
namespace {

constexpr unsigned kSamplingPeriod = 100'000;  // microseconds

nvmlReturn_t idle_engine(nvmlDevice_t device, unsigned* percent, unsigned* period) {
  return with_device(device, [&](int, const Description&) {
    if (percent == nullptr || period == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *percent = 0;
    *period = kSamplingPeriod;
    return NVML_SUCCESS;
  });
}

nvmlReturn_t no_sessions(nvmlDevice_t device, unsigned* count) {
  return tell(device, count, [](const Description&) { return 0; });
}

// nvmlSamplingType_t: power, then the utilization of GPU, memory, encoder and decoder, then the two clocks.
bool sample(const Description& device, unsigned type, unsigned& value) {
  switch (type) {
    case 0: return value = idle_power(device), true;
    case 1:
    case 2:
    case 3:
    case 4: return value = 0, true;
    case 5: return value = idle_clock(device, Domain::graphics), true;
    case 6: return value = idle_clock(device, Domain::memory), true;
    default: return false;
  }
}

}  // namespace
}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t* rates) {
  return with_device(device, [&](int, const Description&) {
    if (rates == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *rates = {};
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetEncoderUtilization(nvmlDevice_t device, unsigned* percent, unsigned* period) {
  return idle_engine(device, percent, period);
}
VGPU_NVML nvmlDeviceGetDecoderUtilization(nvmlDevice_t device, unsigned* percent, unsigned* period) {
  return idle_engine(device, percent, period);
}
VGPU_NVML nvmlDeviceGetJpgUtilization(nvmlDevice_t device, unsigned* percent, unsigned* period) {
  return idle_engine(device, percent, period);
}
VGPU_NVML nvmlDeviceGetOfaUtilization(nvmlDevice_t device, unsigned* percent, unsigned* period) {
  return idle_engine(device, percent, period);
}

// `codec`: H.264, HEVC, AV1. Nothing can be encoded here.
VGPU_NVML nvmlDeviceGetEncoderCapacity(nvmlDevice_t device, unsigned codec, unsigned* percent) {
  return with_device(device, [&](int, const Description&) {
    if (codec > 2 || percent == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *percent = 0;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetEncoderStats(nvmlDevice_t device, unsigned* sessions, unsigned* fps, unsigned* latency) {
  return with_device(device, [&](int, const Description&) {
    if (sessions == nullptr || fps == nullptr || latency == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *sessions = *fps = *latency = 0;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetEncoderSessions(nvmlDevice_t device, unsigned* count, void*) {
  return no_sessions(device, count);
}
VGPU_NVML nvmlDeviceGetFBCSessions(nvmlDevice_t device, unsigned* count, void*) { return no_sessions(device, count); }

VGPU_NVML nvmlDeviceGetFBCStats(nvmlDevice_t device, nvmlFBCStats_t* stats) {
  return with_device(device, [&](int, const Description&) {
    if (stats == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *stats = {};
    return NVML_SUCCESS;
  });
}

// One sample, of now; without a buffer the number of samples to make room for.
VGPU_NVML nvmlDeviceGetSamples(nvmlDevice_t device, unsigned type, unsigned long long last_seen,
                               nvmlValueType_t* value_type, unsigned* count, nvmlSample_t* samples) {
  return with_device(device, [&](int, const Description& one) {
    unsigned value = 0;
    if (value_type == nullptr || count == nullptr || type > 10) return NVML_ERROR_INVALID_ARGUMENT;
    if (!sample(one, type, value)) return NVML_ERROR_NOT_SUPPORTED;
    *value_type = NVML_VALUE_TYPE_UNSIGNED_INT;
    const unsigned room = *count;
    *count = 1;
    if (samples == nullptr) return NVML_SUCCESS;
    if (room < 1) return NVML_ERROR_INSUFFICIENT_SIZE;
    const unsigned long long time = now();
    if (time <= last_seen) return *count = 0, NVML_ERROR_NOT_FOUND;
    samples[0].timeStamp = time;
    samples[0].sampleValue.ullVal = value;
    return NVML_SUCCESS;
  });
}
