// What NVML does: initialisation, errors, the layouts of older structures, events, threads, forks.
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <vector>

#include "tests/gpu/nvml_library.h"

using namespace vgpu::test;

TEST_CASE("initialisation is counted, and everything else needs it") {
  unsigned count = 0;
  CHECK(nvml("nvmlDeviceGetCount_v2", &count) == NVML_ERROR_UNINITIALIZED);
  CHECK(nvml("nvmlShutdown") == NVML_ERROR_UNINITIALIZED);
  CHECK(nvml("nvmlDeviceGetName", nullptr, nullptr, 0U) == NVML_ERROR_UNINITIALIZED);
  CHECK(nvml("nvmlVgpuTypeGetName", 1U, nullptr, nullptr) == NVML_ERROR_UNINITIALIZED);  // not implemented, same rule
  CHECK(nvml("nvmlInit_v2") == NVML_SUCCESS);
  CHECK(nvml("nvmlInitWithFlags", 1U) == NVML_SUCCESS);
  CHECK(nvml("nvmlInit") == NVML_SUCCESS);
  CHECK(nvml("nvmlVgpuTypeGetName", 1U, nullptr, nullptr) == NVML_ERROR_NOT_SUPPORTED);
  CHECK(nvml("nvmlShutdown") == NVML_SUCCESS);
  CHECK(nvml("nvmlShutdown") == NVML_SUCCESS);
  CHECK(nvml("nvmlDeviceGetCount_v2", &count) == NVML_SUCCESS);
  CHECK(nvml("nvmlShutdown") == NVML_SUCCESS);
  CHECK(nvml("nvmlDeviceGetCount_v2", &count) == NVML_ERROR_UNINITIALIZED);
}

TEST_CASE("a child of fork starts uninitialised and can initialise") {
  const Session session;
  const pid_t child = fork();
  if (child == 0) {
    unsigned count = 0;
    bool good = nvml("nvmlDeviceGetCount_v2", &count) == NVML_ERROR_UNINITIALIZED;
    good = good && nvml("nvmlInit_v2") == NVML_SUCCESS && nvml("nvmlDeviceGetCount_v2", &count) == NVML_SUCCESS;
    good = good && nvml("nvmlShutdown") == NVML_SUCCESS && nvml("nvmlShutdown") == NVML_ERROR_UNINITIALIZED;
    _exit(good ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("the NVML version is told without initialisation, the others are not") {
  char text[80] = "";
  CHECK(nvml("nvmlSystemGetNVMLVersion", static_cast<char*>(text), 80U) == NVML_SUCCESS);
  CHECK(std::string(text) == "13." + std::string(libraries().system.driver_version));
  CHECK(nvml("nvmlSystemGetDriverVersion", static_cast<char*>(text), 80U) == NVML_ERROR_UNINITIALIZED);
}

TEST_CASE("every error has its text") {
  const auto text = reinterpret_cast<const char* (*)(int)>(dlsym(libraries().nvml, "nvmlErrorString"));
  REQUIRE(dlsym(libraries().nvml, "nvmlErrorString") != nullptr);
  CHECK(std::string(text(0)) == "Success");
  CHECK(std::string(text(3)) == "Not Supported");
  CHECK(std::string(text(25)) == "Argument version mismatch");
  CHECK(std::string(text(30)) == "Reset type is not supported for given device");
  for (int error = 0; error <= 30; ++error) CHECK(std::string(text(error)) != "Unknown Error");
  for (const int unknown : {-1, 31, 999, 1000}) CHECK(std::string(text(unknown)) == "Unknown Error");
}

TEST_CASE("a null pointer, a handle that is none and an index too high are invalid arguments") {
  const Session session;
  const nvmlDevice_t device = session.device();
  int local = 0;
  const auto wrong = reinterpret_cast<nvmlDevice_t>(&local);
  const auto past = reinterpret_cast<nvmlDevice_t>(reinterpret_cast<char*>(device) + session.count());
  // One output behind the handle.
  for (const char* name : {"nvmlDeviceGetArchitecture",
                           "nvmlDeviceGetBAR1MemoryInfo",
                           "nvmlDeviceGetBoardId",
                           "nvmlDeviceGetBrand",
                           "nvmlDeviceGetBusType",
                           "nvmlDeviceGetComputeMode",
                           "nvmlDeviceGetCurrPcieLinkGeneration",
                           "nvmlDeviceGetCurrPcieLinkWidth",
                           "nvmlDeviceGetCurrentClocksThrottleReasons",
                           "nvmlDeviceGetDefaultEccMode",
                           "nvmlDeviceGetDisplayActive",
                           "nvmlDeviceGetDisplayMode",
                           "nvmlDeviceGetDynamicPstatesInfo",
                           "nvmlDeviceGetEnforcedPowerLimit",
                           "nvmlDeviceGetFBCStats",
                           "nvmlDeviceGetFanSpeed",
                           "nvmlDeviceGetGpuFabricInfo",
                           "nvmlDeviceGetGpuFabricInfoV",
                           "nvmlDeviceGetIndex",
                           "nvmlDeviceGetMarginTemperature",
                           "nvmlDeviceGetMaxMigDeviceCount",
                           "nvmlDeviceGetMaxPcieLinkGeneration",
                           "nvmlDeviceGetMemoryBusWidth",
                           "nvmlDeviceGetMemoryInfo",
                           "nvmlDeviceGetMemoryInfo_v2",
                           "nvmlDeviceGetMinorNumber",
                           "nvmlDeviceGetMultiGpuBoard",
                           "nvmlDeviceGetNumFans",
                           "nvmlDeviceGetNumGpuCores",
                           "nvmlDeviceGetPciInfo",
                           "nvmlDeviceGetPciInfoExt",
                           "nvmlDeviceGetPciInfo_v2",
                           "nvmlDeviceGetPciInfo_v3",
                           "nvmlDeviceGetPcieReplayCounter",
                           "nvmlDeviceGetPcieSpeed",
                           "nvmlDeviceGetPerformanceState",
                           "nvmlDeviceGetPersistenceMode",
                           "nvmlDeviceGetPowerManagementDefaultLimit",
                           "nvmlDeviceGetPowerManagementLimit",
                           "nvmlDeviceGetPowerUsage",
                           "nvmlDeviceGetProcessesUtilizationInfo",
                           "nvmlDeviceGetRowRemapperHistogram",
                           "nvmlDeviceGetRunningProcessDetailList",
                           "nvmlDeviceGetSramEccErrorStatus",
                           "nvmlDeviceGetSupportedEventTypes",
                           "nvmlDeviceGetTemperatureV",
                           "nvmlDeviceGetTotalEnergyConsumption",
                           "nvmlDeviceGetUtilizationRates",
                           "nvmlDeviceGetVirtualizationMode",
                           "nvmlDeviceIsMigDeviceHandle",
                           "nvmlGpmQueryDeviceSupport"}) {
    INFO(name);
    char buffer[4096] = {};
    void* to = buffer;
    void* null = nullptr;
    CHECK(nvml(name, device, null) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(nvml(name, nvmlDevice_t{nullptr}, to) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(nvml(name, wrong, to) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(nvml(name, past, to) == NVML_ERROR_INVALID_ARGUMENT);
    for (const char byte : buffer) REQUIRE(byte == 0);
  }
  // Two outputs, one missing.
  for (const char* name :
       {"nvmlDeviceGetEccMode", "nvmlDeviceGetMigMode", "nvmlDeviceGetPowerManagementLimitConstraints",
        "nvmlDeviceGetEncoderUtilization", "nvmlDeviceGetDecoderUtilization", "nvmlDeviceGetCudaComputeCapability",
        "nvmlDeviceGetAutoBoostedClocksEnabled"}) {
    INFO(name);
    unsigned value = 0;
    CHECK(nvml(name, device, &value, static_cast<unsigned*>(nullptr)) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(nvml(name, device, static_cast<unsigned*>(nullptr), &value) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(nvml(name, wrong, &value, &value) == NVML_ERROR_INVALID_ARGUMENT);
  }
  unsigned value = 0;
  nvmlDevice_t found = nullptr;
  CHECK(nvml("nvmlDeviceGetHandleByIndex_v2", static_cast<unsigned>(session.count()), &found) ==
        NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlDeviceGetHandleByIndex_v2", 0U, static_cast<nvmlDevice_t*>(nullptr)) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlDeviceGetHandleByUUID", static_cast<const char*>(nullptr), &found) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlDeviceGetHandleByPciBusId_v2", static_cast<const char*>("nonsense"), &found) ==
        NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlDeviceGetTemperature", device, 1U, &value) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlDeviceGetMaxClockInfo", device, 4U, &value) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlDeviceGetClockInfo", device, 4U, &value) == NVML_ERROR_NOT_SUPPORTED);
  CHECK(nvml("nvmlDeviceGetFanSpeed_v2", device, 0U, &value) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlDeviceGetFieldValues", device, 1, static_cast<nvmlFieldValue_t*>(nullptr)) ==
        NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlDeviceGetComputeRunningProcesses_v3", device, static_cast<unsigned*>(nullptr),
             static_cast<nvmlProcessInfo_t*>(nullptr)) == NVML_ERROR_INVALID_ARGUMENT);
}

TEST_CASE("what is not there is not found") {
  const Session session;
  nvmlDevice_t found = nullptr;
  const auto ask = [&](const char* name, const char* text) { return nvml(name, text, &found); };
  CHECK(ask("nvmlDeviceGetHandleByUUID", "GPU-00000000-0000-0000-0000-000000000000") == NVML_ERROR_NOT_FOUND);
  CHECK(ask("nvmlDeviceGetHandleByUUID", "") == NVML_ERROR_NOT_FOUND);
  CHECK(ask("nvmlDeviceGetHandleBySerial", "0") == NVML_ERROR_NOT_FOUND);
  CHECK(ask("nvmlDeviceGetHandleByPciBusId_v2", "ffff:ff:1f.0") == NVML_ERROR_NOT_FOUND);
  CHECK(found == nullptr);
  char name[16];
  CHECK(nvml("nvmlSystemGetProcessName", 0x7fffffffU, static_cast<char*>(name), 16U) == NVML_ERROR_NOT_FOUND);
}

TEST_CASE("a buffer that is too small is told so and left alone") {
  const Session session;
  const nvmlDevice_t device = session.device();
  const std::string name = told_text("nvmlDeviceGetName", device);
  const auto length = static_cast<unsigned>(name.size());
  std::vector<char> buffer(128, 'x');
  CHECK(nvml("nvmlDeviceGetName", device, buffer.data(), length) == NVML_ERROR_INSUFFICIENT_SIZE);
  CHECK(buffer[0] == 'x');
  CHECK(nvml("nvmlDeviceGetName", device, buffer.data(), length + 1) == NVML_SUCCESS);
  CHECK(name == buffer.data());
  CHECK(buffer[length + 1] == 'x');
  CHECK(nvml("nvmlDeviceGetUUID", device, buffer.data(), 40U) == NVML_ERROR_INSUFFICIENT_SIZE);
  CHECK(nvml("nvmlDeviceGetUUID", device, buffer.data(), 41U) == NVML_SUCCESS);
  unsigned count = 0;
  CHECK(nvml("nvmlDeviceGetSupportedMemoryClocks", device, &count, static_cast<unsigned*>(nullptr)) ==
        NVML_ERROR_INSUFFICIENT_SIZE);
  CHECK(count == 1);
}

TEST_CASE("older versions of nvmlPciInfo_t end where they ended") {
  const Session session;
  const nvmlDevice_t device = session.device();
  const auto whole = told<nvmlPciInfo_t>("nvmlDeviceGetPciInfo_v3", device);
  const std::pair<const char*, int> kVersions[] = {{"nvmlDeviceGetPciInfo", 32}, {"nvmlDeviceGetPciInfo_v2", 36}};
  for (const auto& version : kVersions) {
    const char* name = version.first;
    const int size = version.second;
    INFO(name);
    unsigned char buffer[80];
    std::memset(buffer, 0xa5, sizeof buffer);
    CHECK(nvml(name, device, static_cast<void*>(buffer)) == NVML_SUCCESS);
    CHECK(std::memcmp(buffer, &whole, static_cast<std::size_t>(size)) == 0);
    for (std::size_t i = static_cast<std::size_t>(size); i < sizeof buffer; ++i) REQUIRE(buffer[i] == 0xa5);
  }
}

TEST_CASE("versioned structures are asked for their version") {
  const Session session;
  const nvmlDevice_t device = session.device();
  for (const char* name : {"nvmlDeviceGetPciInfoExt", "nvmlDeviceGetTemperatureV", "nvmlDeviceGetMarginTemperature",
                           "nvmlDeviceGetGpuFabricInfoV", "nvmlDeviceGetRunningProcessDetailList",
                           "nvmlDeviceGetProcessesUtilizationInfo", "nvmlGpmQueryDeviceSupport"}) {
    INFO(name);
    unsigned buffer[32] = {0x7f000004};
    void* to = buffer;
    CHECK(nvml(name, device, to) == NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
  }
  nvmlMemory_v2_t memory = {};
  CHECK(nvml("nvmlDeviceGetMemoryInfo_v2", device, &memory) == NVML_ERROR_FUNCTION_NOT_FOUND);
  nvmlPciInfoExt_v1_t info = {};
  info.version = struct_version<nvmlPciInfoExt_v1_t>(1);
  CHECK(nvml("nvmlDeviceGetPciInfoExt", device, &info) == NVML_SUCCESS);
  CHECK(info.baseClass == 3);
}

TEST_CASE("an idle device: clocks, power, temperature, utilization within their limits") {
  const Session session;
  for (int i = 0; i < session.count(); ++i) {
    const nvmlDevice_t device = session.device(static_cast<unsigned>(i));
    const auto& described = libraries().system.devices[i];
    for (unsigned domain = 0; domain < 4; ++domain) {
      unsigned current = 0;
      unsigned most = 0;
      CHECK(nvml("nvmlDeviceGetClockInfo", device, domain, &current) == NVML_SUCCESS);
      CHECK(nvml("nvmlDeviceGetMaxClockInfo", device, domain, &most) == NVML_SUCCESS);
      CHECK(current > 0);
      CHECK(current <= most);
    }
    unsigned most = 0;
    nvml("nvmlDeviceGetMaxClockInfo", device, 0U, &most);
    CHECK(most == static_cast<unsigned>(described.clock_khz / 1000));
    unsigned least_power = 0;
    unsigned most_power = 0;
    CHECK(nvml("nvmlDeviceGetPowerManagementLimitConstraints", device, &least_power, &most_power) == NVML_SUCCESS);
    CHECK(most_power == static_cast<unsigned>(described.power_limit_mw));
    CHECK(least_power < most_power);
    CHECK(told<unsigned>("nvmlDeviceGetPowerUsage", device) < most_power);
    CHECK(told<nvmlUtilization_t>("nvmlDeviceGetUtilizationRates", device).gpu == 0);
    const auto first = told<unsigned long long>("nvmlDeviceGetTotalEnergyConsumption", device);
    CHECK(told<unsigned long long>("nvmlDeviceGetTotalEnergyConsumption", device) >= first);

    unsigned memory_clock = 0;
    unsigned count = 1;
    CHECK(nvml("nvmlDeviceGetSupportedMemoryClocks", device, &count, &memory_clock) == NVML_SUCCESS);
    unsigned clocks[512] = {};
    count = 512;
    CHECK(nvml("nvmlDeviceGetSupportedGraphicsClocks", device, memory_clock, &count, static_cast<unsigned*>(clocks)) ==
          NVML_SUCCESS);
    CHECK(clocks[0] == most);
    for (unsigned k = 1; k < count; ++k) REQUIRE(clocks[k] < clocks[k - 1]);
    CHECK(nvml("nvmlDeviceGetSupportedGraphicsClocks", device, 1U, &count, static_cast<unsigned*>(clocks)) ==
          NVML_ERROR_NOT_FOUND);

    int ecc = -1;
    int pending = -1;
    const int wanted = described.ecc != 0 ? NVML_SUCCESS : NVML_ERROR_NOT_SUPPORTED;
    CHECK(nvml("nvmlDeviceGetEccMode", device, &ecc, &pending) == wanted);
    unsigned long long errors = 1;
    CHECK(nvml("nvmlDeviceGetTotalEccErrors", device, 0U, 0U, &errors) == wanted);
    CHECK(errors == (described.ecc != 0 ? 0 : 1));
  }
}

TEST_CASE("field values: each with its own status") {
  const Session session;
  nvmlFieldValue_t fields[4] = {};
  fields[0].fieldId = 186;  // power
  fields[1].fieldId = 0;
  fields[2].fieldId = 165;  // NvLink state
  fields[3].fieldId = 83;   // energy
  CHECK(nvml("nvmlDeviceGetFieldValues", session.device(), 4, static_cast<nvmlFieldValue_t*>(fields)) == NVML_SUCCESS);
  CHECK(fields[0].nvmlReturn == NVML_SUCCESS);
  CHECK(fields[0].valueType == NVML_VALUE_TYPE_UNSIGNED_INT);
  CHECK(fields[0].value.uiVal == told<unsigned>("nvmlDeviceGetPowerUsage", session.device()));
  CHECK(fields[0].timestamp > 0);
  CHECK(fields[1].nvmlReturn == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(fields[2].nvmlReturn == NVML_ERROR_NOT_SUPPORTED);
  CHECK(fields[3].valueType == NVML_VALUE_TYPE_UNSIGNED_LONG_LONG);
}

TEST_CASE("devices to each other and to the processors") {
  const Session session;
  const nvmlDevice_t device = session.device();
  unsigned level = 99;
  CHECK(nvml("nvmlDeviceGetTopologyCommonAncestor", device, device, &level) == NVML_SUCCESS);
  CHECK(level == 0);
  unsigned count = 0;
  CHECK(nvml("nvmlDeviceGetTopologyNearestGpus", device, 40U, &count, static_cast<nvmlDevice_t*>(nullptr)) ==
        NVML_SUCCESS);
  CHECK(count == static_cast<unsigned>(session.count() - 1));
  if (session.count() > 1) {
    CHECK(nvml("nvmlDeviceGetTopologyCommonAncestor", device, session.device(1), &level) == NVML_SUCCESS);
    CHECK(level == 40);
    std::vector<nvmlDevice_t> near(count);
    CHECK(nvml("nvmlDeviceGetTopologyNearestGpus", device, 40U, &count, near.data()) == NVML_SUCCESS);
    for (const nvmlDevice_t one : near) CHECK(one != device);
    int status = -1;
    CHECK(nvml("nvmlDeviceGetP2PStatus", device, session.device(1), 0U, &status) == NVML_SUCCESS);
    CHECK(status != 0);
  }
  unsigned long set[16] = {};
  CHECK(nvml("nvmlDeviceGetCpuAffinity", device, 16U, static_cast<unsigned long*>(set)) == NVML_SUCCESS);
  CHECK((set[0] & 1) == 1);
  long bits = 0;
  for (const unsigned long word : set) bits += __builtin_popcountl(word);
  CHECK(bits == sysconf(_SC_NPROCESSORS_CONF));
  CHECK(nvml("nvmlDeviceGetCpuAffinity", device, 0U, static_cast<unsigned long*>(set)) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlDeviceSetCpuAffinity", device) == NVML_SUCCESS);
}

TEST_CASE("an event set waits its time out") {
  const Session session;
  nvmlEventSet_t set = nullptr;
  nvmlEventData_t data = {};
  REQUIRE(nvml("nvmlEventSetCreate", &set) == NVML_SUCCESS);
  const auto types = told<unsigned long long>("nvmlDeviceGetSupportedEventTypes", session.device());
  CHECK(nvml("nvmlDeviceRegisterEvents", session.device(), types, set) == NVML_SUCCESS);
  CHECK(nvml("nvmlDeviceRegisterEvents", session.device(), 1ULL << 40, set) == NVML_ERROR_NOT_SUPPORTED);
  CHECK(nvml("nvmlEventSetWait_v2", set, &data, 0U) == NVML_ERROR_TIMEOUT);
  const auto start = std::chrono::steady_clock::now();
  CHECK(nvml("nvmlEventSetWait_v2", set, &data, 50U) == NVML_ERROR_TIMEOUT);
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(49));
  CHECK(nvml("nvmlEventSetWait_v2", set, static_cast<nvmlEventData_t*>(nullptr), 0U) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlEventSetFree", set) == NVML_SUCCESS);
  CHECK(nvml("nvmlEventSetFree", set) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlEventSetWait_v2", set, &data, 0U) == NVML_ERROR_INVALID_ARGUMENT);
}

TEST_CASE("many threads initialise, ask and shut down at once") {
  constexpr int kThreads = 8;
  pthread_t threads[kThreads];
  int failures = 0;
  for (pthread_t& thread : threads) {
    pthread_create(
        &thread, nullptr,
        [](void* failed) -> void* {
          const auto call = [&](const char* name, auto... arguments) {
            const auto function = reinterpret_cast<int (*)(decltype(arguments)...)>(dlsym(libraries().nvml, name));
            if (function(arguments...) != 0) __atomic_fetch_add(static_cast<int*>(failed), 1, __ATOMIC_RELAXED);
          };
          for (int i = 0; i < 200; ++i) {
            call("nvmlInit_v2");
            nvmlDevice_t device = nullptr;
            nvmlMemory_t memory = {};
            nvmlEventSet_t set = nullptr;
            call("nvmlDeviceGetHandleByIndex_v2", 0U, &device);
            call("nvmlDeviceGetMemoryInfo", device, &memory);
            call("nvmlEventSetCreate", &set);
            call("nvmlEventSetFree", set);
            call("nvmlShutdown");
          }
          return nullptr;
        },
        &failures);
  }
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  CHECK(failures == 0);
  CHECK(nvml("nvmlShutdown") == NVML_ERROR_UNINITIALIZED);
}

TEST_CASE("what is not there looks at its arguments first") {
  char buffer[4096] = {};
  void* const out = buffer;
  void* const null = nullptr;
  CHECK(nvml("nvmlDeviceGetBridgeChipInfo", nvmlDevice_t{nullptr}, out) == NVML_ERROR_UNINITIALIZED);
  const Session session;
  const nvmlDevice_t device = session.device();
  for (const char* name : {"nvmlDeviceGetBridgeChipInfo", "nvmlDeviceGetClkMonStatus", "nvmlDeviceGetVgpuSchedulerLog",
                           "nvmlDeviceGetFanSpeedRPM", "nvmlGpmSampleGet"}) {
    CAPTURE(name);
    CHECK(nvml(name, nvmlDevice_t{nullptr}, out) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(nvml(name, device, null) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(nvml(name, device, out) == NVML_ERROR_NOT_SUPPORTED);
  }
  CHECK(nvml("nvmlDeviceGetVgpuMetadata", nvmlDevice_t{nullptr}, out, out) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlDeviceGetVgpuMetadata", device, null, null) == NVML_ERROR_NOT_SUPPORTED);
  for (const char* name : {"nvmlGpmMetricsGet", "nvmlGpmSampleAlloc", "nvmlGpmSampleFree"}) {
    CAPTURE(name);
    CHECK(nvml(name, null) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(nvml(name, out) == NVML_ERROR_NOT_SUPPORTED);
  }
  for (const char* name : {"nvmlVgpuInstanceGetFbUsage", "nvmlVgpuInstanceGetType", "nvmlVgpuInstanceGetUUID"}) {
    CAPTURE(name);
    CHECK(nvml(name, 0U, out, 80U) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(nvml(name, 7U, null, 80U) == NVML_ERROR_INVALID_ARGUMENT);
    CHECK(nvml(name, 7U, out, 80U) == NVML_ERROR_NOT_FOUND);
  }
  CHECK(nvml("nvmlVgpuTypeGetFramebufferSize", 7U, out) == NVML_ERROR_INVALID_ARGUMENT);
  CHECK(nvml("nvmlGpuInstanceGetInfo", out, out) == NVML_ERROR_INVALID_ARGUMENT);
}
