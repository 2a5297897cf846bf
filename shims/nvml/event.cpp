// Event sets. Nothing ever happens to an emulated device, so a wait ends with its time: registration, checks and
// waiting are real.
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "shims/nvml/call.h"

namespace vgpu::nvml {
namespace {

constexpr int kSets = 1024;
constinit bool taken[kSets] = {};

int slot_of(nvmlEventSet_t set) {
  const auto distance = reinterpret_cast<std::uintptr_t>(set) - reinterpret_cast<std::uintptr_t>(taken);
  return distance < kSets && __atomic_load_n(&taken[distance], __ATOMIC_ACQUIRE) ? static_cast<int>(distance) : -1;
}

// What can be registered for: ECC errors where there is ECC, performance state, critical Xid, clock.
unsigned long long event_types(const Description& device) { return device.ecc != 0 ? 0x1f : 0x1c; }

unsigned long long milliseconds() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<unsigned long long>(time.tv_sec) * 1000 +
         static_cast<unsigned long long>(time.tv_nsec) / 1'000'000;
}

// Signals do not shorten it.
void wait(unsigned timeout) {
  const int saved = errno;
  const unsigned long long start = milliseconds();
  for (unsigned long long passed = 0; passed < timeout; passed = milliseconds() - start) {
    const unsigned long long left = timeout - passed;
    poll(nullptr, 0, left < 60'000 ? static_cast<int>(left) : 60'000);
  }
  errno = saved;
}

nvmlReturn_t wait_set(nvmlEventSet_t set, nvmlEventData_t* data, unsigned timeout) {
  return with_nvml([&] {
    if (slot_of(set) < 0 || data == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    wait(timeout);
    return NVML_ERROR_TIMEOUT;
  });
}

}  // namespace
}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlEventSetCreate(nvmlEventSet_t* set) {
  return with_nvml([&] {
    if (set == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    for (bool& slot : taken) {
      if (__atomic_exchange_n(&slot, true, __ATOMIC_ACQ_REL)) continue;
      *set = reinterpret_cast<nvmlEventSet_t>(&slot);
      return NVML_SUCCESS;
    }
    return NVML_ERROR_INSUFFICIENT_RESOURCES;
  });
}

VGPU_NVML nvmlEventSetFree(nvmlEventSet_t set) {
  return with_nvml([&] {
    const int index = slot_of(set);
    if (index < 0 || !__atomic_exchange_n(&taken[index], false, __ATOMIC_ACQ_REL)) return NVML_ERROR_INVALID_ARGUMENT;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetSupportedEventTypes(nvmlDevice_t device, unsigned long long* types) {
  return tell(device, types, event_types);
}

VGPU_NVML nvmlDeviceRegisterEvents(nvmlDevice_t device, unsigned long long types, nvmlEventSet_t set) {
  return with_device(device, [&](int, const Description& one) {
    if (slot_of(set) < 0) return NVML_ERROR_INVALID_ARGUMENT;
    return (types & ~event_types(one)) != 0 ? NVML_ERROR_NOT_SUPPORTED : NVML_SUCCESS;
  });
}

VGPU_NVML nvmlEventSetWait(nvmlEventSet_t set, nvmlEventData_t* data, unsigned timeout) {
  return wait_set(set, data, timeout);
}
VGPU_NVML nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t* data, unsigned timeout) {
  return wait_set(set, data, timeout);
}
