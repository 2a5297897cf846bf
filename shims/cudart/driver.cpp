#include "shims/cudart/driver.h"

#include <cstring>

#include "shims/device/linker.h"

// The door that is open where dlsym is not there (see linker.h): ld.so fills in the driver's own look-up
// function, if any library of the program has one, as it loads us. One name, because each costs a look-up at
// every start.
extern "C" [[gnu::weak]] vgpu::cuda::CUresult cuGetProcAddress_v2(const char* symbol, void** function, int version,
                                                                  std::uint64_t flags, int* status);

namespace vgpu::cudart {
namespace {

// In place of what an older driver lacks. The caller's stack is the caller's to clean in the C calling
// convention, so one function without parameters serves for all.
CUresult not_there() { return cuda::CUDA_ERROR_NOT_SUPPORTED; }

// The scope for dlsym: RTLD_DEFAULT or the handle of libcuda.so.1. Set by find_cu_init.
void* scope = RTLD_DEFAULT;

// The version of CUDA whose interface driver.h declares: the newest, but for functions that have got other parameters
// since.
int version_of(const char* symbol) {
  const auto is = [symbol](const char* name) { return std::strcmp(symbol, name) == 0; };
  return is("cuCtxGetDevice") || is("cuCtxSynchronize") || is("cuStreamGetCtx") ? 12000 : 13000;
}

// cuGetProcAddress wants the name without the suffix of its version.
void* ask_driver(const char* symbol) {
  if (cuGetProcAddress_v2 == nullptr) return nullptr;
  if (std::strcmp(symbol, "cuGetProcAddress_v2") == 0) return reinterpret_cast<void*>(cuGetProcAddress_v2);
  char name[64];
  std::size_t length = std::strlen(symbol);
  if (length >= sizeof name) return nullptr;
  if (length > 3 && std::strcmp(symbol + length - 3, "_v2") == 0) length -= 3;
  std::memcpy(name, symbol, length);
  name[length] = '\0';
  void* function = nullptr;
  return cuGetProcAddress_v2(name, &function, version_of(symbol), 0, nullptr) == cuda::CUDA_SUCCESS ? function
                                                                                                    : nullptr;
}

void* find(const char* symbol) { return dlsym != nullptr ? dlsym(scope, symbol) : ask_driver(symbol); }

template <class Function>
void fill(Function& function, const char* symbol) {
  void* address = find(symbol);
  function = reinterpret_cast<Function>(address != nullptr ? address : reinterpret_cast<void*>(not_there));
}

}  // namespace

void* find_cu_init() {
  if (void* function = find("cuInit")) return function;
  if (dlopen == nullptr) return nullptr;
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return nullptr;
  scope = library;
  return find("cuInit");
}

bool find_driver(Driver& driver) {
  if (find_cu_init() == nullptr) return false;
#define VGPU_DRIVER_FIND(name, symbol, parameters) fill(driver.name, #symbol);
  VGPU_DRIVER_FUNCTIONS(VGPU_DRIVER_FIND)
#undef VGPU_DRIVER_FIND
  return true;
}

}  // namespace vgpu::cudart
