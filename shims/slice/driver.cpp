#include "shims/slice/driver.h"

#include "shims/contract.h"
#include "shims/slice/real_library.h"

// Behind every trampoline that is called for the first time. Null, in a process without a driver or for a name that an older
// one does not have: the call answers CUDA_ERROR_NOT_SUPPORTED.
extern "C" __attribute__((visibility("hidden"))) void* vgpu_abi_resolve(unsigned index) {
  using namespace vgpu::slice;
  return real_symbol(real_library(vgpu::contract::kRealCuda, kLibraryName), vgpu::abi::export_name(index));
}
