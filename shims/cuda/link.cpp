// The linker and JIT compiler: not there. The API's own answer for a driver without one is JIT_COMPILER_NOT_FOUND.
#include "shims/cuda/call.h"
#include "shims/cuda/code.h"
#include "shims/device/log.h"

using namespace vgpu::cuda;

VGPU_CUDA cuLinkCreate_v2(unsigned count, int* options, void** values, void** state) {
  return with_context([&](vgpu::device::Context&) {
    if (state == nullptr || !valid_options(count, options, values)) return CUDA_ERROR_INVALID_VALUE;
    static constinit bool said = false;
    vgpu::not_supported_once(kLibraryName, "cuLinkCreate", said);
    return CUDA_ERROR_JIT_COMPILER_NOT_FOUND;
  });
}
VGPU_CUDA_ALIAS(cuLinkCreate, cuLinkCreate_v2);

// No link was ever begun, so every state is a wrong one.
#define VGPU_NO_LINK(name, ...)                                   \
  VGPU_CUDA name(__VA_ARGS__) {                                   \
    return with_driver([] { return CUDA_ERROR_INVALID_HANDLE; }); \
  }

VGPU_NO_LINK(cuLinkAddData_v2, void*, int, void*, std::size_t, const char*, unsigned, int*, void**)
VGPU_CUDA_ALIAS(cuLinkAddData, cuLinkAddData_v2);
VGPU_NO_LINK(cuLinkAddFile_v2, void*, int, const char*, unsigned, int*, void**)
VGPU_CUDA_ALIAS(cuLinkAddFile, cuLinkAddFile_v2);
VGPU_NO_LINK(cuLinkComplete, void*, void**, std::size_t*)
VGPU_NO_LINK(cuLinkDestroy, void*)
