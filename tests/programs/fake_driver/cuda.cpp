// The functions that the shim itself asks: devices, the current context (always device FAKE_CURRENT), look-up.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

#include "tests/programs/fake_driver/call.h"
#include "tests/programs/fake_driver/visible.h"

namespace {

char seen[1024] = "(unset)";
FakeGpu gpus[kMostGpus];
int count = -1;  // before cuInit
void (*called_in_init)() = nullptr;

int devices() { return count < 0 ? fake_visible_gpus(gpus) : count; }

}  // namespace

extern "C" const char* fake_visible() { return seen; }
extern "C" void fake_call_in_init(void (*function)()) { called_in_init = function; }
extern "C" int cuInit(unsigned) {
  if (called_in_init != nullptr) called_in_init();
  if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES")) std::snprintf(seen, sizeof seen, "%s", visible);
  if (const int failed = fake_failure("cuInit")) return failed;
  // Read until there is a device, as the real one does.
  if (count <= 0) count = fake_visible_gpus(gpus);
  return count == 0 ? 100 : count < 0 ? 101 : 0;
}
// FAKE_VERSION: an older driver.
extern "C" int cuDriverGetVersion(int* version) { return *version = fake_number("FAKE_VERSION", 13000), 0; }
extern "C" int cuDeviceGetCount(int* number) { return *number = devices(), 0; }
extern "C" int cuDeviceGet(int* device, int ordinal) {
  if (ordinal < 0 || ordinal >= devices()) return 101;
  return *device = ordinal, 0;
}
extern "C" int cuDeviceGetName(char* name, int size, int device) {
  if (device < 0 || device >= devices()) return 101;
  const char* kind = gpus[device].uuid >= 0xe0 ? "Fake GPU MIG 1g.2gb" : "Fake GPU";
  return std::snprintf(name, static_cast<std::size_t>(size), "%s", kind), 0;
}
extern "C" int cuDeviceGetUuid_v2(char* uuid, int device) {
  std::memset(uuid, 0, 16);
  if (device < 0 || device >= devices()) return 101;
  uuid[0] = static_cast<char>(gpus[device].uuid);
  return 0;
}
extern "C" int cuDeviceGetUuid(char* uuid, int device) { return cuDeviceGetUuid_v2(uuid, device); }
// Buses fall as ordinals rise: the session's order is another than CUDA's.
extern "C" int cuDeviceGetAttribute(int* value, int which, int device) {
  if (device < 0 || device >= devices()) return 101;
  return *value = which == 33 ? gpus[device].bus : 0, 0;
}
extern "C" int cuCtxGetDevice(int* device) {
  if (const int failed = fake_failure("cuCtxGetDevice")) return failed;
  return *device = fake_number("FAKE_CURRENT", 0), 0;
}

// Identity is the test's question: one address for each id.
extern "C" int cuGetExportTable(const void** table, const char* id) {
  static const char tables[256][8] = {};
  return *table = tables[static_cast<unsigned char>(*id)], 0;
}

// Versions and suffixes as a driver has them, of the names that the tests ask for.
extern "C" int cuGetProcAddress_v2(const char* symbol, void** function, int version, std::uint64_t flags, int* status) {
  if (symbol == nullptr || function == nullptr) return 1;
  static void* self = nullptr;
  if (self == nullptr) {
    Dl_info info = {};
    dladdr1(reinterpret_cast<void*>(cuInit), &info, &self, RTLD_DL_LINKMAP);  // by its path a shim would be opened
  }
  if (version < 0) version = 13000;
  char name[96];
  *function = nullptr;
  const bool newest = version >= 14000 && std::strcmp(symbol, "cuMemGetInfo") == 0;  // a variant that no list has
  if (newest) {
    *function = dlsym(self, "cuNewerThanTheList");
  } else {
    const bool old_look_up = std::strcmp(symbol, "cuGetProcAddress") == 0 && version < 12000;
    const char* suffixes[] = {version >= 3020 && !old_look_up ? "_v2" : "", ""};
    for (const char* suffix : suffixes) {
      for (const char* stream : {flags == 2 ? "_ptsz" : "", ""}) {
        std::snprintf(name, sizeof name, "%s%s%s", symbol, suffix, stream);
        if (*function == nullptr) *function = dlsym(self, name);
      }
    }
  }
  if (status != nullptr) *status = *function != nullptr ? 0 : 1;
  return 0;
}
extern "C" int cuGetProcAddress(const char* symbol, void** function, int version, std::uint64_t flags) {
  return cuGetProcAddress_v2(symbol, function, version, flags, nullptr);
}
