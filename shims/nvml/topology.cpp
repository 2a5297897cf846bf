// Where devices are to each other and to the processors: each on a root of its own, all near to every processor.
#include <sched.h>
#include <unistd.h>

#include "shims/nvml/call.h"

namespace vgpu::nvml {
namespace {

constexpr unsigned kSameDevice = 0;  // NVML_TOPOLOGY_INTERNAL
constexpr unsigned kSameNode = 40;   // NVML_TOPOLOGY_NODE
constexpr unsigned kSystem = 50;     // NVML_TOPOLOGY_SYSTEM

bool known_level(unsigned level) { return level <= kSystem && level % 10 == 0; }

constexpr unsigned kBits = 8 * sizeof(unsigned long);

unsigned processors() {
  const long count = sysconf(_SC_NPROCESSORS_CONF);
  return count > 0 ? static_cast<unsigned>(count) : 1;
}

// The first `ones` bits of `words` words.
nvmlReturn_t fill_set(unsigned words, unsigned long* set, unsigned ones) {
  if (words == 0 || set == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  if (words < (ones + kBits - 1) / kBits) return NVML_ERROR_INSUFFICIENT_SIZE;
  for (unsigned i = 0; i < words; ++i) set[i] = 0;
  for (unsigned i = 0; i < ones; ++i) set[i / kBits] |= 1UL << i % kBits;
  return NVML_SUCCESS;
}

// The calling thread may run everywhere again.
nvmlReturn_t run_everywhere(nvmlDevice_t device) {
  return with_device(device, [&](int, const Description&) {
    cpu_set_t set;
    static_assert(sizeof set % sizeof(unsigned long) == 0);
    const unsigned count = processors() < CPU_SETSIZE ? processors() : CPU_SETSIZE;
    fill_set(sizeof set / sizeof(unsigned long), reinterpret_cast<unsigned long*>(&set), count);
    return sched_setaffinity(0, sizeof set, &set) == 0 ? NVML_SUCCESS : NVML_ERROR_UNKNOWN;
  });
}

// Handles of every device but `except`, as many as there is room for.
nvmlReturn_t handles(unsigned* count, nvmlDevice_t* to, int except) {
  const unsigned room = *count;
  unsigned found = 0;
  for (int i = 0; i < device::system().count; ++i) {
    if (i == except) continue;
    if (found < room && to != nullptr) to[found] = handle_of(i);
    ++found;
  }
  *count = found;
  return room > 0 && room < found ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

}  // namespace
}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t first, nvmlDevice_t second, unsigned* level) {
  return with_device(first, [&](int, const Description&) {
    if (index_of(second) < 0 || level == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *level = first == second ? kSameDevice : kSameNode;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetTopologyNearestGpus(nvmlDevice_t device, unsigned level, unsigned* count,
                                           nvmlDevice_t* devices) {
  return with_device(device, [&](int index, const Description&) {
    if (!known_level(level) || count == nullptr || (*count > 0 && devices == nullptr))
      return NVML_ERROR_INVALID_ARGUMENT;
    if (level == kSameNode) return handles(count, devices, index);
    *count = 0;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlSystemGetTopologyGpuSet(unsigned cpu, unsigned* count, nvmlDevice_t* devices) {
  return with_nvml([&] {
    if (cpu >= processors() || count == nullptr || (*count > 0 && devices == nullptr))
      return NVML_ERROR_INVALID_ARGUMENT;
    return handles(count, devices, -1);
  });
}

// `index`: nvmlGpuP2PCapsIndex_t, 0 to 4. The driver has no access between devices either.
VGPU_NVML nvmlDeviceGetP2PStatus(nvmlDevice_t first, nvmlDevice_t second, unsigned index, int* status) {
  return with_device(first, [&](int, const Description&) {
    constexpr unsigned kIndices = 5;
    constexpr int kNotSupported = 5;  // NVML_P2P_STATUS_NOT_SUPPORTED
    if (index_of(second) < 0 || first == second || index >= kIndices || status == nullptr)
      return NVML_ERROR_INVALID_ARGUMENT;
    *status = kNotSupported;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetCpuAffinity(nvmlDevice_t device, unsigned words, unsigned long* set) {
  return with_device(device, [&](int, const Description&) { return fill_set(words, set, processors()); });
}

// `scope`: node or socket.
VGPU_NVML nvmlDeviceGetCpuAffinityWithinScope(nvmlDevice_t device, unsigned words, unsigned long* set, unsigned scope) {
  return scope > 1 ? not_there(device, static_cast<void*>(nullptr)) : nvmlDeviceGetCpuAffinity(device, words, set);
}

VGPU_NVML nvmlDeviceGetMemoryAffinity(nvmlDevice_t device, unsigned words, unsigned long* nodes, unsigned scope) {
  return with_device(device, [&](int, const Description&) {
    return scope > 1 ? NVML_ERROR_INVALID_ARGUMENT : fill_set(words, nodes, 1);
  });
}

VGPU_NVML nvmlDeviceGetNumaNodeId(nvmlDevice_t device, unsigned* node) { return not_there(device, node); }

VGPU_NVML nvmlDeviceSetCpuAffinity(nvmlDevice_t device) { return run_everywhere(device); }
VGPU_NVML nvmlDeviceClearCpuAffinity(nvmlDevice_t device) { return run_everywhere(device); }
