// The devices: how many, which, and what they are called.
#include <string.h>

#include <string_view>

#include "shims/cuda/call.h"
#include "shims/device/ledger.h"
#include "shims/device/pci_number.h"

using namespace vgpu::cuda;
using vgpu::device::Description;
using vgpu::device::take;
using vgpu::device::take_number;

namespace {

const Description& described(CUdevice device) { return vgpu::device::description(device); }

// What the device has for this session.
std::uint64_t usable_memory(CUdevice device) {
  return vgpu::device::ledger::limit(vgpu::device::visible().physical[device]);
}

void hexadecimal(char* at, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value >>= 4) at[i] = "0123456789abcdef"[value & 15];
}

// "dddd:bb:dd.f", 12 characters and the 0 (13 as the API asks for; a domain over 0xffff takes 8 digits).
struct PciText {
  explicit PciText(const Description& device) {
    const int domain_digits = device.pci_domain > 0xffff ? 8 : 4;
    hexadecimal(text, device.pci_domain, domain_digits);
    char* rest = text + domain_digits;
    *rest++ = ':';
    hexadecimal(rest, device.pci_bus, 2);
    rest[2] = ':';
    hexadecimal(rest + 3, device.pci_device, 2);
    rest[5] = '.';
    rest[6] = '0';
    length = static_cast<int>(rest + 7 - text);
  }
  char text[20] = {};
  int length;
};

// "[domain:]bus:device[.function]", as cuDeviceGetByPCIBusId documents it.
bool parse_pci(std::string_view text, unsigned& domain, unsigned& bus, unsigned& device) {
  unsigned first = 0;
  unsigned second = 0;
  if (!take_number(text, first) || !take(text, ':') || !take_number(text, second)) return false;
  domain = 0;
  bus = first;
  device = second;
  if (take(text, ':')) {
    domain = first;
    bus = second;
    if (!take_number(text, device)) return false;
  }
  unsigned function = 0;
  if (take(text, '.') && (!take_number(text, function) || function != 0)) return false;
  return text.empty();
}

}  // namespace

VGPU_CUDA cuDeviceGetCount(int* count) {
  return with_driver([&] {
    if (count == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *count = vgpu::device::visible().count;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuDeviceGet(CUdevice* device, int ordinal) {
  return with_driver([&] {
    if (device == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!valid_device(ordinal)) return CUDA_ERROR_INVALID_DEVICE;
    *device = ordinal;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuDeviceGetName(char* name, int length, CUdevice device) {
  return with_device(device, [&] {
    if (name == nullptr || length <= 0) return CUDA_ERROR_INVALID_VALUE;
    const char* full = described(device).name;
    const std::size_t room = static_cast<std::size_t>(length) - 1;
    const std::size_t whole = strlen(full);
    const std::size_t copied = whole < room ? whole : room;
    memcpy(name, full, copied);
    name[copied] = '\0';
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
  return with_device(device, [&] {
    if (uuid == nullptr) return CUDA_ERROR_INVALID_VALUE;
    memcpy(uuid->bytes, described(device).uuid, sizeof uuid->bytes);
    return CUDA_SUCCESS;
  });
}
VGPU_CUDA_ALIAS(cuDeviceGetUuid_v2, cuDeviceGetUuid);  // differs for MIG instances only, and there are none

VGPU_CUDA cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice device) {
  return with_device(device, [&] {
    if (bytes == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *bytes = usable_memory(device);
    return CUDA_SUCCESS;
  });
}

// CUDA 2.0's 32-bit form: the most it can say.
VGPU_CUDA cuDeviceTotalMem(unsigned* bytes, CUdevice device) {
  return with_device(device, [&] {
    if (bytes == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const std::uint64_t memory = usable_memory(device);
    *bytes = memory > 0xffffffff ? 0xffffffff : static_cast<unsigned>(memory);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuDeviceGetPCIBusId(char* text, int length, CUdevice device) {
  return with_device(device, [&] {
    const PciText pci(described(device));
    if (text == nullptr || length <= pci.length) return CUDA_ERROR_INVALID_VALUE;
    memcpy(text, pci.text, static_cast<std::size_t>(pci.length) + 1);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuDeviceGetByPCIBusId(CUdevice* device, const char* text) {
  return with_driver([&] {
    unsigned domain = 0;
    unsigned bus = 0;
    unsigned slot = 0;
    if (device == nullptr || text == nullptr || !parse_pci(text, domain, bus, slot)) return CUDA_ERROR_INVALID_VALUE;
    for (int i = 0; i < vgpu::device::visible().count; ++i) {
      const Description& one = described(i);
      if (one.pci_domain != domain || one.pci_bus != bus || one.pci_device != slot) continue;
      *device = i;
      return CUDA_SUCCESS;
    }
    return CUDA_ERROR_INVALID_DEVICE;
  });
}

// The texel count of a linear 1D texture; textures themselves are not there, the limit is the attribute's.
VGPU_CUDA cuDeviceGetTexture1DLinearMaxWidth(std::size_t* width, int format, unsigned channels, CUdevice device) {
  return with_device(device, [&] {
    if (width == nullptr || format <= 0 || (channels != 1 && channels != 2 && channels != 4))
      return CUDA_ERROR_INVALID_VALUE;
    *width = std::size_t{1} << 28;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuDeviceGetExecAffinitySupport(int* supported, int, CUdevice device) {
  return with_device(device, [&] {
    if (supported == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *supported = 0;
    return CUDA_SUCCESS;
  });
}

// Locally unique ids are Windows' (WDDM).
VGPU_CUDA cuDeviceGetLuid(char*, unsigned*, CUdevice device) {
  return with_device(device, [] { return CUDA_ERROR_NOT_SUPPORTED; });
}
