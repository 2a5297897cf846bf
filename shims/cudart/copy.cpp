// Copies of plain ranges. The direction goes to the driver, which checks both sides against what it knows.
#include "shims/cudart/copy.h"

namespace vgpu::cudart {

CUresult copy_on(const Driver& driver, void* to, const void* from, std::size_t size, int kind, CUstream stream) {
  switch (kind) {
    case cudaMemcpyHostToDevice: return driver.MemcpyHtoDAsync(address(to), from, size, stream);
    case cudaMemcpyDeviceToHost: return driver.MemcpyDtoHAsync(to, address(from), size, stream);
    case cudaMemcpyDeviceToDevice: return driver.MemcpyDtoDAsync(address(to), address(from), size, stream);
    default: return driver.MemcpyAsync(address(to), address(from), size, stream);
  }
}

CUresult copy_now(const Driver& driver, void* to, const void* from, std::size_t size, int kind, Order order) {
  if (order == Order::per_thread) {
    return on_own_stream(driver, [&](CUstream stream) { return copy_on(driver, to, from, size, kind, stream); });
  }
  switch (kind) {
    case cudaMemcpyHostToDevice: return driver.MemcpyHtoD(address(to), from, size);
    case cudaMemcpyDeviceToHost: return driver.MemcpyDtoH(to, address(from), size);
    case cudaMemcpyDeviceToDevice: return driver.MemcpyDtoD(address(to), address(from), size);
    default: return driver.Memcpy(address(to), address(from), size);
  }
}

namespace {

cudaError_t copy(void* to, const void* from, std::size_t size, int kind, Order order) {
  return with_context([&](const Driver& driver) {
    if (size == 0) return cudaSuccess;
    if (!valid_kind(kind)) return cudaErrorInvalidMemcpyDirection;
    return from_driver(copy_now(driver, to, from, size, kind, order));
  });
}

cudaError_t copy_async(void* to, const void* from, std::size_t size, int kind, cudaStream_t stream) {
  return with_context([&](const Driver& driver) {
    if (size == 0) return cudaSuccess;
    if (!valid_kind(kind)) return cudaErrorInvalidMemcpyDirection;
    return from_driver(copy_on(driver, to, from, size, kind, stream));
  });
}

}  // namespace
}  // namespace vgpu::cudart

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

VGPU_API cudaError_t cudaMemcpy(void* to, const void* from, std::size_t size, int kind) {
  return copy(to, from, size, kind, Order::legacy);
}

VGPU_API cudaError_t cudaMemcpy_ptds(void* to, const void* from, std::size_t size, int kind) {
  return copy(to, from, size, kind, Order::per_thread);
}

VGPU_API cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, int kind, cudaStream_t stream) {
  return copy_async(to, from, size, kind, stream);
}

VGPU_API cudaError_t cudaMemcpyAsync_ptsz(void* to, const void* from, std::size_t size, int kind, cudaStream_t stream) {
  return copy_async(to, from, size, kind, per_thread(stream));
}

VGPU_API cudaError_t cudaMemcpyPeer(void* to, int to_device, const void* from, int from_device, std::size_t size) {
  return with_context([&](const Driver& driver) {
    CUcontext target = nullptr;
    CUcontext source = nullptr;
    cudaError_t error = primary_context(driver, to_device, target);
    if (error == cudaSuccess) error = primary_context(driver, from_device, source);
    if (error != cudaSuccess || size == 0) return error;
    return from_driver(driver.MemcpyPeer(address(to), target, address(from), source, size));
  });
}

VGPU_API cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device, std::size_t size,
                                         cudaStream_t stream) {
  return with_context([&](const Driver& driver) {
    CUcontext target = nullptr;
    CUcontext source = nullptr;
    cudaError_t error = primary_context(driver, to_device, target);
    if (error == cudaSuccess) error = primary_context(driver, from_device, source);
    if (error != cudaSuccess || size == 0) return error;
    return from_driver(driver.MemcpyPeerAsync(address(to), target, address(from), source, size, stream));
  });
}
