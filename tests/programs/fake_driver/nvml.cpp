#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/programs/fake_driver/call.h"
#include "tests/programs/fake_driver/visible.h"

namespace {

// CUDA_VISIBLE_DEVICES is nothing to NVML. With FAKE_GPUS devices are numbered by their buses, otherwise than by CUDA.
std::uint64_t gpus() { return static_cast<std::uint64_t>(fake_number("FAKE_GPUS", 3)); }
std::uint64_t numbered(std::uint64_t number) {
  return std::getenv("FAKE_GPUS") != nullptr ? gpus() - 1 - number : number;
}

constexpr std::uint64_t kInstance = 100;  // and its number: of the first GPU
std::uint64_t instances() { return static_cast<std::uint64_t>(fake_number("FAKE_MIG", 0)); }

}  // namespace

// A device is its number plus one. Its memory is not CUDA's to the byte, as with the real ones.
extern "C" {
int nvmlInit_v2() { return 0; }
int nvmlDeviceGetCount_v2(unsigned* count) {
  if (const int failed = fake_failure("nvmlDeviceGetCount")) return failed;
  return *count = static_cast<unsigned>(gpus()), 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, std::uint64_t* device) {
  return *device = numbered(index) + 1, index < gpus() ? 0 : 2;
}
int nvmlDeviceGetHandleByPciBusId_v2(const char* address, std::uint64_t* device) {
  return *device = static_cast<std::uint64_t>(*address - '0') + 1, 0;
}
int nvmlDeviceGetHandleByUUID(const char* text, std::uint64_t* device) {
  unsigned number = 0;
  if (std::strlen(text) == 40 && std::sscanf(text, "MIG-%2x", &number) == 1 && number >= 0xe0 &&
      number < 0xe0 + instances()) {
    return *device = kInstance + number - 0xe0, 0;
  }
  if (std::strlen(text) != 40 || std::sscanf(text, "GPU-%2x", &number) != 1 || number < 0xa0 || number >= 0xa0 + gpus())
    return 6;
  return *device = number - 0xa0 + 1, 0;
}
struct Uuid {
  unsigned version, type;
  char text[41];
};
int nvmlDeviceGetHandleByUUIDV(const Uuid* uuid, std::uint64_t* device) {
  return nvmlDeviceGetHandleByUUID(uuid->text, device);
}
int nvmlDeviceGetMigMode(std::uint64_t device, unsigned* current, unsigned* pending) {
  return *current = *pending = device == 1 && instances() > 0 ? 1 : 0, 0;
}
int nvmlDeviceGetMaxMigDeviceCount(std::uint64_t device, unsigned* count) {
  return *count = device == 1 && instances() > 0 ? 7 : 0, 0;
}
int nvmlDeviceGetMigDeviceHandleByIndex(std::uint64_t device, unsigned index, std::uint64_t* instance) {
  if (device != 1 || index >= instances()) return 6;
  return *instance = kInstance + index, 0;
}
int nvmlDeviceIsMigDeviceHandle(std::uint64_t device, unsigned* is) { return *is = device >= kInstance ? 1 : 0, 0; }
int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(std::uint64_t instance, std::uint64_t* device) {
  if (instance < kInstance) return 2;
  return *device = 1, 0;
}
int nvmlDeviceGetGpuInstanceId(std::uint64_t device, unsigned* number) {
  if (device < kInstance) return 3;
  return *number = static_cast<unsigned>(device - kInstance) + 1, 0;
}
int nvmlDeviceGetComputeInstanceId(std::uint64_t device, unsigned* number) {
  return *number = 0, device < kInstance ? 3 : 0;
}
// A process that is somebody else's; with FAKE_PROCESS_USED the caller, too, with so many bytes.
struct Process {
  unsigned pid;
  unsigned long long used;
  unsigned instances[2];
};
int nvmlDeviceGetComputeRunningProcesses_v3(std::uint64_t, unsigned* count, Process* infos) {
  const unsigned room = *count;
  const char* own = std::getenv("FAKE_PROCESS_USED");
  *count = own != nullptr ? 2 : 1;
  if (room < *count) return 7;
  infos[0] = {99999, 1 << 20, {}};
  if (own != nullptr) infos[1] = {static_cast<unsigned>(getpid()), std::strtoull(own, nullptr, 10), {}};
  return 0;
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(std::uint64_t device, unsigned* count, Process* infos) {
  return nvmlDeviceGetComputeRunningProcesses_v3(device, count, infos);
}
int nvmlDeviceGetMPSComputeRunningProcesses_v3(std::uint64_t, unsigned*, Process*) {
  return fake_failure("nvmlDeviceGetMPS") + 3;
}
int nvmlDeviceGetComputeRunningProcesses(std::uint64_t device, unsigned* count, void*) {
  return nvmlDeviceGetComputeRunningProcesses_v3(device, count, nullptr);
}
struct Details {
  unsigned version, mode, count;
  void* infos;
};
int nvmlDeviceGetRunningProcessDetailList(std::uint64_t, Details* details) { return details->count = 1, 7; }
int nvmlDeviceGetUUID(std::uint64_t device, char* text, unsigned size) {
  const char* kind = device >= kInstance ? "MIG" : "GPU";
  const auto first = static_cast<unsigned>(device >= kInstance ? 0xe0 + device - kInstance : 0xa0 + device - 1);
  return std::snprintf(text, size, "%s-%02x000000-0000-0000-0000-000000000000", kind, first), 0;
}
int nvmlDeviceGetIndex(std::uint64_t device, unsigned* index) {
  return *index = static_cast<unsigned>(device >= kInstance ? device - kInstance : numbered(device - 1)), 0;
}
struct Memory {
  unsigned long long total, free, used;
};
struct Memory2 {
  unsigned version;
  unsigned long long total, reserved, free, used;
};
int nvmlDeviceGetMemoryInfo(std::uint64_t, Memory* memory) {
  if (const int failed = fake_failure("nvmlDeviceGetMemoryInfo")) return failed;
  return *memory = {(16ULL << 30) + 4096, 15ULL << 30, (1ULL << 30) + 4096}, 0;
}
int nvmlDeviceGetMemoryInfo_v2(std::uint64_t, Memory2* memory) {
  return *memory = {memory->version, (16ULL << 30) + 4096, 4096, 15ULL << 30, 1ULL << 30}, 0;
}
}
