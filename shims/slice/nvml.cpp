// NVML of the real driver. Where it is absent, and libvgpu-cuda-slice is not, every call says
// NVML_ERROR_LIBRARY_NOT_FOUND.
#include "generated/shims/abi/libvgpu-nvml-slice_index.h"
#include "shims/contract.h"
#include "shims/slice/doors.h"
#include "shims/slice/real_library.h"

namespace vgpu::slice {
namespace {

bool is_name(const char* symbol) {
  return symbol[0] == 'n' && symbol[1] == 'v' && symbol[2] == 'm' && symbol[3] == 'l' && symbol[4] >= 'A' &&
         symbol[4] <= 'Z';
}

}  // namespace

const Doors kDoors = {
    .library = "libnvidia-ml.so", .real = contract::kRealNvml, .shim = "libvgpu-nvml-slice", .is_name = is_name};

}  // namespace vgpu::slice

extern "C" __attribute__((visibility("hidden"))) void* vgpu_abi_resolve(unsigned index) {
  using namespace vgpu;
  return slice::real_symbol(slice::real_library(contract::kRealNvml, "libvgpu-nvml-slice"), abi::export_name(index));
}

// Callers print what it gives.
extern "C" __attribute__((visibility("hidden"))) const char* vgpu_local_nvmlErrorString(int) {
  return "NVML Shared Library Not Found";
}
