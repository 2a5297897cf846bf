// cudaMemset in one, two and three dimensions.
#include "shims/cudart/copy.h"

namespace vgpu::cudart {
namespace {

// A box of bytes. A plain range has height 1 and any pitch.
struct Box {
  void* to;
  std::size_t pitch;
  int value;
  std::size_t width;
  std::size_t height;
};

CUresult fill_on(const Driver& driver, const Box& box, CUstream stream) {
  const auto byte = static_cast<unsigned char>(box.value);
  if (box.height == 1) return driver.MemsetD8Async(address(box.to), byte, box.width, stream);
  return driver.MemsetD2D8Async(address(box.to), box.pitch, byte, box.width, box.height, stream);
}

CUresult fill_now(const Driver& driver, const Box& box, Order order) {
  if (order == Order::per_thread) {
    return on_own_stream(driver, [&](CUstream stream) { return fill_on(driver, box, stream); });
  }
  const auto byte = static_cast<unsigned char>(box.value);
  if (box.height == 1) return driver.MemsetD8(address(box.to), byte, box.width);
  return driver.MemsetD2D8(address(box.to), box.pitch, byte, box.width, box.height);
}

bool empty(const Box& box) { return box.width == 0 || box.height == 0; }

cudaError_t fill(const Box& box, Order order) {
  return with_context([&](const Driver& driver) {
    if (empty(box)) return CUresult{cuda::CUDA_SUCCESS};
    return fill_now(driver, box, order);
  });
}

cudaError_t fill_async(const Box& box, cudaStream_t stream) {
  return with_context([&](const Driver& driver) {
    if (empty(box)) return CUresult{cuda::CUDA_SUCCESS};
    return fill_on(driver, box, stream);
  });
}

// A box is `depth` rectangles, ysize rows apart; one rectangle when they touch. `one` fills a rectangle.
template <class One>
cudaError_t fill_3d(const cudaPitchedPtr& target, int value, const cudaExtent& extent, One&& one) {
  if (extent.width == 0 || extent.height == 0 || extent.depth == 0) return one(Box{target.ptr, 0, value, 0, 0});
  const std::size_t rows = target.ysize;
  if (extent.height > rows && extent.depth > 1) return record(cudaErrorInvalidValue);
  std::size_t all = 0;
  if (__builtin_mul_overflow(extent.height, extent.depth, &all)) return record(cudaErrorInvalidValue);
  if (extent.height == rows || extent.depth == 1) return one(Box{target.ptr, target.pitch, value, extent.width, all});
  std::size_t slice = 0;
  if (__builtin_mul_overflow(rows, target.pitch, &slice)) return record(cudaErrorInvalidValue);
  for (std::size_t z = 0; z < extent.depth; ++z) {
    void* to = static_cast<char*>(target.ptr) + z * slice;
    const cudaError_t error = one(Box{to, target.pitch, value, extent.width, extent.height});
    if (error != cudaSuccess) return error;
  }
  return cudaSuccess;
}

}  // namespace
}  // namespace vgpu::cudart

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

VGPU_API cudaError_t cudaMemset(void* to, int value, std::size_t count) {
  return fill({to, 0, value, count, 1}, Order::legacy);
}

VGPU_API cudaError_t cudaMemset_ptds(void* to, int value, std::size_t count) {
  return fill({to, 0, value, count, 1}, Order::per_thread);
}

VGPU_API cudaError_t cudaMemsetAsync(void* to, int value, std::size_t count, cudaStream_t stream) {
  return fill_async({to, 0, value, count, 1}, stream);
}

VGPU_API cudaError_t cudaMemsetAsync_ptsz(void* to, int value, std::size_t count, cudaStream_t stream) {
  return fill_async({to, 0, value, count, 1}, per_thread(stream));
}

VGPU_API cudaError_t cudaMemset2D(void* to, std::size_t pitch, int value, std::size_t width, std::size_t height) {
  return fill({to, pitch, value, width, height}, Order::legacy);
}

VGPU_API cudaError_t cudaMemset2D_ptds(void* to, std::size_t pitch, int value, std::size_t width, std::size_t height) {
  return fill({to, pitch, value, width, height}, Order::per_thread);
}

VGPU_API cudaError_t cudaMemset2DAsync(void* to, std::size_t pitch, int value, std::size_t width, std::size_t height,
                                       cudaStream_t stream) {
  return fill_async({to, pitch, value, width, height}, stream);
}

VGPU_API cudaError_t cudaMemset2DAsync_ptsz(void* to, std::size_t pitch, int value, std::size_t width,
                                            std::size_t height, cudaStream_t stream) {
  return fill_async({to, pitch, value, width, height}, per_thread(stream));
}

VGPU_API cudaError_t cudaMemset3D(cudaPitchedPtr target, int value, cudaExtent extent) {
  return fill_3d(target, value, extent, [](const Box& box) { return fill(box, Order::legacy); });
}

VGPU_API cudaError_t cudaMemset3D_ptds(cudaPitchedPtr target, int value, cudaExtent extent) {
  return fill_3d(target, value, extent, [](const Box& box) { return fill(box, Order::per_thread); });
}

VGPU_API cudaError_t cudaMemset3DAsync(cudaPitchedPtr target, int value, cudaExtent extent, cudaStream_t stream) {
  return fill_3d(target, value, extent, [&](const Box& box) { return fill_async(box, stream); });
}

VGPU_API cudaError_t cudaMemset3DAsync_ptsz(cudaPitchedPtr target, int value, cudaExtent extent, cudaStream_t stream) {
  return fill_3d(target, value, extent, [&](const Box& box) { return fill_async(box, per_thread(stream)); });
}
