#include "shims/nvml/call.h"

#include "shims/device/linker.h"

namespace vgpu::nvml {

nvmlReturn_t copy_text(char* to, unsigned size, std::string_view text) {
  if (to == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  if (text.size() >= size) return NVML_ERROR_INSUFFICIENT_SIZE;
  std::size_t at = 0;
  for (; at < text.size(); ++at) to[at] = text[at];
  to[at] = '\0';
  return NVML_SUCCESS;
}

Usage memory_usage(int index) {
  using Function = int (*)(int, std::uint64_t*, std::uint64_t*);
  static constinit Function known = nullptr;
  Usage usage = {.used = 0, .total = device::system().devices[index].memory};
  Function ask = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (ask == nullptr) {
    // Asked again until there is one: a program may load the driver long after NVML.
    if (dlsym == nullptr) return usage;
    ask = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, "vgpu_device_memory"));
    if (ask == nullptr) return usage;
    __atomic_store_n(&known, ask, __ATOMIC_RELAXED);
  }
  Usage told = {};
  return ask(index, &told.used, &told.total) == 0 ? told : usage;
}

}  // namespace vgpu::nvml

using namespace vgpu::nvml;

// A stub answers through this: what is not there says so only to a program that initialised.
extern "C" __attribute__((visibility("hidden"))) int vgpu_abi_refused(int status) {
  return initialised() ? status : NVML_ERROR_UNINITIALIZED;
}
