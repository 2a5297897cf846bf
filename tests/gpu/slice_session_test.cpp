// One quota for several processes and both libraries: what CUDA tells and what NVML tells is the same to the byte.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "shims/session/reader.h"
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

struct Process {
  unsigned pid;
  unsigned long long used;
  unsigned instances[2];
};
struct Detail {
  unsigned pid;
  unsigned long long used;
  unsigned instances[2];
  unsigned long long protected_memory;
};
struct Details {
  unsigned version, mode, count;
  Detail* infos;
};

// The processes that NVML lists: how many, and the last one.
unsigned listed(std::uint64_t device, Process& last) {
  Process all[4] = {};
  unsigned none = 0;
  const int status =
      in(slice().nvml, "nvmlDeviceGetComputeRunningProcesses_v3", device, &none, static_cast<Process*>(nullptr));
  CHECK(status == (none == 0 ? 0 : 7));
  unsigned count = 4;
  REQUIRE(in(slice().nvml, "nvmlDeviceGetComputeRunningProcesses_v3", device, &count, static_cast<Process*>(all)) == 0);
  CHECK(count == none);
  if (count != 0) last = all[count - 1];
  Detail infos[4] = {};
  Details details = {sizeof details | 1U << 24, 0, 4, infos};
  REQUIRE(in(slice().nvml, "nvmlDeviceGetRunningProcessDetailList", device, &details) == 0);
  CHECK(details.count == count);
  CHECK((count == 0 || (infos[count - 1].pid == last.pid && infos[count - 1].used == last.used)));
  unsigned drawing = 4;
  CHECK(in(slice().nvml, "nvmlDeviceGetGraphicsRunningProcesses_v3", device, &drawing, static_cast<Process*>(all)) ==
        0);
  CHECK(drawing == 0);
  // What the driver does not have stays what it does not have.
  CHECK(in(slice().nvml, "nvmlDeviceGetMPSComputeRunningProcesses_v3", device, &drawing, static_cast<Process*>(all)) ==
        3);
  return count;
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
  // Before there is a file, NVML tells the limits. Its second device is on the lower bus, but numbers are NVML's own
  // here.
  CHECK(nvml(1).total == 2 * kGiB);
  CHECK(nvml(1).used == 0);
  Process process = {};
  CHECK(listed(1, process) == 0);  // nobody of the session; whoever else uses it is no concern of ours

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
  // What NVML says that this process has, less what it was charged, is its context's: told beside the quota, not
  // counted in it.
  setenv("FAKE_PROCESS_USED", std::to_string(kGiB / 2 + (500 << 20)).c_str(), 1);
  REQUIRE(cuda("cuMemAlloc_v2", &at, std::size_t{kGiB / 2}) == 0);
  unsetenv("FAKE_PROCESS_USED");
  {
    vgpu::session::Reader reader;
    vgpu::session::Failure failure;
    REQUIRE(reader.open(path.c_str(), failure));
    const int index = reader.find({0xa0});
    CHECK(reader.account(index).context == 500 << 20);
    unsigned next = 0;
    vgpu::session::Process self = {};
    REQUIRE(reader.next_process(next, self));
    CHECK(self.contexts == 1U << index);
  }
  CHECK(nvml(1).total == kGiB);
  CHECK(nvml(1).used == kGiB / 2);
  CHECK(nvml(1).free == info().free);
  CHECK(nvml(2).total == 2 * kGiB);
  CHECK(nvml(2).used == 0);
  CHECK(listed(1, process) == 1);
  CHECK(process.pid == static_cast<unsigned>(getpid()));
  CHECK(process.used == kGiB / 2);
  CHECK(listed(2, process) == 0);

  // Another process sees only what is ours as its device 0, and shares its quota. It is started before we have more
  // threads, and has none of our state: a new program would do the same.
  CHECK(in_child([] { return info().total == kGiB && info().free == kGiB / 2; }) == 0);
  CHECK(in_child([] {
          std::uint64_t mine = 0;
          return cuda("cuMemAlloc_v2", &mine, std::size_t{kGiB / 2 + 512}) == 2 &&
                 cuda("cuMemAlloc_v2", &mine, std::size_t{kGiB / 2}) == 0;
        }) == 0);
  // It is gone, and what it had is free again.
  CHECK(cuda("cuMemFree_v2", at) == 0);
  REQUIRE(cuda("cuMemAlloc_v2", &at, std::size_t{kGiB}) == 0);
  CHECK(nvml(1).free == 0);
  CHECK(cuda("cuMemFree_v2", at) == 0);
  // What a pool has released is free for others without our asking for memory: whoever waits looks.
  for (const char* wait : {"cuStreamSynchronize", "cuStreamSynchronize_ptsz", "cuCtxSynchronize", "cuCtxSynchronize_v2",
                           "cuEventSynchronize"}) {
    CAPTURE(wait);
    REQUIRE(cuda("cuMemAllocAsync", &at, std::size_t{100}, static_cast<void*>(nullptr)) == 0);
    REQUIRE(cuda("cuMemFreeAsync", at, static_cast<void*>(nullptr)) == 0);
    CHECK(nvml(1).used == 32 << 20);
    REQUIRE(cuda(wait, static_cast<void*>(nullptr)) == 0);
    CHECK(nvml(1).used == 0);
  }
  // A limit that falls below what is used: nothing is free, nobody gets more, and nothing is an error.
  REQUIRE(cuda("cuMemAlloc_v2", &at, std::size_t{kGiB / 2}) == 0);
  {
    vgpu::session::Reader reader;
    vgpu::session::Failure failure;
    REQUIRE(reader.open(path.c_str(), failure));
    reader.set_limit(reader.find({0xa0}), kGiB / 4);
  }
  CHECK(info().total == kGiB / 4);
  CHECK(info().free == 0);
  CHECK(nvml(1).total == kGiB / 4);
  CHECK(nvml(1).used == kGiB / 2);
  CHECK(nvml(1).free == 0);
  std::size_t total = 0;
  CHECK(cuda("cuDeviceTotalMem_v2", &total, 0) == 0);
  CHECK(total == kGiB / 4);
  std::uint64_t more = 0;
  CHECK(cuda("cuMemAlloc_v2", &more, std::size_t{512}) == 2);
  CHECK(cuda("cuMemFree_v2", at) == 0);
  REQUIRE(cuda("cuMemAlloc_v2", &at, std::size_t{kGiB / 4}) == 0);
  CHECK(cuda("cuMemFree_v2", at) == 0);
  // NVML's own answer where it fails.
  reinterpret_cast<void (*)(const char*, int, int)>(dlsym(slice().fake_nvml, "fake_fail"))("nvmlDeviceGetMemoryInfo", 3,
                                                                                           1);
  Memory memory = {};
  CHECK(in(slice().nvml, "nvmlDeviceGetMemoryInfo", std::uint64_t{1}, &memory) == 3);
  std::filesystem::remove_all(directory);
}

TEST_CASE("NVML without a session lists whoever the driver lists") {
  unsetenv("VGPU_SESSION");
  Process all[4] = {};
  unsigned count = 4;
  REQUIRE(in(slice().nvml, "nvmlDeviceGetComputeRunningProcesses_v3", std::uint64_t{1}, &count,
             static_cast<Process*>(all)) == 0);
  CHECK(count == 1);
  CHECK(all[0].pid == 99999);
}

TEST_CASE("NVML shows the launch's GPUs only, numbered as CUDA numbers them") {
  const auto ask = [](const char* name, auto... arguments) { return in(slice().nvml, name, arguments...); };
  unsigned count = 0;
  std::uint64_t device = 0;
  unsetenv("VGPU_VISIBLE");
  REQUIRE(ask("nvmlDeviceGetCount_v2", &count) == 0);
  CHECK(count == 3);
  setenv("VGPU_VISIBLE", "GPU-a2000000-0000-0000-0000-000000000000,GPU-a0000000", 1);
  REQUIRE(ask("nvmlDeviceGetCount_v2", &count) == 0);
  CHECK(count == 2);
  REQUIRE(ask("nvmlDeviceGetHandleByIndex_v2", 0U, &device) == 0);
  CHECK(device == 3);
  unsigned index = 99;
  CHECK(ask("nvmlDeviceGetIndex", std::uint64_t{1}, &index) == 0);
  CHECK(index == 1);
  CHECK(ask("nvmlDeviceGetHandleByIndex_v2", 2U, &device) == 2);
  CHECK(ask("nvmlDeviceGetHandleByPciBusId_v2", static_cast<const char*>("0"), &device) == 0);
  CHECK(ask("nvmlDeviceGetHandleByPciBusId_v2", static_cast<const char*>("1"), &device) == 6);
  CHECK(ask("nvmlDeviceGetHandleByUUID", static_cast<const char*>("GPU-a1000000-0000-0000-0000-000000000000"),
            &device) == 6);
  CHECK(ask("nvmlDeviceGetIndex", std::uint64_t{2}, &index) == 6);
  // What the driver does not have is nothing to be shown.
  setenv("VGPU_VISIBLE", "GPU-12345678", 1);
  REQUIRE(ask("nvmlDeviceGetCount_v2", &count) == 0);
  CHECK(count == 0);
  setenv("VGPU_VISIBLE", "MIG-12345678", 1);
  REQUIRE(ask("nvmlDeviceGetCount_v2", &count) == 0);
  CHECK(count == 0);
  // As the driver reads a list: up to the first that is not there.
  setenv("VGPU_VISIBLE",
         "GPU-a0000000-0000-0000-0000-000000000000,GPU-12345678,GPU-a2000000-0000-0000-0000-000000000000", 1);
  REQUIRE(ask("nvmlDeviceGetCount_v2", &count) == 0);
  CHECK(count == 1);
  // The way of newer drivers leads to no other GPU.
  struct {
    unsigned version, type;
    char text[41];
  } uuid = {1U << 24, 1, "GPU-a0000000-0000-0000-0000-000000000000"};
  CHECK(ask("nvmlDeviceGetHandleByUUIDV", &uuid, &device) == 0);
  uuid.text[5] = '1';
  CHECK(ask("nvmlDeviceGetHandleByUUIDV", &uuid, &device) == 6);
  // Before nvmlInit the driver says so.
  in<void>(slice().fake_nvml, "fake_fail", static_cast<const char*>("nvmlDeviceGetCount"), 1, 9);
  CHECK(ask("nvmlDeviceGetHandleByIndex_v2", 0U, &device) == 1);
  in<void>(slice().fake_nvml, "fake_fail", static_cast<const char*>("nvmlDeviceGetCount"), 0, 0);
  unsetenv("VGPU_VISIBLE");
}

}  // TEST_SUITE("session")

// In a process of its own: VGPU_SESSION is read once.
TEST_SUITE("unreachable") {

TEST_CASE("who must have a session and cannot reach it is shown no more than the limit, and nobody's processes") {
  const std::string path = std::filesystem::temp_directory_path() / ("vgpu-session-" + std::to_string(getpid()));
  std::ofstream(path) << "no session";
  setenv("VGPU_SESSION", path.c_str(), 1);
  CHECK(cuda("cuInit", 0U) == 304);  // CUDA_ERROR_OPERATING_SYSTEM
  Memory memory = {};
  REQUIRE(in(slice().nvml, "nvmlDeviceGetMemoryInfo", std::uint64_t{1}, &memory) == 0);
  CHECK(memory.total == kGiB);
  CHECK(memory.used == 0);
  unsigned count = 0;
  CHECK(in(slice().nvml, "nvmlDeviceGetComputeRunningProcesses_v3", std::uint64_t{1}, &count,
           static_cast<void*>(nullptr)) == 0);
  CHECK(count == 0);
  setenv("VGPU_QUOTA", "best-effort", 1);
  REQUIRE(in(slice().nvml, "nvmlDeviceGetMemoryInfo", std::uint64_t{1}, &memory) == 0);
  CHECK(memory.total > 16 * kGiB);  // the driver's
  std::filesystem::remove(path);
}

}  // TEST_SUITE("unreachable")

// In a process of its own, which has not initialised the driver yet.
TEST_SUITE("instances") {

TEST_CASE("of an instance NVML shows the GPU that it is part of, and of that GPU's instances only the launch's") {
  const auto ask = [](const char* name, auto... arguments) { return in(slice().nvml, name, arguments...); };
  constexpr std::uint64_t kGpu = 1;
  constexpr std::uint64_t kInstances = 100;
  setenv("FAKE_MIG", "3", 1);
  unsigned count = 0;
  unsigned index = 0;
  std::uint64_t device = 0;
  setenv("VGPU_VISIBLE", "MIG-e1000000-0000-0000-0000-000000000000,MIG-e0000000-0000-0000-0000-000000000000", 1);
  REQUIRE(ask("nvmlDeviceGetCount_v2", &count) == 0);
  CHECK(count == 1);
  REQUIRE(ask("nvmlDeviceGetHandleByIndex_v2", 0U, &device) == 0);
  CHECK(device == kGpu);
  CHECK(ask("nvmlDeviceGetHandleByIndex_v2", 1U, &device) == 2);
  for (const unsigned i : {0U, 1U}) {
    REQUIRE(ask("nvmlDeviceGetMigDeviceHandleByIndex", kGpu, i, &device) == 0);
    CHECK(device == kInstances + i);
    CHECK(ask("nvmlDeviceGetIndex", device, &index) == 0);
    CHECK(index == i);
  }
  CHECK(ask("nvmlDeviceGetMigDeviceHandleByIndex", kGpu, 2U, &device) == 6);
  CHECK(ask("nvmlDeviceGetMigDeviceHandleByIndex", kGpu, 3U, &device) == 6);
  CHECK(ask("nvmlDeviceGetHandleByUUID", static_cast<const char*>("MIG-e0000000-0000-0000-0000-000000000000"),
            &device) == 0);
  CHECK(ask("nvmlDeviceGetHandleByUUID", static_cast<const char*>("MIG-e2000000-0000-0000-0000-000000000000"),
            &device) == 6);
  CHECK(ask("nvmlDeviceGetHandleByUUID", static_cast<const char*>("GPU-a0000000-0000-0000-0000-000000000000"),
            &device) == 0);
  CHECK(ask("nvmlDeviceGetHandleByUUID", static_cast<const char*>("GPU-a1000000-0000-0000-0000-000000000000"),
            &device) == 6);
  CHECK(ask("nvmlDeviceGetIndex", kInstances + 2, &index) == 6);
  // A launch that has the whole GPU has all its instances.
  setenv("VGPU_VISIBLE", "GPU-a1000000-0000-0000-0000-000000000000,GPU-a0000000-0000-0000-0000-000000000000", 1);
  CHECK(ask("nvmlDeviceGetMigDeviceHandleByIndex", kGpu, 2U, &device) == 0);
  REQUIRE(ask("nvmlDeviceGetIndex", kGpu, &index) == 0);
  CHECK(index == 1);

  // The quota is the instance's; its GPU lists the processes of the session's instances, each with the instance's
  // numbers.
  char directory[] = "/dev/shm/slice-test-XXXXXX";
  REQUIRE(mkdtemp(directory) != nullptr);
  setenv("VGPU_VISIBLE", "MIG-e1000000-0000-0000-0000-000000000000", 1);
  setenv("VGPU_SESSION", (std::string(directory) + "/session").c_str(), 1);
  setenv("VGPU_MEMORY", "2147483648", 1);
  setenv("FAKE_GPUS", "2", 1);
  int up[2], down[2];
  REQUIRE(pipe(up) == 0);
  REQUIRE(pipe(down) == 0);
  const pid_t child = fork();
  if (child == 0) {
    std::uint64_t at = 0;
    char word = cuda("cuInit", 0U) == 0 && cuda("cuMemAlloc_v2", &at, std::size_t{kGiB}) == 0 ? 'g' : 'f';
    if (write(up[1], &word, 1) != 1 || read(down[0], &word, 1) != 1) _exit(1);
    _exit(0);
  }
  char word = 0;
  REQUIRE(read(up[0], &word, 1) == 1);
  CHECK(word == 'g');
  CHECK(nvml(kInstances + 1).total == 2 * kGiB);
  CHECK(nvml(kInstances + 1).used == kGiB);
  Memory whole = {};  // the whole GPU's, as the driver has it
  CHECK(ask("nvmlDeviceGetMemoryInfo", kGpu, &whole) == 0);
  CHECK(whole.total == 16 * kGiB + 4096);
  Process process = {};
  CHECK(listed(kGpu, process) == 1);
  CHECK(process.pid == static_cast<unsigned>(child));
  CHECK(process.used == kGiB);
  CHECK(process.instances[0] == 2);
  CHECK(process.instances[1] == 0);
  CHECK(listed(kInstances + 1, process) == 1);
  CHECK(listed(kInstances, process) == 0);
  REQUIRE(write(down[1], &word, 1) == 1);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(listed(kGpu, process) == 0);
  for (const char* name : {"VGPU_VISIBLE", "VGPU_SESSION", "VGPU_MEMORY", "FAKE_GPUS", "FAKE_MIG"}) unsetenv(name);
  std::filesystem::remove_all(directory);
}

}  // TEST_SUITE("instances")
