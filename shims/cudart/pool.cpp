// Stream-ordered allocation and memory pools.
#include "shims/cudart/state.h"

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

namespace {

cudaError_t malloc_async(void** pointer, std::size_t size, cudaStream_t stream) {
  return with_context([&](const Driver& driver) {
    if (pointer == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    *pointer = nullptr;
    if (size == 0) return CUresult{cuda::CUDA_SUCCESS};
    return driver.MemAllocAsync(reinterpret_cast<CUdeviceptr*>(pointer), size, stream);
  });
}

cudaError_t malloc_from_pool(void** pointer, std::size_t size, cudaMemPool_t pool, cudaStream_t stream) {
  return with_context([&](const Driver& driver) {
    if (pointer == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    *pointer = nullptr;
    if (size == 0) return CUresult{cuda::CUDA_SUCCESS};
    return driver.MemAllocFromPoolAsync(reinterpret_cast<CUdeviceptr*>(pointer), size, pool, stream);
  });
}

cudaError_t free_async(void* pointer, cudaStream_t stream) {
  return with_context([&](const Driver& driver) { return driver.MemFreeAsync(address(pointer), stream); });
}

cudaError_t pool_of_device(int device, auto&& body) {
  return with_driver([&](const Driver& driver) {
    if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
    return from_driver(body(driver));
  });
}

}  // namespace

VGPU_API cudaError_t cudaMallocAsync(void** pointer, std::size_t size, cudaStream_t stream) {
  return malloc_async(pointer, size, stream);
}

VGPU_API cudaError_t cudaMallocAsync_ptsz(void** pointer, std::size_t size, cudaStream_t stream) {
  return malloc_async(pointer, size, per_thread(stream));
}

VGPU_API cudaError_t cudaMallocFromPoolAsync(void** pointer, std::size_t size, cudaMemPool_t pool,
                                             cudaStream_t stream) {
  return malloc_from_pool(pointer, size, pool, stream);
}

VGPU_API cudaError_t cudaMallocFromPoolAsync_ptsz(void** pointer, std::size_t size, cudaMemPool_t pool,
                                                  cudaStream_t stream) {
  return malloc_from_pool(pointer, size, pool, per_thread(stream));
}

VGPU_API cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) { return free_async(pointer, stream); }

VGPU_API cudaError_t cudaFreeAsync_ptsz(void* pointer, cudaStream_t stream) {
  return free_async(pointer, per_thread(stream));
}

VGPU_API cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int device) {
  return pool_of_device(device, [&](const Driver& driver) { return driver.DeviceGetDefaultMemPool(pool, device); });
}

VGPU_API cudaError_t cudaDeviceGetMemPool(cudaMemPool_t* pool, int device) {
  return pool_of_device(device, [&](const Driver& driver) { return driver.DeviceGetMemPool(pool, device); });
}

VGPU_API cudaError_t cudaDeviceSetMemPool(int device, cudaMemPool_t pool) {
  return pool_of_device(device, [&](const Driver& driver) { return driver.DeviceSetMemPool(device, pool); });
}

VGPU_API cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cuda::CUmemPoolProps* properties) {
  return with_context([&](const Driver& driver) { return driver.MemPoolCreate(pool, properties); });
}

VGPU_API cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool) {
  return with_driver([&](const Driver& driver) { return driver.MemPoolDestroy(pool); });
}

VGPU_API cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, std::size_t keep) {
  return with_driver([&](const Driver& driver) { return driver.MemPoolTrimTo(pool, keep); });
}

VGPU_API cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, int attribute, void* value) {
  return with_driver([&](const Driver& driver) { return driver.MemPoolSetAttribute(pool, attribute, value); });
}

VGPU_API cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, int attribute, void* value) {
  return with_driver([&](const Driver& driver) { return driver.MemPoolGetAttribute(pool, attribute, value); });
}

VGPU_API cudaError_t cudaMemPoolSetAccess(cudaMemPool_t pool, const cuda::CUmemAccessDesc* access, std::size_t count) {
  return with_driver([&](const Driver& driver) { return driver.MemPoolSetAccess(pool, access, count); });
}

VGPU_API cudaError_t cudaMemPoolGetAccess(int* flags, cudaMemPool_t pool, cudaMemLocation* location) {
  return with_driver([&](const Driver& driver) { return driver.MemPoolGetAccess(flags, pool, location); });
}

#if VGPU_CUDART_MAJOR >= 13
VGPU_API cudaError_t cudaMemGetDefaultMemPool(cudaMemPool_t* pool, cudaMemLocation* location, int type) {
  return with_driver([&](const Driver& driver) { return driver.MemGetDefaultMemPool(pool, location, type); });
}

VGPU_API cudaError_t cudaMemGetMemPool(cudaMemPool_t* pool, cudaMemLocation* location, int type) {
  return with_driver([&](const Driver& driver) { return driver.MemGetMemPool(pool, location, type); });
}

VGPU_API cudaError_t cudaMemSetMemPool(cudaMemLocation* location, int type, cudaMemPool_t pool) {
  return with_driver([&](const Driver& driver) { return driver.MemSetMemPool(location, type, pool); });
}
#endif
