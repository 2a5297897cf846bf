// Which GPUs NVML shows: those of VGPU_VISIBLE, numbered as CUDA numbers them. Without it all of them; also where it
// names instances (MIG), which to NVML are no devices.
#include <string.h>

#include <string_view>

#include "shims/contract.h"
#include "shims/device/setting.h"
#include "shims/session/layout.h"
#include "shims/slice/nvml_call.h"

using namespace vgpu::slice;
using namespace vgpu::nvml;
namespace abi = vgpu::abi;

namespace {

struct Visible {
  std::string_view uuids[vgpu::session::kDevices];
  unsigned count = 0;  // 0: all
};

Visible visible() {
  Visible list;
  const char* text = vgpu::setting(vgpu::contract::kVisible);
  std::string_view rest(text != nullptr ? text : "");
  while (!rest.empty() && list.count < vgpu::session::kDevices) {
    const std::size_t comma = rest.find(',');
    const std::string_view uuid = rest.substr(0, comma);
    if (uuid.substr(0, 4) != "GPU-") return {};
    list.uuids[list.count++] = uuid;
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return list;
}

// May be written in part where nobody knew the rest.
int place_of(const Visible& list, std::string_view uuid) {
  for (unsigned i = 0; i < list.count; ++i) {
    if (uuid.substr(0, list.uuids[i].size()) == list.uuids[i]) return static_cast<int>(i);
  }
  return -1;
}

int place_of(const Visible& list, nvmlDevice_t device) {
  UuidName uuid;
  return uuid_name(device, uuid) ? place_of(list, std::string_view(uuid)) : -1;
}

nvmlReturn_t count_devices(unsigned function, unsigned* count) {
  const nvmlReturn_t result = real_nvml(function, count);
  const Visible list = visible();
  if (result == NVML_SUCCESS && list.count != 0) *count = list.count;
  return result;
}

nvmlReturn_t by_index(unsigned function, unsigned index, nvmlDevice_t* device) {
  const Visible list = visible();
  if (list.count == 0 || device == nullptr) return real_nvml(function, index, device);
  if (index >= list.count) return NVML_ERROR_INVALID_ARGUMENT;
  UuidName uuid = {};
  if (list.uuids[index].size() >= sizeof uuid) return NVML_ERROR_NOT_FOUND;
  memcpy(uuid, list.uuids[index].data(), list.uuids[index].size());
  return real_nvml(abi::k_nvmlDeviceGetHandleByUUID, static_cast<const char*>(uuid), device);
}

// One that is not ours is not there.
nvmlReturn_t known(nvmlReturn_t result, nvmlDevice_t* device) {
  if (result != NVML_SUCCESS) return result;
  const Visible list = visible();
  return list.count == 0 || place_of(list, *device) >= 0 ? result : NVML_ERROR_NOT_FOUND;
}

}  // namespace

VGPU_NVML nvmlDeviceGetCount(unsigned* count) { return count_devices(abi::k_nvmlDeviceGetCount, count); }
VGPU_NVML nvmlDeviceGetCount_v2(unsigned* count) { return count_devices(abi::k_nvmlDeviceGetCount_v2, count); }
VGPU_NVML nvmlDeviceGetHandleByIndex(unsigned index, nvmlDevice_t* device) {
  return by_index(abi::k_nvmlDeviceGetHandleByIndex, index, device);
}
VGPU_NVML nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t* device) {
  return by_index(abi::k_nvmlDeviceGetHandleByIndex_v2, index, device);
}
VGPU_NVML nvmlDeviceGetHandleByUUID(const char* uuid, nvmlDevice_t* device) {
  return known(real_nvml(abi::k_nvmlDeviceGetHandleByUUID, uuid, device), device);
}
VGPU_NVML nvmlDeviceGetHandleBySerial(const char* serial, nvmlDevice_t* device) {
  return known(real_nvml(abi::k_nvmlDeviceGetHandleBySerial, serial, device), device);
}
VGPU_NVML nvmlDeviceGetHandleByPciBusId(const char* address, nvmlDevice_t* device) {
  return known(real_nvml(abi::k_nvmlDeviceGetHandleByPciBusId, address, device), device);
}
VGPU_NVML nvmlDeviceGetHandleByPciBusId_v2(const char* address, nvmlDevice_t* device) {
  return known(real_nvml(abi::k_nvmlDeviceGetHandleByPciBusId_v2, address, device), device);
}
VGPU_NVML nvmlDeviceGetIndex(nvmlDevice_t device, unsigned* index) {
  const nvmlReturn_t result = real_nvml(abi::k_nvmlDeviceGetIndex, device, index);
  const Visible list = visible();
  if (result != NVML_SUCCESS || list.count == 0) return result;
  const int place = place_of(list, device);
  if (place < 0) return NVML_ERROR_NOT_FOUND;
  *index = static_cast<unsigned>(place);
  return result;
}
