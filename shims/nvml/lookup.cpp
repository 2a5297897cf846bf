// How many devices there are, and handles for them. NVML shows every device in the order of the description;
// CUDA_VISIBLE_DEVICES is the driver's business.
#include <string.h>

#include "shims/device/uuid.h"
#include "shims/nvml/call.h"
#include "shims/nvml/identity.h"
#include "shims/nvml/pci_text.h"

namespace vgpu::nvml {
namespace {

// Handles point here: never read, one byte for each device.
char handles[device::kMaxDevices];

// The device for which matches(const Description&), into `to`.
template <typename Matches>
nvmlReturn_t find(nvmlDevice_t* to, Matches matches) {
  for (int i = 0; i < device::system().count; ++i) {
    if (!matches(device::system().devices[i])) continue;
    *to = handle_of(i);
    return NVML_SUCCESS;
  }
  return NVML_ERROR_NOT_FOUND;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_text(const char* a, const char* b) {
  for (; *a != '\0' && lower(*a) == lower(*b); ++a, ++b) {
  }
  return *a == *b;
}

nvmlReturn_t find_uuid(const char* text, nvmlDevice_t* device) {
  return find(device, [&](const Description& description) {
    device::UuidText uuid;
    device::format_uuid(description.uuid, uuid);
    return same_text(text, uuid + (lower(text[0]) == 'g' ? 0 : 4));  // with or without "GPU-"
  });
}

nvmlReturn_t by_index(unsigned index, nvmlDevice_t* device) {
  return with_nvml([&] {
    if (device == nullptr || index >= static_cast<unsigned>(device::system().count)) return NVML_ERROR_INVALID_ARGUMENT;
    *device = handle_of(static_cast<int>(index));
    return NVML_SUCCESS;
  });
}

nvmlReturn_t by_pci(const char* text, nvmlDevice_t* device) {
  return with_nvml([&] {
    PciAddress address;
    if (text == nullptr || device == nullptr || !parse_pci(text, address)) return NVML_ERROR_INVALID_ARGUMENT;
    return find(device, [&](const Description& one) {
      return one.pci_domain == address.domain && one.pci_bus == address.bus && one.pci_device == address.device;
    });
  });
}

nvmlReturn_t device_count(unsigned* count) {
  return with_nvml([&] {
    if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *count = static_cast<unsigned>(device::system().count);
    return NVML_SUCCESS;
  });
}

}  // namespace

int index_of(nvmlDevice_t device) {
  const auto distance = reinterpret_cast<std::uintptr_t>(device) - reinterpret_cast<std::uintptr_t>(handles);
  return distance < static_cast<std::uintptr_t>(device::system().count) ? static_cast<int>(distance) : -1;
}

nvmlDevice_t handle_of(int index) { return reinterpret_cast<nvmlDevice_t>(handles + index); }

}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetCount(unsigned* count) { return device_count(count); }
VGPU_NVML nvmlDeviceGetCount_v2(unsigned* count) { return device_count(count); }
VGPU_NVML nvmlDeviceGetHandleByIndex(unsigned index, nvmlDevice_t* device) { return by_index(index, device); }
VGPU_NVML nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t* device) { return by_index(index, device); }
VGPU_NVML nvmlDeviceGetHandleByPciBusId(const char* text, nvmlDevice_t* device) { return by_pci(text, device); }
VGPU_NVML nvmlDeviceGetHandleByPciBusId_v2(const char* text, nvmlDevice_t* device) { return by_pci(text, device); }

VGPU_NVML nvmlDeviceGetHandleByUUID(const char* text, nvmlDevice_t* device) {
  return with_nvml(
      [&] { return text == nullptr || device == nullptr ? NVML_ERROR_INVALID_ARGUMENT : find_uuid(text, device); });
}

VGPU_NVML nvmlDeviceGetHandleByUUIDV(const nvmlUUID_v1_t* uuid, nvmlDevice_t* device) {
  return with_nvml([&] {
    if (uuid == nullptr || device == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (uuid->version != struct_version<nvmlUUID_v1_t>(1)) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (uuid->type == 1) {
      return memchr(uuid->value.str, 0, sizeof uuid->value.str) == nullptr ? NVML_ERROR_INVALID_ARGUMENT
                                                                           : find_uuid(uuid->value.str, device);
    }
    if (uuid->type != 2) return NVML_ERROR_INVALID_ARGUMENT;
    return find(device,
                [&](const Description& one) { return memcmp(one.uuid, uuid->value.bytes, sizeof one.uuid) == 0; });
  });
}

VGPU_NVML nvmlDeviceGetHandleBySerial(const char* text, nvmlDevice_t* device) {
  return with_nvml([&] {
    if (text == nullptr || device == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    return find(device, [&](const Description& one) {
      SerialText serial;
      return serial_number(one, serial) && same_text(text, serial);
    });
  });
}
