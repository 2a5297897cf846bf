// What is not ours reaches the real driver as it was called, and comes back as it was answered.
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "tests/gpu/slice_library.h"

using namespace vgpu::test;

namespace {

// Functions that the fake has more of than a note: what they do is tested by name.
const std::set<std::string> kNotNotes = {
    "cuInit", "cuDriverGetVersion", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName", "cuDeviceGetUuid",
    "cuDeviceGetUuid_v2", "cuDeviceGetAttribute", "cuCtxGetDevice", "cuGetExportTable", "cuGetProcAddress",
    "cuGetProcAddress_v2", "cuDeviceTotalMem_v2", "cuMemGetInfo_v2", "cuMemAlloc_v2", "cuMemAllocManaged",
    "cuMemAllocPitch_v2", "cuMemAllocAsync", "cuMemAllocAsync_ptsz", "cuMemAllocFromPoolAsync", "cuMemFree_v2",
    "cuMemFreeAsync", "cuMemFreeAsync_ptsz", "cuMemPoolCreate", "cuMemPoolDestroy", "cuMemCreate", "cuMemRelease",
    "cuMemMap", "cuMemUnmap", "cuMemRetainAllocationHandle", "cuArray3DCreate_v2", "cuArrayCreate_v2", "cuArrayDestroy",
    "cuMipmappedArrayCreate", "cuMipmappedArrayDestroy", "cuArrayGetMemoryRequirements",
    "cuMipmappedArrayGetMemoryRequirements", "nvmlInit_v2", "nvmlDeviceGetUUID", "nvmlDeviceGetIndex",
    "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetMemoryInfo_v2", "cuStreamIsCapturing", "cuStreamIsCapturing_ptsz",
    "cuDeviceGetDefaultMemPool", "cuDeviceGetMemPool", "cuDeviceSetMemPool", "cuMemPoolTrimTo", "cuMemPoolSetAttribute",
    "cuMemPoolGetAttribute", "cuStreamSynchronize", "cuStreamSynchronize_ptsz", "cuCtxSynchronize",
    "cuCtxSynchronize_v2", "cuEventSynchronize", "cuGraphAddMemAllocNode", "cuGraphGetNodes", "cuGraphNodeGetType",
    "cuGraphMemAllocNodeGetParams", "cuGraphInstantiateWithFlags", "cuGraphExecDestroy", "cuGraphLaunch",
    "cuDeviceGetGraphMemAttribute", "cuDeviceGraphMemTrim", "cuImportExternalMemory", "cuDestroyExternalMemory",
    "cuMemImportFromShareableHandle", "nvmlDeviceGetMigMode", "nvmlDeviceGetMaxMigDeviceCount",
    "nvmlDeviceGetMigDeviceHandleByIndex", "nvmlDeviceIsMigDeviceHandle",
    "nvmlDeviceGetDeviceHandleFromMigDeviceHandle", "nvmlDeviceGetGpuInstanceId", "nvmlDeviceGetComputeInstanceId",
    "nvmlDeviceGetCount_v2", "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByPciBusId_v2",
    "nvmlDeviceGetHandleByUUID", "nvmlDeviceGetHandleByUUIDV", "nvmlDeviceGetComputeRunningProcesses_v3",
    "nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetMPSComputeRunningProcesses_v3",
    "nvmlDeviceGetComputeRunningProcesses", "nvmlDeviceGetRunningProcessDetailList", "nvmlDeviceGetCount",
    "nvmlDeviceGetHandleByIndex", "nvmlDeviceGetHandleByPciBusId", "nvmlDeviceGetHandleBySerial",
    "nvmlDeviceGetComputeRunningProcesses_v2", "nvmlDeviceGetGraphicsRunningProcesses",
    "nvmlDeviceGetGraphicsRunningProcesses_v2", "nvmlDeviceGetMPSComputeRunningProcesses",
    "nvmlDeviceGetMPSComputeRunningProcesses_v2",
    // Ours with other parameters than six numbers; the fake only notes them.
    "cuDevicePrimaryCtxRetain", "cuCtxCreate", "cuCtxCreate_v2", "cuCtxCreate_v3", "cuCtxCreate_v4", "cuGraphAddNode",
    "cuGraphAddNode_v2", "cuGraphInstantiate", "cuGraphInstantiate_v2", "cuGraphInstantiateWithParams",
    "cuGraphInstantiateWithParams_ptsz", "cuGraphLaunch_ptsz", "cuGraphUpload", "cuGraphUpload_ptsz",
    "cuMemAllocFromPoolAsync_ptsz", "cuMemAlloc", "cuMemAllocPitch", "cuMemFree", "cuMemGetInfo", "cuDeviceTotalMem",
    "cuArrayCreate", "cuArray3DCreate"};

std::vector<std::string> names(const char* list) {
  std::ifstream file(std::string(VGPU_ABI_LISTS) + "/" + list + ".txt");
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::string name = line.substr(0, line.find(' '));
    if (line.find("object=") != std::string::npos) name.clear();
    all.push_back(name);
  }
  return all;
}

void check_all(const char* list, void* shim, void* driver, std::size_t least) {
  const auto last_call = reinterpret_cast<FakeCall (*)()>(dlsym(driver, "fake_last_call"));
  REQUIRE((last_call != nullptr));
  std::size_t reached = 0;
  const std::vector<std::string> all = names(list);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& name = all[i];
    if (name.empty() || kNotNotes.contains(name)) continue;
    CAPTURE(name);
    void* function = dlsym(shim, name.c_str());
    REQUIRE(function != nullptr);
    CHECK(function != dlsym(driver, name.c_str()));
    for (long round = 1; round <= 2; ++round) {  // through vgpu_abi_resolve, and from then on without
      const long base = static_cast<long>(i) * 1000 * round;
      const auto call = reinterpret_cast<long (*)(long, long, long, long, long, long, double)>(function);
      CHECK(call(base + 1, base + 2, base + 3, base + 4, base + 5, base + 6, 0.5 + static_cast<double>(i)) ==
            7000 + static_cast<long>(i));
      const FakeCall last = last_call();
      CHECK(name == last.name);
      for (int k = 0; k < 6; ++k) CHECK(last.arguments[k] == base + 1 + k);
      CHECK(last.real == 0.5 + static_cast<double>(i));
    }
    ++reached;
  }
  CHECK(reached >= least);
}

void* ask(const char* symbol, int version, std::uint64_t flags) {
  void* function = nullptr;
  int status = -1;
  CHECK(cuda("cuGetProcAddress_v2", symbol, &function, version, flags, &status) == 0);
  return function;
}

}  // namespace

TEST_SUITE("forward") {

TEST_CASE("every name of the driver is forwarded, with all of its arguments") {
  check_all("libcuda", slice().cuda, slice().fake_cuda, 570);
}
TEST_CASE("every name of NVML is forwarded, with all of its arguments") {
  check_all("libnvidia-ml", slice().nvml, slice().fake_nvml, 325);
}

TEST_CASE("export tables are the driver's own") {
  for (int id = 0; id < 256; ++id) {
    char uuid[16] = {static_cast<char>(id)};
    const void* ours = nullptr;
    const void* theirs = nullptr;
    CHECK(cuda("cuGetExportTable", &ours, static_cast<const char*>(uuid)) == 0);
    CHECK(fake("cuGetExportTable", &theirs, static_cast<const char*>(uuid)) == 0);
    CHECK(ours == theirs);
  }
}

TEST_CASE("cuGetProcAddress hands out ours, for every version and flag, itself included") {
  struct Case {
    const char* symbol;
    int version;
    std::uint64_t flags;
    const char* wanted;
  };
  for (const Case& one : {Case{"cuMemAlloc", 3020, 0, "cuMemAlloc_v2"},
                          {"cuMemAlloc", 12000, 0, "cuMemAlloc_v2"},
                          {"cuMemAlloc", 13000, 1, "cuMemAlloc_v2"},
                          {"cuMemAlloc", 13000, 2, "cuMemAlloc_v2"},
                          {"cuMemAlloc", 13020, 0, "cuMemAlloc_v2"},
                          {"cuMemAlloc", -1, 0, "cuMemAlloc_v2"},
                          {"cuMemAlloc", 2000, 0, "cuMemAlloc"},
                          {"cuMemAllocAsync", 12000, 0, "cuMemAllocAsync"},
                          {"cuMemAllocAsync", 12000, 2, "cuMemAllocAsync_ptsz"},
                          {"cuMemFreeAsync", 12000, 2, "cuMemFreeAsync_ptsz"},
                          {"cuMemGetInfo", 12000, 0, "cuMemGetInfo_v2"},
                          {"cuMemCreate", 12000, 0, "cuMemCreate"},
                          {"cuDeviceTotalMem", 12000, 2, "cuDeviceTotalMem_v2"},
                          {"cuArray3DCreate", 12000, 0, "cuArray3DCreate_v2"},
                          {"cuInit", 12000, 0, "cuInit"},
                          {"cuGetProcAddress", 11030, 0, "cuGetProcAddress"},
                          {"cuGetProcAddress", 12000, 0, "cuGetProcAddress_v2"},
                          {"cuMemAllocFromPoolAsync", 12000, 2, "cuMemAllocFromPoolAsync_ptsz"}}) {
    CAPTURE(one.symbol);
    CAPTURE(one.version);
    CAPTURE(one.flags);
    void* ours = dlsym(slice().cuda, one.wanted);
    CHECK(ask(one.symbol, one.version, one.flags) == ours);
    void* old_form = nullptr;
    CHECK(cuda("cuGetProcAddress", one.symbol, &old_form, one.version, one.flags) == 0);
    CHECK(old_form == ours);
  }
  // By the function that it hands out for itself.
  const auto again =
      reinterpret_cast<int (*)(const char*, void**, int, std::uint64_t, int*)>(ask("cuGetProcAddress", 12000, 0));
  void* function = nullptr;
  int status = -1;
  CHECK(again("cuMemFree", &function, 12000, 0, &status) == 0);
  CHECK(function == dlsym(slice().cuda, "cuMemFree_v2"));
}

TEST_CASE("cuGetProcAddress hands out the driver's own for what is not ours, and for what is newer than we are") {
  for (const char* symbol : {"cuCtxGetCurrent", "cuLaunchKernel", "cuNewerThanTheList"}) {
    void* theirs = nullptr;
    int status = -1;
    CHECK(fake("cuGetProcAddress_v2", symbol, &theirs, 12000, std::uint64_t{0}, &status) == 0);
    REQUIRE(theirs != nullptr);
    CHECK(ask(symbol, 12000, 0) == theirs);
  }
  // The fake has a cuMemGetInfo of 14.0 with other parameters.
  CHECK(ask("cuMemGetInfo", 14000, 0) == dlsym(slice().fake_cuda, "cuNewerThanTheList"));
  CHECK(ask("cuMemGetInfo", 13020, 0) == dlsym(slice().cuda, "cuMemGetInfo_v2"));
}

TEST_CASE("what the driver does not find stays not found, with its own words") {
  void* function = &function;
  int status = -1;
  CHECK(cuda("cuGetProcAddress_v2", "cuNoSuchThing", &function, 12000, std::uint64_t{0}, &status) == 0);
  CHECK(function == nullptr);
  CHECK(status == 1);
  CHECK(cuda("cuGetProcAddress_v2", static_cast<const char*>(nullptr), &function, 12000, std::uint64_t{0}, &status) ==
        1);
}

}  // TEST_SUITE("forward")
