// Memory as the session has it: to the byte what cuMemGetInfo tells, in every process.
#include "shims/slice/nvml_call.h"

namespace {

using namespace vgpu::nvml;
using namespace vgpu::slice;
namespace abi = vgpu::abi;
namespace session = vgpu::session;

struct Usage {
  std::uint64_t total;
  std::uint64_t used;
};

// False: there is no quota on this device. Where nobody has used it yet, nothing is used, and the limit is the one it
// will have.
bool usage_of(nvmlDevice_t device, std::uint64_t memory, Usage& usage) {
  session::Reader reader;
  const int place = session_device(device, reader);
  if (place == kNotCounted || place == kInInstances) return false;
  if (place == kUnused) {
    usage.used = 0;
    return limit_of_unused(device, reader, memory, usage.total);
  }
  usage = {.total = reader.limit(place), .used = reader.used(place)};
  return true;
}

unsigned long long left(const Usage& usage, unsigned long long real_free) {
  const std::uint64_t free = usage.used < usage.total ? usage.total - usage.used : 0;
  return free < real_free ? free : real_free;
}

}  // namespace

VGPU_NVML nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t* memory) {
  const nvmlReturn_t result = real_nvml(abi::k_nvmlDeviceGetMemoryInfo, device, memory);
  Usage usage = {};
  if (result != NVML_SUCCESS || !usage_of(device, memory->total, usage)) return result;
  *memory = {.total = usage.total, .free = left(usage, memory->free), .used = usage.used};
  return result;
}

VGPU_NVML nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t* memory) {
  const nvmlReturn_t result = real_nvml(abi::k_nvmlDeviceGetMemoryInfo_v2, device, memory);
  Usage usage = {};
  if (result != NVML_SUCCESS || !usage_of(device, memory->total, usage)) return result;
  memory->free = left(usage, memory->free);
  memory->reserved = 0;
  memory->total = usage.total;
  memory->used = usage.used;
  return result;
}
