// One quota for several processes and both libraries: what CUDA tells and what NVML tells is the same to the byte.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/gpu/slice_library.h"

using namespace vgpu::test;

namespace {

constexpr std::uint64_t kGiB = 1 << 30;

struct Memory {
  unsigned long long total, free, used;
};
struct Memory2 {
  unsigned version;
  unsigned long long total, reserved, free, used;
};

Memory nvml(std::uint64_t device) {
  Memory memory = {};
  REQUIRE(in(slice().nvml, "nvmlDeviceGetMemoryInfo", device, &memory) == 0);
  Memory2 second = {};
  second.version = sizeof second | 2U << 24;
  REQUIRE(in(slice().nvml, "nvmlDeviceGetMemoryInfo_v2", device, &second) == 0);
  CHECK(second.total == memory.total);
  CHECK(second.free == memory.free);
  CHECK(second.used == memory.used);
  return memory;
}

// body() in a process that loads the shims anew; its status, 0 when all it checked held.
template <class Body>
int in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) _exit(body() ? 0 : 1);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

TEST_SUITE("session") {

TEST_CASE("two processes, two devices, one quota") {
  char directory[] = "/dev/shm/slice-test-XXXXXX";
  REQUIRE(mkdtemp(directory) != nullptr);
  const std::string path = std::string(directory) + "/session";
  setenv("VGPU_SESSION", path.c_str(), 1);
  setenv("VGPU_MEMORY", "2147483648,1073741824", 1);
  // Before there is a file, NVML tells the limits. Its second device is on the lower bus, but numbers are NVML's own here.
  CHECK(nvml(1).total == 2 * kGiB);
  CHECK(nvml(1).used == 0);

  // Device 1 is on the lower bus, so it is the session's first.
  CHECK(in_child([] {
          if (cuda("cuInit", 0U) != 0) return false;
          setenv("FAKE_CURRENT", "1", 1);
          return info().total == 2 * kGiB;
        }) == 0);
  std::filesystem::remove(path);  // a session ends; the next begins here

  REQUIRE(cuda("cuInit", 0U) == 0);
  CHECK(info().total == kGiB);
  std::uint64_t at = 0;
  REQUIRE(cuda("cuMemAlloc_v2", &at, std::size_t{kGiB / 2}) == 0);
  CHECK(nvml(1).total == kGiB);
  CHECK(nvml(1).used == kGiB / 2);
  CHECK(nvml(1).free == info().free);
  CHECK(nvml(2).total == 2 * kGiB);
  CHECK(nvml(2).used == 0);

  // Another process sees only what is ours as its device 0, and shares its quota. It is started before we have more threads, and
  // has none of our state: a new program would do the same.
  CHECK(in_child([] { return info().total == kGiB && info().free == kGiB / 2; }) == 0);
  CHECK(in_child([] {
          std::uint64_t mine = 0;
          return cuda("cuMemAlloc_v2", &mine, std::size_t{kGiB / 2 + 512}) == 2 && cuda("cuMemAlloc_v2", &mine, std::size_t{kGiB / 2}) == 0;
        }) == 0);
  // It is gone, and what it had is free again.
  CHECK(cuda("cuMemFree_v2", at) == 0);
  REQUIRE(cuda("cuMemAlloc_v2", &at, std::size_t{kGiB}) == 0);
  CHECK(nvml(1).free == 0);
  CHECK(cuda("cuMemFree_v2", at) == 0);
  // What a pool has released is free for others without our asking for memory: whoever waits looks.
  for (const char* wait : {"cuStreamSynchronize", "cuStreamSynchronize_ptsz", "cuCtxSynchronize", "cuCtxSynchronize_v2", "cuEventSynchronize"}) {
    CAPTURE(wait);
    REQUIRE(cuda("cuMemAllocAsync", &at, std::size_t{100}, static_cast<void*>(nullptr)) == 0);
    REQUIRE(cuda("cuMemFreeAsync", at, static_cast<void*>(nullptr)) == 0);
    CHECK(nvml(1).used == 32 << 20);
    REQUIRE(cuda(wait, static_cast<void*>(nullptr)) == 0);
    CHECK(nvml(1).used == 0);
  }
  // NVML's own answer where it fails.
  reinterpret_cast<void (*)(const char*, int, int)>(dlsym(slice().fake_nvml, "fake_fail"))("nvmlDeviceGetMemoryInfo", 3, 1);
  Memory memory = {};
  CHECK(in(slice().nvml, "nvmlDeviceGetMemoryInfo", std::uint64_t{1}, &memory) == 3);
  std::filesystem::remove_all(directory);
}

}  // TEST_SUITE
