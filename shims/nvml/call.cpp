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

std::uint64_t memory_used(int index) {
  using Function = int (*)(int, std::uint64_t*);
  static constinit Function known = nullptr;
  Function ask = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (ask == nullptr) {
    // Asked again until there is one: a program may load the driver long after NVML.
    if (dlsym == nullptr) return 0;
    ask = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, "vgpu_device_memory_used"));
    if (ask == nullptr) return 0;
    __atomic_store_n(&known, ask, __ATOMIC_RELAXED);
  }
  std::uint64_t bytes = 0;
  return ask(index, &bytes) == 0 ? bytes : 0;
}

}  // namespace vgpu::nvml

using namespace vgpu::nvml;

// A stub answers through this: what is not there says so only to a program that initialised.
extern "C" __attribute__((visibility("hidden"))) int vgpu_abi_refused(int status) {
  return initialised() ? status : NVML_ERROR_UNINITIALIZED;
}
