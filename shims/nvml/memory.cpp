// Memory, as the driver gave it out: to the byte what cuMemGetInfo tells.
#include "shims/nvml/call.h"

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t* memory) {
  return with_device(device, [&](int index, const Description&) {
    if (memory == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    const Usage usage = memory_usage(index);
    *memory = {.total = usage.total, .free = usage.free(), .used = usage.used};
    return NVML_SUCCESS;
  });
}

// Another version gives FUNCTION_NOT_FOUND: measured with driver 580 on an H100, unlike all other versioned structures.
VGPU_NVML nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t* memory) {
  return with_device(device, [&](int index, const Description&) {
    if (memory == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (memory->version != struct_version<nvmlMemory_v2_t>(2)) return NVML_ERROR_FUNCTION_NOT_FOUND;
    const Usage usage = memory_usage(index);
    memory->total = usage.total;
    memory->reserved = 0;  // the driver takes nothing for itself
    memory->free = usage.free();
    memory->used = usage.used;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetBAR1MemoryInfo(nvmlDevice_t device, nvmlBAR1Memory_t* memory) {
  return with_device(device, [&](int, const Description& one) {
    if (memory == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *memory = {.bar1Total = one.bar1, .bar1Free = one.bar1, .bar1Used = 0};
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetMemoryBusWidth(nvmlDevice_t device, unsigned* bits) {
  return tell(device, bits, [](const Description& one) { return one.memory_bus_bits; });
}
