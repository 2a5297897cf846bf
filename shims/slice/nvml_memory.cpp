// Memory as the session has it: to the byte what cuMemGetInfo tells, in every process.
#include <errno.h>

#include "generated/shims/abi/libvgpu-nvml-slice_index.h"
#include "shims/device/log.h"
#include "shims/nvml/types.h"
#include "shims/session/reader.h"
#include "shims/session/settings.h"

#define VGPU_NVML extern "C" __attribute__((visibility("default"))) ::vgpu::nvml::nvmlReturn_t

extern "C" {
extern __attribute__((visibility("hidden"))) void* vgpu_abi_table[];
__attribute__((visibility("hidden"))) void* vgpu_abi_lookup(unsigned index);
}

namespace {

using namespace vgpu::nvml;
namespace abi = vgpu::abi;
namespace session = vgpu::session;

constexpr auto kLibraryNotFound = static_cast<nvmlReturn_t>(12);

template <class... Arguments>
nvmlReturn_t real(unsigned index, Arguments... arguments) {
  void* function = __atomic_load_n(&vgpu_abi_table[index], __ATOMIC_ACQUIRE);
  if (function == nullptr) function = vgpu_abi_lookup(index);
  if (function == nullptr) return kLibraryNotFound;
  return reinterpret_cast<nvmlReturn_t (*)(Arguments...)>(function)(arguments...);
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// "GPU-1b2c..." or "MIG-1b2c...".
bool uuid_of(nvmlDevice_t device, unsigned char (&uuid)[16]) {
  char text[96] = "";
  if (real(abi::k_nvmlDeviceGetUUID, device, static_cast<char*>(text), static_cast<unsigned>(sizeof text)) != NVML_SUCCESS) return false;
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

struct Usage {
  std::uint64_t total;
  std::uint64_t used;
};

// False: there is no quota on this device. Before the first process has made the session's file nothing is used, and the limit is
// the environment's.
bool usage_of(nvmlDevice_t device, std::uint64_t memory, Usage& usage) {
  const char* path = session::session_path();
  if (path == nullptr) return false;
  session::Reader reader;
  session::Failure failure = {};
  unsigned char uuid[16] = {};
  if (reader.open(path, failure)) {
    const int index = uuid_of(device, uuid) ? reader.find(uuid) : -1;
    if (index < 0) return false;
    usage = {.total = reader.limit(index), .used = reader.used(index)};
    return true;
  }
  unsigned index = 0;
  if (failure.error != ENOENT || memory == 0) return false;
  if (real(abi::k_nvmlDeviceGetIndex, device, &index) != NVML_SUCCESS) index = 0;
  usage.used = 0;
  return session::limit_of(session::memory_limits(), static_cast<int>(index), memory, usage.total);
}

unsigned long long left(const Usage& usage, unsigned long long real_free) {
  const std::uint64_t free = usage.used < usage.total ? usage.total - usage.used : 0;
  return free < real_free ? free : real_free;
}

}  // namespace

VGPU_NVML nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t* memory) {
  const nvmlReturn_t result = real(abi::k_nvmlDeviceGetMemoryInfo, device, memory);
  Usage usage = {};
  if (result != NVML_SUCCESS || !usage_of(device, memory->total, usage)) return result;
  *memory = {.total = usage.total, .free = left(usage, memory->free), .used = usage.used};
  return result;
}

VGPU_NVML nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t* memory) {
  const nvmlReturn_t result = real(abi::k_nvmlDeviceGetMemoryInfo_v2, device, memory);
  Usage usage = {};
  if (result != NVML_SUCCESS || !usage_of(device, memory->total, usage)) return result;
  memory->free = left(usage, memory->free);
  memory->reserved = 0;
  memory->total = usage.total;
  memory->used = usage.used;
  return result;
}
