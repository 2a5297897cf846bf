// Modules: images loaded into a context.
#include <stdlib.h>
#include <string.h>

#include "shims/cuda/code.h"
#include "shims/cuda/enumeration.h"
#include "shims/device/lock.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Guard;
using vgpu::device::Handle;
using vgpu::device::Kind;
using vgpu::device::Module;
namespace device = vgpu::device;

namespace {

CUresult load(CUmodule* out, const void* image) {
  return with_context([&](Context& context) {
    if (out == nullptr || image == nullptr) return CUDA_ERROR_INVALID_VALUE;
    Accepted accepted = {};
    const CUresult result = accept_checked(image, capability_of(context.device), accepted);
    return result == CUDA_SUCCESS ? make_module(context, accepted, 0, *out) : result;
  });
}

// The live module behind a handle, for calls that need a context too.
template <typename Body>
CUresult with_module(CUmodule handle, Body body) {
  return with_context([&](Context& context) {
    const auto* module = device::handles.find<Module>(Kind::module, handle_of(handle));
    return module != nullptr ? body(context, *module) : CUDA_ERROR_INVALID_HANDLE;
  });
}

int capability_of(const Module& module) {
  const Context* context = device::contexts::find(module.context);
  return context != nullptr ? vgpu::cuda::capability_of(context->device) : 0;
}

}  // namespace

VGPU_CUDA cuModuleLoadData(CUmodule* module, const void* image) { return load(module, image); }
VGPU_CUDA cuModuleLoadFatBinary(CUmodule* module, const void* image) { return load(module, image); }

VGPU_CUDA cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count, int* options, void** values) {
  if (!valid_options(count, options, values)) return with_context([](Context&) { return CUDA_ERROR_INVALID_VALUE; });
  return load(module, image);
}

VGPU_CUDA cuModuleLoad(CUmodule* out, const char* path) {
  return with_context([&](Context& context) {
    if (out == nullptr || path == nullptr) return CUDA_ERROR_INVALID_VALUE;
    Accepted accepted = {};
    const int capability = vgpu::cuda::capability_of(context.device);
    if (const CUresult result = accept_file(path, capability, accepted); result != CUDA_SUCCESS) return result;
    const CUresult result = check_text(image_of(accepted.code), capability);
    if (result == CUDA_SUCCESS) return make_module(context, accepted, 0, *out);
    free_blocks(accepted.blocks);
    return result;
  });
}

// A library's module ends with its library.
VGPU_CUDA cuModuleUnload(CUmodule handle) {
  return with_driver([&] {
    Remains remains = {};
    {
      const Guard guard(device::global_lock);
      auto* module = device::handles.find<Module>(Kind::module, handle_of(handle));
      if (module == nullptr) return CUDA_ERROR_INVALID_HANDLE;
      if (module->library != 0) return CUDA_ERROR_NOT_PERMITTED;
      remains = take_module(handle_of(handle), *module);
    }
    bury(remains);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  return with_module(module, [&](const Context&, const Module&) {
    if (function == nullptr || name == nullptr) return CUDA_ERROR_INVALID_VALUE;
    return name[0] != '\0' ? module_function(handle_of(module), name, 0, *function) : CUDA_ERROR_INVALID_VALUE;
  });
}

VGPU_CUDA cuModuleGetGlobal_v2(CUdeviceptr* address, std::size_t* size, CUmodule module, const char* name) {
  return with_module(module, [&](const Context&, const Module&) {
    if (name == nullptr || name[0] == '\0' || (address == nullptr && size == nullptr)) return CUDA_ERROR_INVALID_VALUE;
    CUdeviceptr found = 0;
    std::size_t bytes = 0;
    const CUresult result = module_variable(handle_of(module), name, false, found, bytes);
    if (result != CUDA_SUCCESS) return result;
    if (address != nullptr) *address = found;
    if (size != nullptr) *size = bytes;
    return CUDA_SUCCESS;
  });
}

// What CUDA_MODULE_LOADING asks for; lazy is the default since 12.2, and what we do in any case.
VGPU_CUDA cuModuleGetLoadingMode(CUmoduleLoadingMode* mode) {
  return with_driver([&] {
    if (mode == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const char* wanted = getenv("CUDA_MODULE_LOADING");
    *mode = wanted != nullptr && strcmp(wanted, "EAGER") == 0 ? CU_MODULE_EAGER_LOADING : CU_MODULE_LAZY_LOADING;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuModuleGetFunctionCount(unsigned* count, CUmodule handle) {
  return with_module(handle, [&](const Context&, const Module& module) {
    return count_kernels(module.code, capability_of(module), count);
  });
}

VGPU_CUDA cuModuleEnumerateFunctions(CUfunction* functions, unsigned room, CUmodule handle) {
  return with_module(handle, [&](const Context&, const Module& module) {
    return enter_kernels(
        module.code, capability_of(module), functions, room,
        [&](const char* name, CUfunction& function) { return module_function(handle_of(handle), name, 0, function); });
  });
}
