#include "shims/slice/nvml_visible.h"

#include <string.h>

#include "shims/contract.h"
#include "shims/device/setting.h"

namespace vgpu::slice {
namespace {

constexpr unsigned kMostGpus = 256;

char lower(char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; }

// May be written in part where nobody knew the rest.
bool begins(std::string_view uuid, std::string_view entry) {
  if (entry.size() < 5 || uuid.size() < entry.size()) return false;
  for (std::size_t i = 0; i < entry.size(); ++i) {
    if (lower(uuid[i]) != lower(entry[i])) return false;
  }
  return true;
}

bool is_instance_name(std::string_view entry) { return entry.substr(0, 4) == "MIG-"; }

bool is_called(nvmlDevice_t device, std::string_view entry) {
  UuidName uuid;
  return uuid_name(device, uuid) && begins(uuid, entry);
}

// Calls visit(entry) until it answers true.
template <class Visit>
bool any_entry(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (visit(list.substr(0, comma))) return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return false;
}

bool by_whole_uuid(std::string_view entry, nvmlDevice_t& device) {
  UuidName uuid = {};
  if (entry.size() >= sizeof uuid) return false;
  memcpy(uuid, entry.data(), entry.size());
  return real_nvml(abi::k_nvmlDeviceGetHandleByUUID, static_cast<const char*>(uuid), &device) == NVML_SUCCESS;
}

bool by_beginning(std::string_view entry, nvmlDevice_t& device) {
  unsigned count = 0;
  if (real_nvml(abi::k_nvmlDeviceGetCount_v2, &count) != NVML_SUCCESS) return false;
  for (unsigned i = 0; i < count && i < kMostGpus; ++i) {
    if (real_nvml(abi::k_nvmlDeviceGetHandleByIndex_v2, i, &device) == NVML_SUCCESS && is_called(device, entry))
      return true;
  }
  return false;
}

}  // namespace

VisibleGpus::VisibleGpus() {
  const char* text = setting(contract::kVisible);
  if (text == nullptr || *text == '\0') return;
  list_ = text;
  all_ = any_entry(list_, is_instance_name) &&
         real_address(abi::k_nvmlDeviceGetDeviceHandleFromMigDeviceHandle) == nullptr;
  // Up to the first that is not there, as the driver reads the list.
  any_entry(list_, [this](std::string_view entry) { return !add(entry) || count_ == session::kDevices; });
}

bool VisibleGpus::add(std::string_view entry) {
  nvmlDevice_t device = {};
  if (!by_whole_uuid(entry, device) && (is_instance_name(entry) || !by_beginning(entry, device))) return false;
  const bool instance = is_instance_name(entry);
  if (instance && real_nvml(abi::k_nvmlDeviceGetDeviceHandleFromMigDeviceHandle, device, &device) != NVML_SUCCESS)
    return false;
  const int known = place_of(device);
  const unsigned place = known >= 0 ? static_cast<unsigned>(known) : count_++;
  gpus_[place] = device;
  whole_[place] = whole_[place] || !instance;
  return true;
}

int VisibleGpus::place_of(nvmlDevice_t gpu) const {
  for (unsigned i = 0; i < count_; ++i) {
    if (gpus_[i] == gpu) return static_cast<int>(i);
  }
  return -1;
}

bool VisibleGpus::shows(nvmlDevice_t device) const {
  unsigned is_instance = 0;
  if (all() || place_of(device) >= 0) return true;
  if (real_nvml(abi::k_nvmlDeviceIsMigDeviceHandle, device, &is_instance) != NVML_SUCCESS || is_instance == 0)
    return false;
  return shows_instance(device);
}

bool VisibleGpus::shows_instance(nvmlDevice_t instance) const {
  nvmlDevice_t gpu = {};
  if (all()) return true;
  if (real_nvml(abi::k_nvmlDeviceGetDeviceHandleFromMigDeviceHandle, instance, &gpu) != NVML_SUCCESS) return false;
  const int place = place_of(gpu);
  if (place < 0) return false;
  return whole_[place] || any_entry(list_, [&](std::string_view entry) { return is_called(instance, entry); });
}

}  // namespace vgpu::slice
