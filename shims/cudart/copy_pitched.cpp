// Copies of rectangles and boxes.
#include "shims/cudart/copy.h"

namespace vgpu::cudart {
namespace {

struct Rectangle {
  void* to;
  std::size_t to_pitch;
  const void* from;
  std::size_t from_pitch;
  std::size_t width;  // bytes
  std::size_t height;
  int kind;
};

cudaError_t check(const Rectangle& copy) {
  if (!valid_kind(copy.kind)) return cudaErrorInvalidMemcpyDirection;
  const bool fits = copy.width <= copy.to_pitch && copy.width <= copy.from_pitch;
  return fits || copy.height == 1 ? cudaSuccess : cudaErrorInvalidPitchValue;
}

cuda::CUDA_MEMCPY2D description(const Rectangle& copy) {
  cuda::CUDA_MEMCPY2D description = {};
  description.srcMemoryType = source_type(copy.kind);
  description.srcHost = copy.from;
  description.srcDevice = address(copy.from);
  description.srcPitch = copy.from_pitch;
  description.dstMemoryType = target_type(copy.kind);
  description.dstHost = copy.to;
  description.dstDevice = address(copy.to);
  description.dstPitch = copy.to_pitch;
  description.WidthInBytes = copy.width;
  description.Height = copy.height;
  return description;
}

cudaError_t copy_2d(const Rectangle& copy, Order order) {
  return with_context([&](const Driver& driver) {
    if (copy.width == 0 || copy.height == 0) return cudaSuccess;
    if (const cudaError_t error = check(copy); error != cudaSuccess) return error;
    const cuda::CUDA_MEMCPY2D request = description(copy);
    if (order == Order::legacy) return from_driver(driver.Memcpy2D(&request));
    return from_driver(on_own_stream(driver, [&](CUstream stream) { return driver.Memcpy2DAsync(&request, stream); }));
  });
}

cudaError_t copy_2d_async(const Rectangle& copy, cudaStream_t stream) {
  return with_context([&](const Driver& driver) {
    if (copy.width == 0 || copy.height == 0) return cudaSuccess;
    if (const cudaError_t error = check(copy); error != cudaSuccess) return error;
    const cuda::CUDA_MEMCPY2D request = description(copy);
    return from_driver(driver.Memcpy2DAsync(&request, stream));
  });
}

// One side of a box copy. `Parms` is cudaMemcpy3DParms or cudaMemcpy3DPeerParms: the names are the same.
template <class Parms>
void set_places(cuda::CUDA_MEMCPY3D& request, const Parms& parms) {
  request.srcXInBytes = parms.srcPos.x;
  request.srcY = parms.srcPos.y;
  request.srcZ = parms.srcPos.z;
  request.srcHost = parms.srcPtr.ptr;
  request.srcDevice = address(parms.srcPtr.ptr);
  request.srcPitch = parms.srcPtr.pitch;
  request.srcHeight = parms.srcPtr.ysize;
  request.dstXInBytes = parms.dstPos.x;
  request.dstY = parms.dstPos.y;
  request.dstZ = parms.dstPos.z;
  request.dstHost = parms.dstPtr.ptr;
  request.dstDevice = address(parms.dstPtr.ptr);
  request.dstPitch = parms.dstPtr.pitch;
  request.dstHeight = parms.dstPtr.ysize;
  request.WidthInBytes = parms.extent.width;
  request.Height = parms.extent.height;
  request.Depth = parms.extent.depth;
}

// Exactly one of array and pointer on each side; arrays are not there, so a handle of one cannot be right.
template <class Parms>
cudaError_t check_places(const Parms& parms) {
  if ((parms.srcArray != nullptr) == (parms.srcPtr.ptr != nullptr)) return cudaErrorInvalidValue;
  if ((parms.dstArray != nullptr) == (parms.dstPtr.ptr != nullptr)) return cudaErrorInvalidValue;
  if (parms.srcArray != nullptr || parms.dstArray != nullptr) return VGPU_NOT_SUPPORTED("copies of CUDA arrays");
  return cudaSuccess;
}

bool empty(const cudaExtent& extent) { return extent.width == 0 || extent.height == 0 || extent.depth == 0; }

// `run` gets the finished request.
template <class Run>
cudaError_t copy_3d(const cudaMemcpy3DParms* parms, Run&& run) {
  return with_context([&](const Driver& driver) {
    if (parms == nullptr) return cudaErrorInvalidValue;
    if (empty(parms->extent)) return cudaSuccess;
    if (const cudaError_t error = check_places(*parms); error != cudaSuccess) return error;
    if (!valid_kind(parms->kind)) return cudaErrorInvalidMemcpyDirection;
    if (parms->extent.width > parms->srcPtr.pitch || parms->extent.width > parms->dstPtr.pitch) {
      return cudaErrorInvalidPitchValue;
    }
    cuda::CUDA_MEMCPY3D request = {};
    set_places(request, *parms);
    request.srcMemoryType = source_type(parms->kind);
    request.dstMemoryType = target_type(parms->kind);
    return from_driver(run(driver, request));
  });
}

cudaError_t copy_3d_async(const cudaMemcpy3DParms* parms, cudaStream_t stream) {
  return copy_3d(parms, [&](const Driver& driver, const cuda::CUDA_MEMCPY3D& request) {
    return driver.Memcpy3DAsync(&request, stream);
  });
}

template <class Run>
cudaError_t copy_3d_peer(const cudaMemcpy3DPeerParms* parms, Run&& run) {
  return with_context([&](const Driver& driver) {
    if (parms == nullptr) return cudaErrorInvalidValue;
    if (const cudaError_t error = check_places(*parms); error != cudaSuccess) return error;
    cuda::CUDA_MEMCPY3D_PEER request = {};
    set_places(request, *parms);
    request.srcMemoryType = cuda::CU_MEMORYTYPE_DEVICE;
    request.dstMemoryType = cuda::CU_MEMORYTYPE_DEVICE;
    cudaError_t error = primary_context(driver, parms->srcDevice, request.srcContext);
    if (error == cudaSuccess) error = primary_context(driver, parms->dstDevice, request.dstContext);
    if (error != cudaSuccess || empty(parms->extent)) return error;
    return from_driver(run(driver, request));
  });
}

cudaError_t copy_3d_peer_async(const cudaMemcpy3DPeerParms* parms, cudaStream_t stream) {
  return copy_3d_peer(parms, [&](const Driver& driver, const cuda::CUDA_MEMCPY3D_PEER& request) {
    return driver.Memcpy3DPeerAsync(&request, stream);
  });
}

}  // namespace
}  // namespace vgpu::cudart

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

VGPU_API cudaError_t cudaMemcpy2D(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                                  std::size_t width, std::size_t height, int kind) {
  return copy_2d({to, to_pitch, from, from_pitch, width, height, kind}, Order::legacy);
}

VGPU_API cudaError_t cudaMemcpy2D_ptds(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                                       std::size_t width, std::size_t height, int kind) {
  return copy_2d({to, to_pitch, from, from_pitch, width, height, kind}, Order::per_thread);
}

VGPU_API cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                                       std::size_t width, std::size_t height, int kind, cudaStream_t stream) {
  return copy_2d_async({to, to_pitch, from, from_pitch, width, height, kind}, stream);
}

VGPU_API cudaError_t cudaMemcpy2DAsync_ptsz(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                                            std::size_t width, std::size_t height, int kind, cudaStream_t stream) {
  return copy_2d_async({to, to_pitch, from, from_pitch, width, height, kind}, per_thread(stream));
}

VGPU_API cudaError_t cudaMemcpy3D(const cudaMemcpy3DParms* parms) {
  return copy_3d(parms,
                 [](const Driver& driver, const cuda::CUDA_MEMCPY3D& request) { return driver.Memcpy3D(&request); });
}

VGPU_API cudaError_t cudaMemcpy3D_ptds(const cudaMemcpy3DParms* parms) {
  return copy_3d(parms, [](const Driver& driver, const cuda::CUDA_MEMCPY3D& request) {
    return on_own_stream(driver, [&](CUstream stream) { return driver.Memcpy3DAsync(&request, stream); });
  });
}

VGPU_API cudaError_t cudaMemcpy3DAsync(const cudaMemcpy3DParms* parms, cudaStream_t stream) {
  return copy_3d_async(parms, stream);
}

VGPU_API cudaError_t cudaMemcpy3DAsync_ptsz(const cudaMemcpy3DParms* parms, cudaStream_t stream) {
  return copy_3d_async(parms, per_thread(stream));
}

VGPU_API cudaError_t cudaMemcpy3DPeer(const cudaMemcpy3DPeerParms* parms) {
  return copy_3d_peer(parms, [](const Driver& driver, const cuda::CUDA_MEMCPY3D_PEER& request) {
    return driver.Memcpy3DPeer(&request);
  });
}

VGPU_API cudaError_t cudaMemcpy3DPeer_ptds(const cudaMemcpy3DPeerParms* parms) {
  return copy_3d_peer(parms, [](const Driver& driver, const cuda::CUDA_MEMCPY3D_PEER& request) {
    return on_own_stream(driver, [&](CUstream stream) { return driver.Memcpy3DPeerAsync(&request, stream); });
  });
}

VGPU_API cudaError_t cudaMemcpy3DPeerAsync(const cudaMemcpy3DPeerParms* parms, cudaStream_t stream) {
  return copy_3d_peer_async(parms, stream);
}

VGPU_API cudaError_t cudaMemcpy3DPeerAsync_ptsz(const cudaMemcpy3DPeerParms* parms, cudaStream_t stream) {
  return copy_3d_peer_async(parms, per_thread(stream));
}
