#include <cstdio>
#include <cstring>

#include "tests/programs/fake_driver/call.h"

// A device is its number plus one. Its memory is not CUDA's to the byte, as with the real ones.
extern "C" {
int nvmlInit_v2() { return 0; }
int nvmlDeviceGetUUID(std::uint64_t device, char* text, unsigned size) {
  return std::snprintf(text, size, "GPU-%02x000000-0000-0000-0000-000000000000", static_cast<unsigned>(0xa0 + device - 1)), 0;
}
int nvmlDeviceGetIndex(std::uint64_t device, unsigned* index) { return *index = static_cast<unsigned>(device - 1), 0; }
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
