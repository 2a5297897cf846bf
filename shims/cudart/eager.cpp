// The one constructor of this library. With VGPU_INIT=eager it greets the driver before main, each step in
// the log: for those who want to see at start, not at first use, that the pieces have found each other.
// Otherwise it does nothing.

#include <cstring>

#include "shims/contract.h"
#include "shims/cudart/state.h"
#include "shims/device/linker.h"
#include "shims/device/log.h"
#include "shims/device/setting.h"

extern "C" vgpu::cudart::cudaError_t cudaGetDeviceCount(int* count);

namespace vgpu::cudart {
namespace {

// A constructor of every library in LD_PRELOAD runs after all of them are mapped, so RTLD_DEFAULT sees cuInit
// wherever its library stands in the list.
void greet() {
  const auto say = [](std::initializer_list<std::string_view> parts) { log::line(log::Level::info, kLibrary, parts); };
  void* init = find_cu_init();
  if (init == nullptr) return say({"constructor: cuInit not found"});
  Dl_info where = {};
  const bool named = dladdr != nullptr && dladdr(init, &where) != 0 && where.dli_fname != nullptr;
  say({"constructor: cuInit is in ", named ? where.dli_fname : "an unnamed library"});
  cudaError_t error = cudaSuccess;
  const Driver* found = driver(error);
  say({"constructor: cuInit answered ", log::Number(error).text()});
  if (found == nullptr) return;
  int count = 0;
  const CUresult result = found->DeviceGetCount(&count);
  say({"constructor: cuDeviceGetCount answered ", log::Number(result).text(), ", count ", log::Number(count).text()});
  error = cudaGetDeviceCount(&count);
  say({"constructor: cudaGetDeviceCount answered ", log::Number(error).text(), ", count ", log::Number(count).text()});
  say({"constructor: cuInit found, device count ", log::Number(count).text()});
}

[[gnu::constructor]] void start() {
  const char* when = setting(contract::kInit);
  if (when != nullptr && std::strcmp(when, "eager") == 0) greet();
}

}  // namespace
}  // namespace vgpu::cudart
