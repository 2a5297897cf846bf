#include "shims/slice/nvml_call.h"

#include <errno.h>

#include "shims/session/places.h"
#include "shims/session/settings.h"

namespace vgpu::slice {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool bytes_of(const UuidName& text, unsigned char (&uuid)[16]) {
  int half = 0;
  for (const char* at = text + 4; *at != '\0' && half < 32; ++at) {
    if (*at == '-') continue;
    const int value = digit(*at);
    if (value < 0) return false;
    uuid[half / 2] = static_cast<unsigned char>(half % 2 == 0 ? value << 4 : uuid[half / 2] | value);
    ++half;
  }
  return half == 32;
}

}  // namespace

bool uuid_name(nvmlDevice_t device, UuidName& text) {
  text[0] = '\0';
  return real_nvml(abi::k_nvmlDeviceGetUUID, device, static_cast<char*>(text), static_cast<unsigned>(sizeof text)) ==
         NVML_SUCCESS;
}

int session_device(nvmlDevice_t device, session::Reader& reader) {
  const char* path = session::session_path();
  session::Failure failure = {};
  UuidName name;
  unsigned char uuid[16] = {};
  if (path == nullptr || !uuid_name(device, name) || !bytes_of(name, uuid)) return kNotCounted;
  const bool open = reader.open(path, failure);
  // Who must have a session and cannot reach it has no device from CUDA: nothing is shown then but the limit.
  if (!open && failure.error != ENOENT && !session::quota_required()) return kNotCounted;
  const int place = open ? reader.find(uuid) : -1;
  if (place >= 0) return place;
  unsigned current = 0, pending = 0;
  const bool in_instances = name[0] == 'G' &&
                            real_nvml(abi::k_nvmlDeviceGetMigMode, device, &current, &pending) == NVML_SUCCESS &&
                            current != 0;
  return in_instances ? kInInstances : kUnused;
}

int session_instance(nvmlDevice_t gpu, unsigned index, const session::Reader& reader, nvmlDevice_t& instance) {
  UuidName name;
  unsigned char uuid[16] = {};
  if (real_nvml(abi::k_nvmlDeviceGetMigDeviceHandleByIndex, gpu, index, &instance) != NVML_SUCCESS) return kNotCounted;
  if (reader.layout() == nullptr || !uuid_name(instance, name) || !bytes_of(name, uuid)) return kNotCounted;
  const int place = reader.find(uuid);
  return place >= 0 ? place : kUnused;
}

bool limit_of_unused(nvmlDevice_t device, const session::Reader& reader, std::uint64_t memory, std::uint64_t& limit) {
  UuidName name;
  unsigned char uuid[16] = {};
  if (memory == 0 || !uuid_name(device, name) || !bytes_of(name, uuid)) return false;
  nvml::nvmlPciInfo_t pci = {};
  std::uint64_t address = session::kNoAddress;
  if (real_nvml(abi::k_nvmlDeviceGetPciInfo_v3, device, &pci) == NVML_SUCCESS)
    address = std::uint64_t{pci.domain} << 32 | pci.bus << 8 | pci.device;
  int place = session::listed_place(session::session_devices(), uuid, address);
  unsigned index = 0;  // without a list, NVML's own order
  if (place < 0 && real_nvml(abi::k_nvmlDeviceGetIndex, device, &index) == NVML_SUCCESS)
    place = static_cast<int>(index);
  if (place < 0 || place >= session::kDevices) place = 0;
  return session::limit_at(reader.layout(), place, memory, session::memory_limits(), limit);
}

}  // namespace vgpu::slice
