// Device and managed memory, and what is known about a pointer.
#include "shims/cudart/state.h"

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

namespace {

CUdeviceptr* device_pointer(void** pointer) { return reinterpret_cast<CUdeviceptr*>(pointer); }

}  // namespace

// 0 bytes are a success with a null pointer, unlike in the Driver API.
VGPU_API cudaError_t cudaMalloc(void** pointer, std::size_t size) {
  return with_context([&](const Driver& driver) {
    if (pointer == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    *pointer = nullptr;
    if (size == 0) return CUresult{cuda::CUDA_SUCCESS};
    return driver.MemAlloc(device_pointer(pointer), size);
  });
}

VGPU_API cudaError_t cudaMallocPitch(void** pointer, std::size_t* pitch, std::size_t width, std::size_t height) {
  return with_context([&](const Driver& driver) {
    if (pointer == nullptr || pitch == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    *pointer = nullptr;
    *pitch = 0;
    if (width == 0 || height == 0) return CUresult{cuda::CUDA_SUCCESS};
    constexpr unsigned kElement = 4;  // bytes: what the pitch is aligned for at least
    return driver.MemAllocPitch(device_pointer(pointer), pitch, width, height, kElement);
  });
}

VGPU_API cudaError_t cudaMalloc3D(cudaPitchedPtr* pitched, cudaExtent extent) {
  if (pitched == nullptr) return record(cudaErrorInvalidValue);
  std::size_t rows = 0;
  if (__builtin_mul_overflow(extent.height, extent.depth, &rows)) return record(cudaErrorInvalidValue);
  pitched->xsize = extent.width;
  pitched->ysize = extent.height;
  return cudaMallocPitch(&pitched->ptr, &pitched->pitch, extent.width, rows);
}

VGPU_API cudaError_t cudaMallocManaged(void** pointer, std::size_t size, unsigned flags) {
  return with_context([&](const Driver& driver) {
    if (pointer == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    *pointer = nullptr;
    if (size == 0) return CUresult{cuda::CUDA_SUCCESS};
    return driver.MemAllocManaged(device_pointer(pointer), size, flags);
  });
}

VGPU_API cudaError_t cudaFree(void* pointer) {
  return with_context([&](const Driver& driver) {
    if (pointer == nullptr) return CUresult{cuda::CUDA_SUCCESS};
    return driver.MemFree(address(pointer));
  });
}

VGPU_API cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return with_context([&](const Driver& driver) {
    std::size_t unused = 0;
    return driver.MemGetInfo(free != nullptr ? free : &unused, total != nullptr ? total : &unused);
  });
}

namespace {

// A pointer that the driver does not know is plain host memory: a success since 11.0, with no device.
void unregistered(cudaPointerAttributes& answer, const void* pointer) {
  answer = {};
  answer.type = kMemoryTypeUnregistered;
  answer.device = kInvalidDeviceId;
  answer.hostPointer = const_cast<void*>(pointer);
}

}  // namespace

VGPU_API cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* answer, const void* pointer) {
  return with_context([&](const Driver& driver) {
    if (answer == nullptr) return cudaErrorInvalidValue;
    unsigned type = 0;
    unsigned managed = 0;
    CUdeviceptr device = 0;
    void* host = nullptr;
    int ordinal = 0;
    int attributes[] = {cuda::CU_POINTER_ATTRIBUTE_MEMORY_TYPE, cuda::CU_POINTER_ATTRIBUTE_IS_MANAGED,
                        cuda::CU_POINTER_ATTRIBUTE_DEVICE_POINTER, cuda::CU_POINTER_ATTRIBUTE_HOST_POINTER,
                        cuda::CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL};
    void* values[] = {&type, &managed, &device, &host, &ordinal};
    const CUresult result = driver.PointerGetAttributes(5, attributes, values, address(pointer));
    if (result != cuda::CUDA_SUCCESS && result != cuda::CUDA_ERROR_INVALID_VALUE) return from_driver(result);
    if (result == cuda::CUDA_ERROR_INVALID_VALUE || type == 0) {
      unregistered(*answer, pointer);
      return cudaSuccess;
    }
    *answer = {};
    const int plain = type == cuda::CU_MEMORYTYPE_HOST ? kMemoryTypeHost : kMemoryTypeDevice;
    answer->type = managed != 0 ? kMemoryTypeManaged : plain;
    answer->device = ordinal;
    answer->devicePointer = reinterpret_cast<void*>(device);
    answer->hostPointer = host;
    return cudaSuccess;
  });
}
