// Clocks and performance states: P0 always.
#include "shims/nvml/idle.h"

namespace vgpu::nvml {
namespace {

nvmlReturn_t bad_domain(nvmlDevice_t device, nvmlReturn_t result) {
  return with_device(device, [&](int, const Description&) { return result; });
}

// Fills `to` with as many as `count` says there is room for; tells how many there are.
template <typename Value>
nvmlReturn_t clock_list(unsigned* count, unsigned* to, unsigned number, Value value) {
  const unsigned room = *count;
  *count = number;
  if (room < number) return NVML_ERROR_INSUFFICIENT_SIZE;
  if (to == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  for (unsigned i = 0; i < number; ++i) to[i] = value(i);
  return NVML_SUCCESS;
}

constexpr int kP0 = 0;
constexpr int kPUnknown = 32;

constexpr unsigned long long kIdle = 1;  // nvmlClocksEventReasonGpuIdle
constexpr unsigned long long kEveryReason = 0x1ff;

}  // namespace
}  // namespace vgpu::nvml

using namespace vgpu::nvml;

// An unknown clock: NOT_SUPPORTED here and INVALID_ARGUMENT for the maximum, as driver 580 has it.
VGPU_NVML nvmlDeviceGetClockInfo(nvmlDevice_t device, unsigned domain, unsigned* mhz) {
  if (domain >= kDomains)
    return bad_domain(device, mhz == nullptr ? NVML_ERROR_INVALID_ARGUMENT : NVML_ERROR_NOT_SUPPORTED);
  return tell(device, mhz, [&](const Description& one) { return idle_clock(one, Domain{static_cast<int>(domain)}); });
}

VGPU_NVML nvmlDeviceGetMaxClockInfo(nvmlDevice_t device, unsigned domain, unsigned* mhz) {
  if (domain >= kDomains) return bad_domain(device, NVML_ERROR_INVALID_ARGUMENT);
  return tell(device, mhz,
              [&](const Description& one) { return maximum_clock(one, Domain{static_cast<int>(domain)}); });
}

VGPU_NVML nvmlDeviceGetMaxCustomerBoostClock(nvmlDevice_t device, unsigned domain, unsigned* mhz) {
  return nvmlDeviceGetMaxClockInfo(device, domain, mhz);
}

// Application clocks: the highest, as nobody can set others.
VGPU_NVML nvmlDeviceGetApplicationsClock(nvmlDevice_t device, unsigned domain, unsigned* mhz) {
  if (domain == static_cast<unsigned>(Domain::video)) return not_there(device, mhz);
  return nvmlDeviceGetMaxClockInfo(device, domain, mhz);
}

VGPU_NVML nvmlDeviceGetDefaultApplicationsClock(nvmlDevice_t device, unsigned domain, unsigned* mhz) {
  return nvmlDeviceGetApplicationsClock(device, domain, mhz);
}

// `which`: nvmlClockId_t, the current one, the application's, its default, the customer's boost.
VGPU_NVML nvmlDeviceGetClock(nvmlDevice_t device, unsigned domain, unsigned which, unsigned* mhz) {
  if (domain >= kDomains || which > 3) return bad_domain(device, NVML_ERROR_INVALID_ARGUMENT);
  if (which == 0) return nvmlDeviceGetClockInfo(device, domain, mhz);
  return which == 3 ? nvmlDeviceGetMaxCustomerBoostClock(device, domain, mhz)
                    : nvmlDeviceGetApplicationsClock(device, domain, mhz);
}

VGPU_NVML nvmlDeviceGetSupportedMemoryClocks(nvmlDevice_t device, unsigned* count, unsigned* mhz) {
  return with_device(device, [&](int, const Description& one) {
    if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    return clock_list(count, mhz, 1, [&](unsigned) { return maximum_clock(one, Domain::memory); });
  });
}

// Highest first, in steps of 15 MHz.
VGPU_NVML nvmlDeviceGetSupportedGraphicsClocks(nvmlDevice_t device, unsigned memory_mhz, unsigned* count,
                                               unsigned* mhz) {
  return with_device(device, [&](int, const Description& one) {
    if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (memory_mhz != maximum_clock(one, Domain::memory)) return NVML_ERROR_NOT_FOUND;
    const unsigned most = maximum_clock(one, Domain::graphics);
    const unsigned number = (most - idle_clock(one, Domain::graphics)) / kClockStep + 1;
    return clock_list(count, mhz, number, [&](unsigned i) { return most - i * kClockStep; });
  });
}

VGPU_NVML nvmlDeviceGetPerformanceState(nvmlDevice_t device, int* state) {
  return tell(device, state, [](const Description&) { return kP0; });
}

VGPU_NVML nvmlDeviceGetPowerState(nvmlDevice_t device, int* state) {
  return nvmlDeviceGetPerformanceState(device, state);
}

// `size` is in bytes; what is behind the last state is "unknown".
VGPU_NVML nvmlDeviceGetSupportedPerformanceStates(nvmlDevice_t device, int* states, unsigned size) {
  return with_device(device, [&](int, const Description&) {
    if (states == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    const unsigned room = size / static_cast<unsigned>(sizeof(int));
    if (room == 0) return NVML_ERROR_INSUFFICIENT_SIZE;
    for (unsigned i = 0; i < room; ++i) states[i] = i == 0 ? kP0 : kPUnknown;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetMinMaxClockOfPState(nvmlDevice_t device, unsigned domain, int state, unsigned* least,
                                           unsigned* most) {
  return with_device(device, [&](int, const Description& one) {
    if (domain >= kDomains || state != kP0 || least == nullptr || most == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *least = idle_clock(one, Domain{static_cast<int>(domain)});
    *most = maximum_clock(one, Domain{static_cast<int>(domain)});
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetDynamicPstatesInfo(nvmlDevice_t device, nvmlGpuDynamicPstatesInfo_t* info) {
  return with_device(device, [&](int, const Description&) {
    if (info == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *info = {};
    for (int i = 0; i < 4; ++i) info->utilization[i].bIsPresent = 1;  // GPU, memory, video, bus
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t device, unsigned long long* reasons) {
  return tell(device, reasons, [](const Description&) { return kIdle; });
}
VGPU_NVML nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device, unsigned long long* reasons) {
  return nvmlDeviceGetCurrentClocksEventReasons(device, reasons);
}
VGPU_NVML nvmlDeviceGetSupportedClocksEventReasons(nvmlDevice_t device, unsigned long long* reasons) {
  return tell(device, reasons, [](const Description&) { return kEveryReason; });
}
VGPU_NVML nvmlDeviceGetSupportedClocksThrottleReasons(nvmlDevice_t device, unsigned long long* reasons) {
  return nvmlDeviceGetSupportedClocksEventReasons(device, reasons);
}

VGPU_NVML nvmlDeviceGetAdaptiveClockInfoStatus(nvmlDevice_t device, unsigned* status) {
  return tell(device, status, [](const Description&) { return 0; });
}

VGPU_NVML nvmlDeviceGetAutoBoostedClocksEnabled(nvmlDevice_t device, int* enabled, int* by_default) {
  return not_there(device, enabled, by_default);
}
