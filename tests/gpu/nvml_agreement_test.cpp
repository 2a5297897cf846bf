// NVML and the driver tell the same story, to the byte, about every device.
#include <unistd.h>

#include <cstring>

#include "tests/gpu/nvml_library.h"

using namespace vgpu::test;

namespace {

// A context on one device, as a program that allocates has it.
struct Context {
  explicit Context(int ordinal) {
    REQUIRE(cuda("cuInit", 0U) == 0);
    REQUIRE(cuda("cuDevicePrimaryCtxRetain", &context, ordinal) == 0);
    REQUIRE(cuda("cuCtxSetCurrent", context) == 0);
    device = ordinal;
  }
  ~Context() { cuda("cuDevicePrimaryCtxRelease_v2", device); }
  void* context = nullptr;
  int device;
};

void check_memory(const Session& session, int ordinal) {
  std::size_t free = 0;
  std::size_t total = 0;
  REQUIRE(cuda("cuMemGetInfo_v2", &free, &total) == 0);
  const auto memory = told<nvmlMemory_t>("nvmlDeviceGetMemoryInfo", session.device(static_cast<unsigned>(ordinal)));
  CHECK(memory.total == total);
  CHECK(memory.free == free);
  CHECK(memory.used == total - free);
  nvmlMemory_v2_t second = {};
  second.version = struct_version<nvmlMemory_v2_t>(2);
  CHECK(nvml("nvmlDeviceGetMemoryInfo_v2", session.device(static_cast<unsigned>(ordinal)), &second) == NVML_SUCCESS);
  CHECK(second.total == total);
  CHECK(second.free == free);
  CHECK(second.used + second.free + second.reserved == second.total);
}

}  // namespace

TEST_CASE("as many devices as the driver has, in its order, with its names, UUIDs, addresses and sizes") {
  const Session session;
  REQUIRE(cuda("cuInit", 0U) == 0);
  int driver_count = 0;
  unsigned count = 0;
  CHECK(cuda("cuDeviceGetCount", &driver_count) == 0);
  CHECK(nvml("nvmlDeviceGetCount_v2", &count) == NVML_SUCCESS);
  REQUIRE(count == static_cast<unsigned>(session.count()));
  REQUIRE(count == static_cast<unsigned>(driver_count));
  for (unsigned i = 0; i < count; ++i) {
    const int ordinal = static_cast<int>(i);
    const nvmlDevice_t device = session.device(i);
    char name[96] = "";
    cuda("cuDeviceGetName", static_cast<char*>(name), 96, ordinal);
    CHECK(told_text("nvmlDeviceGetName", device) == name);

    unsigned char uuid[16] = {};
    cuda("cuDeviceGetUuid_v2", static_cast<unsigned char*>(uuid), ordinal);
    std::string text = "GPU-";
    for (int at = 0; at < 16; ++at) {
      if (at == 4 || at == 6 || at == 8 || at == 10) text += '-';
      text += "0123456789abcdef"[uuid[at] >> 4];
      text += "0123456789abcdef"[uuid[at] & 15];
    }
    CHECK(told_text("nvmlDeviceGetUUID", device) == text);
    nvmlDevice_t found = nullptr;
    CHECK(nvml("nvmlDeviceGetHandleByUUID", text.c_str(), &found) == NVML_SUCCESS);
    CHECK(found == device);
    nvmlUUID_v1_t binary = {struct_version<nvmlUUID_v1_t>(1), 2, {}};
    std::memcpy(binary.value.bytes, uuid, sizeof uuid);
    CHECK(nvml("nvmlDeviceGetHandleByUUIDV", &binary, &found) == NVML_SUCCESS);
    CHECK(found == device);

    char pci[32] = "";
    cuda("cuDeviceGetPCIBusId", static_cast<char*>(pci), 32, ordinal);
    CHECK(nvml("nvmlDeviceGetHandleByPciBusId_v2", static_cast<const char*>(pci), &found) == NVML_SUCCESS);
    CHECK(found == device);
    const auto info = told<nvmlPciInfo_t>("nvmlDeviceGetPciInfo_v3", device);
    CHECK(nvml("nvmlDeviceGetHandleByPciBusId_v2", static_cast<const char*>(info.busId), &found) == NVML_SUCCESS);
    CHECK(found == device);
    CHECK(std::string(info.busId) == "0000" + std::string(info.busIdLegacy));
    const auto attribute = [&](int which) {
      int value = -1;
      cuda("cuDeviceGetAttribute", &value, which, ordinal);
      return static_cast<unsigned>(value);
    };
    CHECK(info.bus == attribute(33));
    CHECK(info.device == attribute(34));
    CHECK(info.domain == attribute(50));
    CHECK(told<unsigned>("nvmlDeviceGetMemoryBusWidth", device) == attribute(37));
    CHECK(told<unsigned>("nvmlDeviceGetNumGpuCores", device) % attribute(16) == 0);
    int major = 0;
    int minor = 0;
    CHECK(nvml("nvmlDeviceGetCudaComputeCapability", device, &major, &minor) == NVML_SUCCESS);
    CHECK(static_cast<unsigned>(major) == attribute(75));
    CHECK(static_cast<unsigned>(minor) == attribute(76));

    std::size_t total = 0;
    cuda("cuDeviceTotalMem_v2", &total, ordinal);
    CHECK(told<nvmlMemory_t>("nvmlDeviceGetMemoryInfo", device).total == total);
    CHECK(told<unsigned>("nvmlDeviceGetIndex", device) == i);
    CHECK(told<unsigned>("nvmlDeviceGetMinorNumber", device) == i);
  }
}

TEST_CASE("the driver's version") {
  const Session session;
  int driver = 0;
  int told = 0;
  CHECK(cuda("cuDriverGetVersion", &driver) == 0);
  CHECK(nvml("nvmlSystemGetCudaDriverVersion_v2", &told) == NVML_SUCCESS);
  CHECK(told == driver);
  char text[80] = "";
  CHECK(nvml("nvmlSystemGetDriverVersion", static_cast<char*>(text), 80U) == NVML_SUCCESS);
  CHECK(std::string(text) == libraries().system.driver_version);
}

TEST_CASE("what the driver gives out is used, what it takes back is free, on that device alone") {
  const Session session;
  for (int i = 0; i < session.count(); ++i) {
    const Context context(i);
    check_memory(session, i);
    std::uint64_t pointer = 0;
    REQUIRE(cuda("cuMemAlloc_v2", &pointer, std::size_t{12'345'678}) == 0);
    check_memory(session, i);
    CHECK(told<nvmlMemory_t>("nvmlDeviceGetMemoryInfo", session.device(static_cast<unsigned>(i))).used >= 12'345'678);
    for (int other = 0; other < session.count(); ++other) {
      if (other == i) continue;
      CHECK(told<nvmlMemory_t>("nvmlDeviceGetMemoryInfo", session.device(static_cast<unsigned>(other))).used == 0);
    }
    CHECK(cuda("cuMemFree_v2", pointer) == 0);
    check_memory(session, i);
  }
}

TEST_CASE("this process is the one that uses a device, for as long as it holds memory") {
  const Session session;
  const Context context(0);
  const nvmlDevice_t device = session.device();
  nvmlProcessInfo_t infos[4] = {};
  unsigned count = 4;
  CHECK(nvml("nvmlDeviceGetComputeRunningProcesses_v3", device, &count, static_cast<nvmlProcessInfo_t*>(infos)) ==
        NVML_SUCCESS);
  CHECK(count == 0);
  std::uint64_t pointer = 0;
  REQUIRE(cuda("cuMemAlloc_v2", &pointer, std::size_t{1} << 20) == 0);
  count = 0;
  CHECK(nvml("nvmlDeviceGetComputeRunningProcesses_v3", device, &count, static_cast<nvmlProcessInfo_t*>(nullptr)) ==
        NVML_ERROR_INSUFFICIENT_SIZE);
  CHECK(count == 1);
  CHECK(nvml("nvmlDeviceGetComputeRunningProcesses_v3", device, &count, static_cast<nvmlProcessInfo_t*>(infos)) ==
        NVML_SUCCESS);
  CHECK(infos[0].pid == static_cast<unsigned>(getpid()));
  CHECK(infos[0].usedGpuMemory == std::size_t{1} << 20);
  CHECK(infos[0].gpuInstanceId == 0xffffffff);
  nvmlProcessInfo_v1_t old[2] = {};
  count = 2;
  CHECK(nvml("nvmlDeviceGetComputeRunningProcesses", device, &count, static_cast<nvmlProcessInfo_v1_t*>(old)) ==
        NVML_SUCCESS);
  CHECK(old[0].usedGpuMemory == std::size_t{1} << 20);
  CHECK(old[1].pid == 0);
  CHECK(cuda("cuMemFree_v2", pointer) == 0);
}
