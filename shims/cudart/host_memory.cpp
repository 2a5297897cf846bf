// Page-locked host memory.
#include "shims/cudart/state.h"

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

namespace {

cudaError_t host_alloc(void** pointer, std::size_t size, unsigned flags) {
  return with_context([&](const Driver& driver) {
    if (pointer == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    *pointer = nullptr;
    if (size == 0) return CUresult{cuda::CUDA_SUCCESS};
    return driver.MemHostAlloc(pointer, size, flags);
  });
}

}  // namespace

VGPU_API cudaError_t cudaHostAlloc(void** pointer, std::size_t size, unsigned flags) {
  return host_alloc(pointer, size, flags);
}

VGPU_API cudaError_t cudaMallocHost(void** pointer, std::size_t size) { return host_alloc(pointer, size, 0); }

VGPU_API cudaError_t cudaFreeHost(void* pointer) {
  return with_context([&](const Driver& driver) {
    if (pointer == nullptr) return CUresult{cuda::CUDA_SUCCESS};
    return driver.MemFreeHost(pointer);
  });
}

VGPU_API cudaError_t cudaHostRegister(void* pointer, std::size_t size, unsigned flags) {
  return with_context([&](const Driver& driver) { return driver.MemHostRegister(pointer, size, flags); });
}

VGPU_API cudaError_t cudaHostUnregister(void* pointer) {
  return with_context([&](const Driver& driver) { return driver.MemHostUnregister(pointer); });
}

VGPU_API cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned flags) {
  return with_context([&](const Driver& driver) {
    if (device == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    return driver.MemHostGetDevicePointer(reinterpret_cast<CUdeviceptr*>(device), host, flags);
  });
}

VGPU_API cudaError_t cudaHostGetFlags(unsigned* flags, void* host) {
  return with_context([&](const Driver& driver) { return driver.MemHostGetFlags(flags, host); });
}
