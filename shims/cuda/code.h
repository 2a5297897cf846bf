// Modules and libraries: images that were accepted, and the kernels and variables that were asked of them.
#pragma once

#include "shims/cuda/call.h"
#include "shims/cuda/image.h"

namespace vgpu::cuda {

// 90 for compute capability 9.0.
int capability_of(CUdevice device);

inline Image image_of(const device::Code& code) {
  return {static_cast<ImageFormat>(code.format), code.bytes, static_cast<std::size_t>(code.size)};
}

// An image on its way into a module or library.
struct Accepted {
  device::Code code;
  device::Block* blocks;
};

// Reads the header. The program may free its image afterwards, so it is copied, unless it is part of a loaded library:
// that is where nvcc puts the fat binaries of a program, and they can be large.
CUresult accept_image(const void* data, int capability, Accepted& accepted);

// The same, and PTX is looked into: for modules.
CUresult accept_checked(const void* data, int capability, Accepted& accepted);

// The same from a file: CUDA_ERROR_FILE_NOT_FOUND when it cannot be read.
CUresult accept_file(const char* path, int capability, Accepted& accepted);

void free_blocks(device::Block* blocks);

// Options of the JIT: as many as were promised. None of them matters to us.
bool valid_options(unsigned count, const void* options, const void* values);

// The context's module of an image; owns what was accepted, also when it fails.
CUresult make_module(const device::Context& context, const Accepted& accepted, device::Handle library, CUmodule& out);

// What a module leaves behind: to be freed without the lock.
struct Remains {
  device::Block* blocks;
  void* variables;
};

// Takes a module and its functions off the table. The caller holds global_lock, and buries the remains later.
Remains take_module(device::Handle handle, device::Module& module);
void bury(const Remains& remains);

// The function object for a name, made at the first question. CUDA_ERROR_NOT_FOUND when the image surely has no such
// kernel.
CUresult module_function(device::Handle module, const char* name, device::Handle kernel, CUfunction& out);
CUresult library_kernel(device::Handle library, const char* name, int capability, CUkernel& out);

// The memory of a variable in this context; made and filled at the first question.
CUresult module_variable(device::Handle module, const char* name, bool managed_only, CUdeviceptr& address,
                         std::size_t& size);

// A function, or a library's kernel that a program passes as one: the API allows that.
device::Function* find_function(CUfunction handle);

}  // namespace vgpu::cuda
