// Libraries: images that belong to no context, and their kernels.
#include <stdlib.h>
#include <string.h>

#include "shims/cuda/code.h"
#include "shims/cuda/enumeration.h"
#include "shims/device/lock.h"

using namespace vgpu::cuda;
using vgpu::device::Block;
using vgpu::device::Context;
using vgpu::device::Function;
using vgpu::device::Guard;
using vgpu::device::Handle;
using vgpu::device::Kind;
using vgpu::device::Library;
using vgpu::device::Module;
namespace device = vgpu::device;

namespace {

CUresult make_library(const Accepted& accepted, CUlibrary& out) {
  {
    const Guard guard(device::global_lock);
    Handle handle = 0;
    if (auto* library = device::handles.create<Library>(Kind::library, handle)) {
      library->code = accepted.code;
      library->blocks = accepted.blocks;
      device::handles.publish(handle);
      out = pointer_of<CUlibrary>(handle);
      return CUDA_SUCCESS;
    }
  }
  free_blocks(accepted.blocks);
  return CUDA_ERROR_OUT_OF_MEMORY;
}

struct Options {
  unsigned jit_count;
  const void* jit;
  const void* jit_values;
  unsigned count;
  const void* library;
  const void* values;
};

// `accept` is tried for each visible device: an image for one of them is good enough.
template <typename Accept>
CUresult load(CUlibrary* out, const void* source, const Options& options, Accept accept) {
  return with_driver([&] {
    if (out == nullptr || source == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!valid_options(options.jit_count, options.jit, options.jit_values)) return CUDA_ERROR_INVALID_VALUE;
    if (options.count != 0 && options.library == nullptr) return CUDA_ERROR_INVALID_VALUE;
    Accepted accepted = {};
    CUresult result = CUDA_ERROR_NO_DEVICE;
    for (int device = 0; device < device::visible().count; ++device) {
      result = accept(capability_of(device), accepted);
      if (result != CUDA_ERROR_NO_BINARY_FOR_GPU) break;
    }
    return result == CUDA_SUCCESS ? make_library(accepted, *out) : result;
  });
}

template <typename Body>
CUresult with_library(CUlibrary handle, Body body) {
  return with_driver([&] {
    const auto* library = device::handles.find<Library>(Kind::library, handle_of(handle));
    return library != nullptr ? body(*library) : CUDA_ERROR_INVALID_HANDLE;
  });
}

template <typename Body>
CUresult with_kernel(CUkernel handle, Body body) {
  return with_driver([&] {
    auto* kernel = device::handles.find<Function>(Kind::kernel, handle_of(handle));
    return kernel != nullptr ? body(*kernel) : CUDA_ERROR_INVALID_HANDLE;
  });
}

// The newest visible device that the image is for stands for all where no context says which.
int any_capability() { return device::visible().count > 0 ? capability_of(0) : 0; }

// The module of a library in a context, made at the first question.
CUresult module_in(const Context& context, CUlibrary handle, CUmodule& out) {
  Accepted accepted = {};
  {
    const Guard guard(device::global_lock);
    const auto* library = device::handles.find<Library>(Kind::library, handle_of(handle));
    if (library == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    Handle known = 0;
    device::handles.each<Module>(Kind::module, [&](Handle one, const Module& module) {
      if (module.library == handle_of(handle) && module.context == context.self) known = one;
    });
    if (known != 0) {
      out = pointer_of<CUmodule>(known);
      return CUDA_SUCCESS;
    }
    accepted.code = library->code;  // the library's bytes: the module ends before them
  }
  Image ignored = {};
  const Image image = image_of(accepted.code);
  CUresult result = recognise(image.bytes, image.size, capability_of(context.device), ignored);
  if (result == CUDA_SUCCESS) result = check_text(image, capability_of(context.device));
  return result == CUDA_SUCCESS ? make_module(context, accepted, handle_of(handle), out) : result;
}

CUresult variable(CUdeviceptr* address, std::size_t* size, CUlibrary library, const char* name, bool managed) {
  return with_context([&](Context& context) {
    if (name == nullptr || (address == nullptr && size == nullptr)) return CUDA_ERROR_INVALID_VALUE;
    CUmodule module = nullptr;
    if (const CUresult result = module_in(context, library, module); result != CUDA_SUCCESS) return result;
    CUdeviceptr found = 0;
    std::size_t bytes = 0;
    const CUresult result = module_variable(handle_of(module), name, managed, found, bytes);
    if (result != CUDA_SUCCESS) return result;
    if (address != nullptr) *address = found;
    if (size != nullptr) *size = bytes;
    return CUDA_SUCCESS;
  });
}

}  // namespace

VGPU_CUDA cuLibraryLoadData(CUlibrary* library, const void* code, int* jit, void** jit_values, unsigned jit_count,
                            int* options, void** values, unsigned count) {
  return load(library, code, {jit_count, jit, jit_values, count, options, values},
              [&](int capability, Accepted& accepted) { return accept_image(code, capability, accepted); });
}

VGPU_CUDA cuLibraryLoadFromFile(CUlibrary* library, const char* path, int* jit, void** jit_values, unsigned jit_count,
                                int* options, void** values, unsigned count) {
  return load(library, path, {jit_count, jit, jit_values, count, options, values},
              [&](int capability, Accepted& accepted) { return accept_file(path, capability, accepted); });
}

VGPU_CUDA cuLibraryUnload(CUlibrary handle) {
  return with_driver([&] {
    Block* blocks = nullptr;
    for (;;) {
      Remains remains = {};
      bool more = false;
      {
        const Guard guard(device::global_lock);
        auto* library = device::handles.find<Library>(Kind::library, handle_of(handle));
        if (library == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        Handle known = 0;
        device::handles.each<Module>(Kind::module, [&](Handle one, const Module& module) {
          if (module.library == handle_of(handle)) known = one;
        });
        more = known != 0;
        if (more) {
          remains = take_module(known, *device::handles.find<Module>(Kind::module, known));
        } else {
          for (Handle next = library->kernels; next != 0;) {
            const Handle kernel = next;
            next = device::handles.find<Function>(Kind::kernel, kernel)->next;
            device::handles.destroy(Kind::kernel, kernel);
          }
          blocks = library->blocks;
          device::handles.destroy(Kind::library, handle_of(handle));
        }
      }
      if (!more) break;
      bury(remains);
    }
    free_blocks(blocks);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuLibraryGetKernel(CUkernel* kernel, CUlibrary library, const char* name) {
  return with_library(library, [&](const Library&) {
    if (kernel == nullptr || name == nullptr) return CUDA_ERROR_INVALID_VALUE;
    return name[0] != '\0' ? library_kernel(handle_of(library), name, any_capability(), *kernel) : CUDA_ERROR_NOT_FOUND;
  });
}

VGPU_CUDA cuLibraryGetModule(CUmodule* module, CUlibrary library) {
  return with_context([&](Context& context) {
    return module == nullptr ? CUDA_ERROR_INVALID_VALUE : module_in(context, library, *module);
  });
}

VGPU_CUDA cuLibraryGetGlobal(CUdeviceptr* address, std::size_t* size, CUlibrary library, const char* name) {
  return variable(address, size, library, name, false);
}
VGPU_CUDA cuLibraryGetManaged(CUdeviceptr* address, std::size_t* size, CUlibrary library, const char* name) {
  return variable(address, size, library, name, true);
}

// A pointer to device code that kernels of several devices could call: there is no code to point to.
VGPU_CUDA cuLibraryGetUnifiedFunction(void** function, CUlibrary library, const char* name) {
  return with_library(library, [&](const Library&) {
    return function == nullptr || name == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_NOT_SUPPORTED;
  });
}

VGPU_CUDA cuLibraryGetKernelCount(unsigned* count, CUlibrary handle) {
  return with_library(handle,
                      [&](const Library& library) { return count_kernels(library.code, any_capability(), count); });
}

VGPU_CUDA cuLibraryEnumerateKernels(CUkernel* kernels, unsigned room, CUlibrary handle) {
  return with_library(handle, [&](const Library& library) {
    return enter_kernels(library.code, any_capability(), kernels, room, [&](const char* name, CUkernel& kernel) {
      return library_kernel(handle_of(handle), name, any_capability(), kernel);
    });
  });
}

VGPU_CUDA cuKernelGetFunction(CUfunction* function, CUkernel handle) {
  return with_context([&](Context& context) {
    if (function == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto* kernel = device::handles.find<Function>(Kind::kernel, handle_of(handle));
    if (kernel == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    CUmodule module = nullptr;
    const CUresult result = module_in(context, pointer_of<CUlibrary>(kernel->owner), module);
    return result == CUDA_SUCCESS ? module_function(handle_of(module), kernel->name, handle_of(handle), *function)
                                  : result;
  });
}

VGPU_CUDA cuKernelGetLibrary(CUlibrary* library, CUkernel handle) {
  return with_kernel(handle, [&](const Function& kernel) {
    if (library == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *library = pointer_of<CUlibrary>(kernel.owner);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuKernelGetName(const char** name, CUkernel handle) {
  return with_kernel(handle, [&](const Function& kernel) {
    if (name == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *name = kernel.name;
    return CUDA_SUCCESS;
  });
}
