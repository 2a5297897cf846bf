#include "shims/slice/driver.h"

#include "shims/contract.h"
#include "shims/slice/doors.h"
#include "shims/slice/real_library.h"

namespace vgpu::slice {
namespace {

bool is_name(const char* symbol) {
  return symbol[0] == 'c' && symbol[1] == 'u' && symbol[2] >= 'A' && symbol[2] <= 'Z';
}

}  // namespace

const Doors kDoors = {.library = "libcuda.so", .real = contract::kRealCuda, .shim = kLibraryName, .is_name = is_name};

}  // namespace vgpu::slice

// Behind every trampoline that is called for the first time. Null, in a process without a driver or for a name that an
// older one does not have: the call answers CUDA_ERROR_NOT_SUPPORTED.
extern "C" __attribute__((visibility("hidden"))) void* vgpu_abi_resolve(unsigned index) {
  using namespace vgpu::slice;
  return real_symbol(real_library(vgpu::contract::kRealCuda, kLibraryName), vgpu::abi::export_name(index));
}
