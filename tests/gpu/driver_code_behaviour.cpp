// What a CUDA driver answers at the edges of devices, contexts and code (driver_behaviour.cpp: of streams and memory).
// Prints one line for each question, and nothing that depends on the kind of device.
//   driver_code_behaviour LIBCUDA                           the questions
//   driver_code_behaviour LIBCUDA entry-points LIBCUDA.TXT  what cuGetProcAddress gives for each name of an export list
// LIBCUDA is our shim or a real driver. driver_code_behaviour.expected and driver_entry_points.expected are what a real
// one answered on 24 November 2026: driver 580.159.04, NVIDIA H100 80GB HBM3. Handles that are not ones are never
// passed, except null: a real driver follows them. It also follows some null pointers (of cuGetErrorName,
// cuGetProcAddress) and writes before a name of 0 bytes: not asked. Nor is what it says of the inside of functions,
// which takes a compiler.
#include "tests/gpu/driver_code_behaviour.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef VGPU_OLD_GLIBC
// The oldest versions of what glibc 2.34 moved from libdl.so.2 to libc.so.6.
asm(".symver dlopen, dlopen@GLIBC_2.2.5");
asm(".symver dlsym, dlsym@GLIBC_2.2.5");
asm(".symver dlerror, dlerror@GLIBC_2.2.5");
#endif

namespace vgpu::test {
namespace {

using namespace cuda;

void* library = nullptr;

void ask_before_init() {
  int number = -7;
  CUcontext context = nullptr;
  SHOW("cuDeviceGetCount before cuInit", "cuDeviceGetCount", &number);
  SHOW("cuDeviceGet before cuInit", "cuDeviceGet", &number, 0);
  SHOW("cuCtxGetCurrent before cuInit", "cuCtxGetCurrent", &context);
  SHOW("cuDriverGetVersion before cuInit", "cuDriverGetVersion", &number);
  SHOW("cuDriverGetVersion null", "cuDriverGetVersion", static_cast<int*>(nullptr));
  SHOW("cuMemFree null before cuInit", "cuMemFree_v2", CUdeviceptr{0});
  SHOW("cuInit with flags 1", "cuInit", 1U);
  SHOW("cuInit", "cuInit", 0U);
  SHOW("cuInit again", "cuInit", 0U);
  SHOW("cuCtxGetCurrent after cuInit", "cuCtxGetCurrent", &context);
  value("context", context == nullptr ? "null" : "not null");
}

void ask_texts() {
  const char* text = nullptr;
  SHOW("cuGetErrorName of 12345", "cuGetErrorName", 12345, &text);
  value("name", text == nullptr ? "null" : text);
  SHOW("cuGetErrorString of 12345", "cuGetErrorString", 12345, &text);
  value("text", text == nullptr ? "null" : text);
  for (int result = 0; result < 1000; ++result) {
    text = nullptr;
    if (ask("cuGetErrorName", result, &text) != CUDA_SUCCESS || text == nullptr) continue;
    char line[160];
    std::snprintf(line, sizeof line, "%d %s", result, text);
    text = nullptr;
    ask("cuGetErrorString", result, &text);
    value(line, text == nullptr ? "null" : text);
  }
}

void ask_devices() {
  ask("cuInit", 0U);
  int number = -7;
  SHOW("cuDeviceGetCount null", "cuDeviceGetCount", static_cast<int*>(nullptr));
  SHOW("cuDeviceGet -1", "cuDeviceGet", &number, -1);
  SHOW("cuDeviceGet 64", "cuDeviceGet", &number, 64);
  SHOW("cuDeviceGet null", "cuDeviceGet", static_cast<int*>(nullptr), 0);
  char name[256];
  SHOW("cuDeviceGetName into 1 byte", "cuDeviceGetName", name, 1, 0);
  SHOW("cuDeviceGetName into 5 bytes", "cuDeviceGetName", name, 5, 0);
  value("length", static_cast<long long>(strnlen(name, 5)));
  SHOW("cuDeviceGetName null", "cuDeviceGetName", static_cast<char*>(nullptr), 10, 0);
  SHOW("cuDeviceGetName of device 64", "cuDeviceGetName", name, 256, 64);
  std::size_t bytes = 0;
  SHOW("cuDeviceTotalMem null", "cuDeviceTotalMem_v2", static_cast<std::size_t*>(nullptr), 0);
  SHOW("cuDeviceTotalMem of device 64", "cuDeviceTotalMem_v2", &bytes, 64);
  SHOW("cuDeviceGetUuid null", "cuDeviceGetUuid", static_cast<CUuuid*>(nullptr), 0);
  for (const int attribute :
       {-1, 0, 1, 44, 84, 92, 93, 94, 96, 102, 103, 107, 110, 122, 127, 141, 145, 146, 147, 148, 1000}) {
    char what[64];
    std::snprintf(what, sizeof what, "cuDeviceGetAttribute %d", attribute);
    SHOW(what, "cuDeviceGetAttribute", &number, attribute, 0);
  }
  SHOW("cuDeviceGetAttribute null", "cuDeviceGetAttribute", static_cast<int*>(nullptr), 1, 0);
  SHOW("cuDeviceGetAttribute of device 64", "cuDeviceGetAttribute", &number, 1, 64);
  char bus[32] = {};
  SHOW("cuDeviceGetPCIBusId into 12 bytes", "cuDeviceGetPCIBusId", bus, 12, 0);
  SHOW("cuDeviceGetPCIBusId into 13 bytes", "cuDeviceGetPCIBusId", bus, 13, 0);
  SHOW("cuDeviceGetPCIBusId null", "cuDeviceGetPCIBusId", static_cast<char*>(nullptr), 13, 0);
  SHOW("cuDeviceGetByPCIBusId", "cuDeviceGetByPCIBusId", &number, static_cast<const char*>(bus));
  SHOW("cuDeviceGetByPCIBusId nonsense", "cuDeviceGetByPCIBusId", &number, "nonsense");
  SHOW("cuDeviceGetByPCIBusId of none", "cuDeviceGetByPCIBusId", &number, "0000:ff:1f.0");
  unsigned mask = 0;
  SHOW("cuDeviceGetLuid", "cuDeviceGetLuid", name, &mask, 0);
  SHOW("cuDeviceGetExecAffinitySupport", "cuDeviceGetExecAffinitySupport", &number, 0, 0);
  value("supported", number);
  SHOW("cuDeviceGetExecAffinitySupport 1", "cuDeviceGetExecAffinitySupport", &number, 1, 0);
  value("supported", number);
  SHOW("cuDeviceGetTexture1DLinearMaxWidth", "cuDeviceGetTexture1DLinearMaxWidth", &bytes, 0x20, 1U, 0);
  SHOW("cuDeviceGetTexture1DLinearMaxWidth of 3 channels", "cuDeviceGetTexture1DLinearMaxWidth", &bytes, 0x20, 3U, 0);
  SHOW("cuDeviceCanAccessPeer with itself", "cuDeviceCanAccessPeer", &number, 0, 0);
  value("can", number);
  SHOW("cuDeviceCanAccessPeer with device 64", "cuDeviceCanAccessPeer", &number, 0, 64);
  SHOW("cuDeviceCanAccessPeer null", "cuDeviceCanAccessPeer", static_cast<int*>(nullptr), 0, 0);
  SHOW("cuDeviceGetP2PAttribute with itself", "cuDeviceGetP2PAttribute", &number, 2, 0, 0);
  SHOW("cuDeviceGetP2PAttribute 99 with itself", "cuDeviceGetP2PAttribute", &number, 99, 0, 0);
  int major = 0;
  SHOW("cuDeviceComputeCapability null", "cuDeviceComputeCapability", static_cast<int*>(nullptr), &major, 0);
  SHOW("cuDeviceGetProperties null", "cuDeviceGetProperties", static_cast<CUdevprop*>(nullptr), 0);
  int operation = 0;
  SHOW("cuDeviceGetHostAtomicCapabilities", "cuDeviceGetHostAtomicCapabilities", &mask, &operation, 1U, 0);
  SHOW("cuDeviceGetHostAtomicCapabilities of none", "cuDeviceGetHostAtomicCapabilities", &mask, &operation, 0U, 0);
}

void ask_primary_context() {
  ask("cuInit", 0U);
  CUcontext context = nullptr;
  unsigned flags = 99;
  int active = 99;
  SHOW("cuDevicePrimaryCtxGetState", "cuDevicePrimaryCtxGetState", 0, &flags, &active);
  value("flags", flags);
  value("active", active);
  SHOW("cuDevicePrimaryCtxRelease of none", "cuDevicePrimaryCtxRelease_v2", 0);
  SHOW("cuDevicePrimaryCtxSetFlags 4", "cuDevicePrimaryCtxSetFlags_v2", 0, 4U);
  SHOW("cuDevicePrimaryCtxSetFlags 7", "cuDevicePrimaryCtxSetFlags_v2", 0, 7U);
  SHOW("cuDevicePrimaryCtxSetFlags 0x100", "cuDevicePrimaryCtxSetFlags_v2", 0, 0x100U);
  SHOW("cuDevicePrimaryCtxRetain null", "cuDevicePrimaryCtxRetain", static_cast<CUcontext*>(nullptr), 0);
  SHOW("cuDevicePrimaryCtxRetain of device 64", "cuDevicePrimaryCtxRetain", &context, 64);
  SHOW("cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRetain", &context, 0);
  SHOW("cuDevicePrimaryCtxGetState", "cuDevicePrimaryCtxGetState", 0, &flags, &active);
  value("flags", flags);
  value("active", active);
  SHOW("cuDevicePrimaryCtxSetFlags 1 while active", "cuDevicePrimaryCtxSetFlags_v2", 0, 1U);
  SHOW("cuCtxSetCurrent", "cuCtxSetCurrent", context);
  SHOW("cuCtxGetFlags", "cuCtxGetFlags", &flags);
  value("flags", flags);
  SHOW("cuCtxDestroy of it", "cuCtxDestroy_v2", context);
  SHOW("cuDevicePrimaryCtxRelease", "cuDevicePrimaryCtxRelease_v2", 0);
  SHOW("cuCtxSynchronize after the release", "cuCtxSynchronize");
  SHOW("cuDevicePrimaryCtxRelease again", "cuDevicePrimaryCtxRelease_v2", 0);
  SHOW("cuDevicePrimaryCtxReset", "cuDevicePrimaryCtxReset_v2", 0);
}

void ask_without_context() {
  ask("cuInit", 0U);
  int number = 0;
  CUcontext context = nullptr;
  CUdeviceptr pointer = 0;
  CUstream stream = nullptr;
  std::size_t size = 0;
  unsigned version = 0;
  SHOW("cuCtxGetDevice without a context", "cuCtxGetDevice", &number);
  SHOW("cuCtxSynchronize without a context", "cuCtxSynchronize");
  SHOW("cuCtxPopCurrent without a context", "cuCtxPopCurrent_v2", &context);
  SHOW("cuCtxGetApiVersion null without a context", "cuCtxGetApiVersion", context, &version);
  SHOW("cuMemAlloc without a context", "cuMemAlloc_v2", &pointer, std::size_t{16});
  SHOW("cuMemFree null without a context", "cuMemFree_v2", CUdeviceptr{0});
  SHOW("cuStreamCreate without a context", "cuStreamCreate", &stream, 0U);
  SHOW("cuMemGetInfo without a context", "cuMemGetInfo_v2", &size, &size);
  SHOW("cuCtxGetLimit without a context", "cuCtxGetLimit", &size, 0);
  SHOW("cuProfilerStart without a context", "cuProfilerStart");
  SHOW("cuCtxSetCurrent null", "cuCtxSetCurrent", context);
  SHOW("cuCtxPushCurrent null", "cuCtxPushCurrent_v2", context);
  SHOW("cuCtxDestroy null", "cuCtxDestroy_v2", context);
  SHOW("cuCtxGetCurrent null", "cuCtxGetCurrent", static_cast<CUcontext*>(nullptr));
  SHOW("cuCtxCreate null", "cuCtxCreate_v2", static_cast<CUcontext*>(nullptr), 0U, 0);
  SHOW("cuCtxCreate with flags 7", "cuCtxCreate_v2", &context, 7U, 0);
  SHOW("cuCtxCreate with flags 0x100", "cuCtxCreate_v2", &context, 0x100U, 0);
  SHOW("cuCtxCreate of device 64", "cuCtxCreate_v2", &context, 0U, 64);
  int mode = 0;
  SHOW("cuModuleGetLoadingMode", "cuModuleGetLoadingMode", &mode);
  value("mode", mode);
}

void ask_context_settings(CUcontext context) {
  unsigned flags = 0;
  std::size_t size = 0;
  SHOW("cuCtxGetFlags", "cuCtxGetFlags", &flags);
  value("flags", flags);
  SHOW("cuCtxSetFlags 0x80", "cuCtxSetFlags", 0x80U);
  SHOW("cuCtxGetFlags", "cuCtxGetFlags", &flags);
  value("flags", flags);
  SHOW("cuCtxSetFlags 8", "cuCtxSetFlags", 8U);
  SHOW("cuCtxSetFlags 7", "cuCtxSetFlags", 7U);
  SHOW("cuCtxSetFlags 0x100", "cuCtxSetFlags", 0x100U);
  SHOW("cuCtxGetFlags", "cuCtxGetFlags", &flags);
  value("flags", flags);
  SHOW("cuCtxSetFlags 4", "cuCtxSetFlags", 4U);
  SHOW("cuCtxGetFlags", "cuCtxGetFlags", &flags);
  value("flags", flags);
  for (int limit = 0; limit < 12; ++limit) {
    char what[64];
    std::snprintf(what, sizeof what, "cuCtxGetLimit %d", limit);
    SHOW(what, "cuCtxGetLimit", &size, limit);
    if (limit <= 6) value("limit", static_cast<long long>(size));
  }
  SHOW("cuCtxGetLimit null", "cuCtxGetLimit", static_cast<std::size_t*>(nullptr), 0);
  SHOW("cuCtxGetLimit 99", "cuCtxGetLimit", &size, 99);
  SHOW("cuCtxSetLimit 99", "cuCtxSetLimit", 99, std::size_t{1});
  SHOW("cuCtxSetLimit of the stack to 1000", "cuCtxSetLimit", 0, std::size_t{1000});
  ask("cuCtxGetLimit", &size, 0);
  value("limit", static_cast<long long>(size));
  SHOW("cuCtxSetLimit of the sync depth", "cuCtxSetLimit", 3, std::size_t{2});
  SHOW("cuCtxSetLimit of the fetch granularity to 200", "cuCtxSetLimit", 5, std::size_t{200});
  SHOW("cuCtxSetLimit of the fetch granularity to 100", "cuCtxSetLimit", 5, std::size_t{100});
  ask("cuCtxGetLimit", &size, 5);
  value("limit", static_cast<long long>(size));
  for (const int limit : {7, 8, 9}) {
    char what[64];
    std::snprintf(what, sizeof what, "cuCtxSetLimit %d to 1", limit);
    SHOW(what, "cuCtxSetLimit", limit, std::size_t{1});
  }
  SHOW("cuCtxSetCacheConfig 4", "cuCtxSetCacheConfig", 4);
  SHOW("cuCtxSetCacheConfig -1", "cuCtxSetCacheConfig", -1);
  SHOW("cuCtxSetCacheConfig 1", "cuCtxSetCacheConfig", 1);
  int config = 99;
  SHOW("cuCtxGetCacheConfig", "cuCtxGetCacheConfig", &config);
  value("config", config);
  SHOW("cuCtxGetCacheConfig null", "cuCtxGetCacheConfig", static_cast<int*>(nullptr));
  SHOW("cuCtxGetSharedMemConfig at first", "cuCtxGetSharedMemConfig", &config);
  value("config", config);
  SHOW("cuCtxSetSharedMemConfig 3", "cuCtxSetSharedMemConfig", 3);
  SHOW("cuCtxSetSharedMemConfig 2", "cuCtxSetSharedMemConfig", 2);
  SHOW("cuCtxGetSharedMemConfig", "cuCtxGetSharedMemConfig", &config);
  value("config", config);
  int least = 99;
  int greatest = 99;
  SHOW("cuCtxGetStreamPriorityRange", "cuCtxGetStreamPriorityRange", &least, &greatest);
  value("least", least);
  value("greatest", greatest);
  SHOW("cuCtxGetStreamPriorityRange of nothing", "cuCtxGetStreamPriorityRange", static_cast<int*>(nullptr),
       static_cast<int*>(nullptr));
  SHOW("cuCtxResetPersistingL2Cache", "cuCtxResetPersistingL2Cache");
  CUexecAffinityParam affinity = {};
  SHOW("cuCtxGetExecAffinity", "cuCtxGetExecAffinity", &affinity, 0);
  value("type", affinity.type);
  SHOW("cuCtxGetExecAffinity 1", "cuCtxGetExecAffinity", &affinity, 1);
  SHOW("cuCtxEnablePeerAccess of itself", "cuCtxEnablePeerAccess", context, 0U);
  SHOW("cuCtxEnablePeerAccess of itself with flags 1", "cuCtxEnablePeerAccess", context, 1U);
  SHOW("cuCtxEnablePeerAccess null", "cuCtxEnablePeerAccess", CUcontext{nullptr}, 0U);
  SHOW("cuCtxDisablePeerAccess of itself", "cuCtxDisablePeerAccess", context);
  SHOW("cuProfilerStart", "cuProfilerStart");
  SHOW("cuProfilerStop", "cuProfilerStop");
  SHOW("cuProfilerInitialize", "cuProfilerInitialize", "nowhere", "nowhere", 0);
}

void ask_contexts() {
  ask("cuInit", 0U);
  CUcontext context = nullptr;
  SHOW("cuCtxCreate", "cuCtxCreate_v2", &context, 0U, 0);
  unsigned version = 0;
  SHOW("cuCtxGetApiVersion", "cuCtxGetApiVersion", context, &version);
  value("version", version);
  SHOW("cuCtxGetApiVersion of the current", "cuCtxGetApiVersion", CUcontext{nullptr}, &version);
  SHOW("cuCtxGetApiVersion without answer", "cuCtxGetApiVersion", context, static_cast<unsigned*>(nullptr));
  unsigned long long id = 0;
  SHOW("cuCtxGetId", "cuCtxGetId", context, &id);
  SHOW("cuCtxGetDevice null", "cuCtxGetDevice", static_cast<int*>(nullptr));
  ask_context_settings(context);
  CUcontext other = nullptr;
  SHOW("cuCtxPopCurrent", "cuCtxPopCurrent_v2", &other);
  value("context", other == context ? "the same" : "another");
  SHOW("cuCtxPushCurrent", "cuCtxPushCurrent_v2", context);
  SHOW("cuCtxAttach", "cuCtxAttach", &other, 0U);
  SHOW("cuCtxAttach with flags 1", "cuCtxAttach", &other, 1U);
  SHOW("cuCtxDetach", "cuCtxDetach", context);
  SHOW("cuCtxDestroy", "cuCtxDestroy_v2", context);
  SHOW("cuCtxGetCurrent after it", "cuCtxGetCurrent", &other);
  value("context", other == nullptr ? "null" : "not null");
  unsigned flags = 0;
  SHOW("cuCtxCreate with flags 8", "cuCtxCreate_v2", &context, 8U, 0);
  SHOW("cuCtxGetFlags", "cuCtxGetFlags", &flags);
  value("flags", flags);
}

volatile bool may_go_on = false;

void wait_here(void*) {
  while (!may_go_on) usleep(1000);
}

// Events of all that a context was asked for, with a host function in front that takes its time.
void ask_context_events() {
  const CUcontext context = make_context();
  CUstream first = nullptr;
  CUstream second = nullptr;
  CUevent event = nullptr;
  CUevent later = nullptr;
  ask("cuStreamCreate", &first, 1U);
  ask("cuStreamCreate", &second, 1U);
  ask("cuEventCreate", &event, 0U);
  ask("cuEventCreate", &later, 0U);
  SHOW("cuCtxRecordEvent of no event", "cuCtxRecordEvent", context, CUevent{nullptr});
  SHOW("cuCtxWaitEvent for no event", "cuCtxWaitEvent", context, CUevent{nullptr});
  SHOW("cuCtxWaitEvent before it was recorded", "cuCtxWaitEvent", context, event);
  SHOW("cuCtxRecordEvent of the current context", "cuCtxRecordEvent", CUcontext{nullptr}, event);
  SHOW("cuCtxWaitEvent of the current context", "cuCtxWaitEvent", CUcontext{nullptr}, event);
  SHOW("cuCtxRecordEvent of an idle context", "cuCtxRecordEvent", context, event);
  ask("cuCtxSynchronize");
  SHOW("cuEventQuery", "cuEventQuery", event);
  ask("cuLaunchHostFunc", first, &wait_here, static_cast<void*>(nullptr));
  SHOW("cuCtxRecordEvent behind a host function", "cuCtxRecordEvent", context, event);
  SHOW("cuEventQuery", "cuEventQuery", event);
  SHOW("cuStreamQuery of the other stream", "cuStreamQuery", second);
  SHOW("cuCtxWaitEvent", "cuCtxWaitEvent", context, event);
  SHOW("cuStreamQuery of the other stream", "cuStreamQuery", second);
  SHOW("cuEventRecord in the other stream", "cuEventRecord", later, second);
  SHOW("cuEventQuery of that", "cuEventQuery", later);
  may_go_on = true;
  SHOW("cuCtxSynchronize", "cuCtxSynchronize");
  SHOW("cuEventQuery", "cuEventQuery", event);
  SHOW("cuEventQuery of that", "cuEventQuery", later);
  const CUcontext other = make_context();
  SHOW("cuCtxRecordEvent in another context", "cuCtxRecordEvent", other, event);
  SHOW("cuCtxWaitEvent in another context", "cuCtxWaitEvent", other, event);
}

constexpr Section kSections[] = {
    {"before init", ask_before_init},
    {"texts", ask_texts},
    {"devices", ask_devices},
    {"primary context", ask_primary_context},
    {"no context", ask_without_context},
    {"contexts", ask_contexts},
    {"context events", ask_context_events},
    {"look-up", ask_look_up},
    {"modules", ask_modules},
    {"variables", ask_variables},
    {"functions", ask_functions},
    {"libraries", ask_libraries},
};

// The questions of one section, in a child that has never seen the driver. 60 seconds are enough for any.
void run(const Section& section, const char* path) {
  std::printf("\n# %s\n", section.name);
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) std::printf("%s\n", dlerror());
    if (library != nullptr) section.ask();
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) std::printf("! ended by signal %d\n", WTERMSIG(status));
}

// "cuMemAlloc_v2" is a variant of "cuMemAlloc".
void base_of(const char* name, char (&base)[128]) {
  std::snprintf(base, sizeof base, "%s", name);
  std::size_t length = std::strlen(base);
  if (length > 5 && (std::strcmp(base + length - 5, "_ptds") == 0 || std::strcmp(base + length - 5, "_ptsz") == 0))
    length -= 5;
  base[length] = '\0';
  if (length > 3 && base[length - 3] == '_' && base[length - 2] == 'v') base[length - 3] = '\0';
}

// The exported name of what cuGetProcAddress gave.
void name_function(const char* base, const void* function, char (&text)[160]) {
  std::snprintf(text, sizeof text, function == nullptr ? "null" : "not exported");
  if (function == nullptr) return;
  for (const char* version : {"", "_v2", "_v3", "_v4"}) {
    for (const char* thread : {"", "_ptds", "_ptsz"}) {
      char name[160];
      std::snprintf(name, sizeof name, "%s%s%s", base, version, thread);
      if (driver_function(name) == function) std::snprintf(text, sizeof text, "%s", name);
    }
  }
}

int list_entry_points(const char* path, const char* list) {
  library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  std::FILE* file = std::fopen(list, "r");
  if (library == nullptr || file == nullptr) return 2;
  ask("cuInit", 0U);
  constexpr int kVersions[] = {2000,  2010,  2020,  2030,  3000,  3010,  3020,  4000,  4010,  4020,
                               5000,  5050,  6000,  6050,  7000,  8000,  9000,  9020,  10000, 10010,
                               10020, 11000, 11010, 11020, 11030, 11040, 11050, 11060, 11070, 11080,
                               12000, 12010, 12020, 12030, 12040, 12050, 12060, 12080, 12090, 13000};
  char line[256];
  char previous[128] = "";
  while (std::fgets(line, sizeof line, file) != nullptr) {
    char name[128];
    char base[128];
    if (std::sscanf(line, "%127s", name) != 1 || name[0] == '#') continue;
    base_of(name, base);
    if (std::strcmp(base, previous) == 0) continue;
    std::snprintf(previous, sizeof previous, "%s", base);
    for (const std::uint64_t flags : {std::uint64_t{1}, std::uint64_t{2}}) {
      char last[200] = "";
      for (const int version : kVersions) {
        void* function = nullptr;
        int status = -7;
        const int result =
            ask("cuGetProcAddress_v2", static_cast<const char*>(base), &function, version, flags, &status);
        char found[160];
        char answer[200];
        name_function(base, function, found);
        std::snprintf(answer, sizeof answer, "%s %d %s", found, status,
                      result == CUDA_SUCCESS ? "" : result_name(result));
        if (std::strcmp(answer, last) != 0)
          std::printf("%s %llu %d %s\n", base, static_cast<unsigned long long>(flags), version, answer);
        std::snprintf(last, sizeof last, "%s", answer);
      }
    }
  }
  std::fclose(file);
  return 0;
}

}  // namespace

void* driver_function(const char* name) { return dlsym(library, name); }

const char* result_name(int result) {
  switch (result) {
#define VGPU_RESULT_NAME(name, value, message) \
  case value: return #name;
    VGPU_CUDA_RESULTS(VGPU_RESULT_NAME)
#undef VGPU_RESULT_NAME
    case kNotExported: return "not exported";
  }
  return "a result without a name";
}

// Flushed, so that what was answered before a crash is seen.
void show(const char* what, int result) {
  std::printf("%-62s %s\n", what, result_name(result));
  std::fflush(stdout);
}
void value(const char* what, const char* text) {
  std::printf("  %-60s %s\n", what, text);
  std::fflush(stdout);
}
void value(const char* what, long long number) {
  std::printf("  %-60s %lld\n", what, number);
  std::fflush(stdout);
}

CUcontext make_context() {
  CUcontext context = nullptr;
  ask("cuInit", 0U);
  const int result = ask("cuCtxCreate_v2", &context, 0U, 0);
  if (result != CUDA_SUCCESS) show("cuCtxCreate", result);
  return context;
}

}  // namespace vgpu::test

int main(int count, char** arguments) {
  using namespace vgpu::test;
  if (count == 4 && std::strcmp(arguments[2], "entry-points") == 0)
    return list_entry_points(arguments[1], arguments[3]);
  if (count != 2) return 2;
  for (const Section& section : kSections) run(section, arguments[1]);
  return 0;
}
