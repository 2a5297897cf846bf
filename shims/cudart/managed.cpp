// Hints about managed memory: prefetch, advice, and what was asked for. 12 has two generations of each
// function, the newer one with a suffix; 13 has the newer one alone, under the plain name.
#include "shims/cudart/state.h"

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

namespace {

#if VGPU_CUDART_MAJOR == 12
cudaMemLocation location_of(int device) {
  if (device == kCpuDeviceId) return {cuda::CU_MEM_LOCATION_TYPE_HOST, 0};
  return {cuda::CU_MEM_LOCATION_TYPE_DEVICE, device};
}
#endif

cudaError_t prefetch(const void* pointer, std::size_t size, cudaMemLocation to, unsigned flags, cudaStream_t stream) {
  return with_context(
      [&](const Driver& driver) { return driver.MemPrefetchAsync(address(pointer), size, to, flags, stream); });
}

cudaError_t advise(const void* pointer, std::size_t size, int advice, cudaMemLocation location) {
  return with_context([&](const Driver& driver) { return driver.MemAdvise(address(pointer), size, advice, location); });
}

}  // namespace

#if VGPU_CUDART_MAJOR == 12
VGPU_API cudaError_t cudaMemPrefetchAsync(const void* pointer, std::size_t size, int device, cudaStream_t stream) {
  return prefetch(pointer, size, location_of(device), 0, stream);
}

VGPU_API cudaError_t cudaMemPrefetchAsync_ptsz(const void* pointer, std::size_t size, int device, cudaStream_t stream) {
  return prefetch(pointer, size, location_of(device), 0, per_thread(stream));
}

VGPU_API cudaError_t cudaMemPrefetchAsync_v2(const void* pointer, std::size_t size, cudaMemLocation to, unsigned flags,
                                             cudaStream_t stream) {
  return prefetch(pointer, size, to, flags, stream);
}

VGPU_API cudaError_t cudaMemPrefetchAsync_v2_ptsz(const void* pointer, std::size_t size, cudaMemLocation to,
                                                  unsigned flags, cudaStream_t stream) {
  return prefetch(pointer, size, to, flags, per_thread(stream));
}

VGPU_API cudaError_t cudaMemAdvise(const void* pointer, std::size_t size, int advice, int device) {
  return advise(pointer, size, advice, location_of(device));
}

VGPU_API cudaError_t cudaMemAdvise_v2(const void* pointer, std::size_t size, int advice, cudaMemLocation location) {
  return advise(pointer, size, advice, location);
}
#else
VGPU_API cudaError_t cudaMemPrefetchAsync(const void* pointer, std::size_t size, cudaMemLocation to, unsigned flags,
                                          cudaStream_t stream) {
  return prefetch(pointer, size, to, flags, stream);
}

VGPU_API cudaError_t cudaMemPrefetchAsync_ptsz(const void* pointer, std::size_t size, cudaMemLocation to,
                                               unsigned flags, cudaStream_t stream) {
  return prefetch(pointer, size, to, flags, per_thread(stream));
}

VGPU_API cudaError_t cudaMemAdvise(const void* pointer, std::size_t size, int advice, cudaMemLocation location) {
  return advise(pointer, size, advice, location);
}

namespace {

// location_starts[k] is the first range that goes to locations[k].
cudaError_t prefetch_batch(void** pointers, std::size_t* sizes, std::size_t count, cudaMemLocation* locations,
                           std::size_t* location_starts, std::size_t location_count, unsigned long long flags,
                           cudaStream_t stream) {
  return with_context([&](const Driver& driver) {
    const bool lists = pointers != nullptr && sizes != nullptr && locations != nullptr && location_starts != nullptr;
    if (!lists || count == 0 || location_count == 0 || location_count > count || flags != 0) {
      return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    }
    if (location_starts[0] != 0) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    std::size_t k = 0;
    for (std::size_t i = 0; i < count; ++i) {
      while (k + 1 < location_count && location_starts[k + 1] <= i) ++k;
      const CUresult result = driver.MemPrefetchAsync(address(pointers[i]), sizes[i], locations[k], 0, stream);
      if (result != cuda::CUDA_SUCCESS) return result;
    }
    return CUresult{cuda::CUDA_SUCCESS};
  });
}

}  // namespace

VGPU_API cudaError_t cudaMemPrefetchBatchAsync(void** pointers, std::size_t* sizes, std::size_t count,
                                               cudaMemLocation* locations, std::size_t* location_starts,
                                               std::size_t location_count, unsigned long long flags,
                                               cudaStream_t stream) {
  return prefetch_batch(pointers, sizes, count, locations, location_starts, location_count, flags, stream);
}

VGPU_API cudaError_t cudaMemPrefetchBatchAsync_ptsz(void** pointers, std::size_t* sizes, std::size_t count,
                                                    cudaMemLocation* locations, std::size_t* location_starts,
                                                    std::size_t location_count, unsigned long long flags,
                                                    cudaStream_t stream) {
  return prefetch_batch(pointers, sizes, count, locations, location_starts, location_count, flags, per_thread(stream));
}
#endif

VGPU_API cudaError_t cudaMemRangeGetAttribute(void* data, std::size_t size, int attribute, const void* pointer,
                                              std::size_t count) {
  return with_context([&](const Driver& driver) {
    return driver.MemRangeGetAttribute(data, size, attribute, address(pointer), count);
  });
}

VGPU_API cudaError_t cudaMemRangeGetAttributes(void** data, std::size_t* sizes, int* attributes, std::size_t n,
                                               const void* pointer, std::size_t count) {
  return with_context([&](const Driver& driver) {
    return driver.MemRangeGetAttributes(data, sizes, attributes, n, address(pointer), count);
  });
}
