// Copies in one dimension. Everything is done before the call returns, asynchronous forms included.
#include "shims/cuda/range.h"
#include "shims/cuda/stream.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Stream;
namespace backend = vgpu::device::backend;

namespace vgpu::cuda {

CUresult copy_row(Side to_side, std::uint64_t to, Side from_side, std::uint64_t from, std::size_t bytes) {
  if (bytes == 0) return CUDA_SUCCESS;
  backend::Place target = {};
  backend::Place source = {};
  if (const CUresult result = locate(to_side, to, bytes, target); result != CUDA_SUCCESS) return result;
  if (const CUresult result = locate(from_side, from, bytes, source); result != CUDA_SUCCESS) return result;
  backend::copy(target, source, {.width = bytes, .height = 1, .depth = 1});
  return CUDA_SUCCESS;
}

}  // namespace vgpu::cuda

namespace {

std::uint64_t number(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }

CUresult copy_now(Side to_side, std::uint64_t to, Side from_side, std::uint64_t from, std::size_t bytes) {
  return with_context([&](Context&) { return copy_row(to_side, to, from_side, from, bytes); });
}

CUresult copy_in(CUstream stream, Side to_side, std::uint64_t to, Side from_side, std::uint64_t from, std::size_t bytes) {
  return with_stream(stream, [&](Context&, Stream&) { return copy_row(to_side, to, from_side, from, bytes); });
}

// Both contexts of a peer copy must live; where the memory is follows from its address.
bool live(CUcontext context) { return vgpu::device::contexts::find(handle_of(context)) != nullptr; }

}  // namespace

VGPU_CUDA cuMemcpy(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  return copy_now(Side::unified, to, Side::unified, from, bytes);
}
VGPU_CUDA cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, std::size_t bytes) {
  return copy_now(Side::device, to, Side::host, number(from), bytes);
}
VGPU_CUDA cuMemcpyDtoH_v2(void* to, CUdeviceptr from, std::size_t bytes) {
  return copy_now(Side::host, number(to), Side::device, from, bytes);
}
VGPU_CUDA cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes) {
  return copy_now(Side::device, to, Side::device, from, bytes);
}
VGPU_CUDA cuMemcpyPeer(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, std::size_t bytes) {
  return with_driver([&] {
    if (!live(to_context) || !live(from_context)) return CUDA_ERROR_INVALID_CONTEXT;
    return copy_row(Side::device, to, Side::device, from, bytes);
  });
}

VGPU_CUDA cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return copy_in(stream, Side::unified, to, Side::unified, from, bytes);
}
VGPU_CUDA cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream) {
  return copy_in(stream, Side::device, to, Side::host, number(from), bytes);
}
VGPU_CUDA cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return copy_in(stream, Side::host, number(to), Side::device, from, bytes);
}
VGPU_CUDA cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return copy_in(stream, Side::device, to, Side::device, from, bytes);
}
VGPU_CUDA cuMemcpyPeerAsync(CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context,
                            std::size_t bytes, CUstream stream) {
  return with_stream(stream, [&](Context&, Stream&) {
    if (!live(to_context) || !live(from_context)) return CUDA_ERROR_INVALID_CONTEXT;
    return copy_row(Side::device, to, Side::device, from, bytes);
  });
}

VGPU_CUDA_ALIAS(cuMemcpy_ptds, cuMemcpy);
VGPU_CUDA_ALIAS(cuMemcpyHtoD_v2_ptds, cuMemcpyHtoD_v2);
VGPU_CUDA_ALIAS(cuMemcpyDtoH_v2_ptds, cuMemcpyDtoH_v2);
VGPU_CUDA_ALIAS(cuMemcpyDtoD_v2_ptds, cuMemcpyDtoD_v2);
VGPU_CUDA_ALIAS(cuMemcpyPeer_ptds, cuMemcpyPeer);
VGPU_CUDA_ALIAS(cuMemcpyAsync_ptsz, cuMemcpyAsync);
VGPU_CUDA_ALIAS(cuMemcpyHtoDAsync_v2_ptsz, cuMemcpyHtoDAsync_v2);
VGPU_CUDA_ALIAS(cuMemcpyDtoHAsync_v2_ptsz, cuMemcpyDtoHAsync_v2);
VGPU_CUDA_ALIAS(cuMemcpyDtoDAsync_v2_ptsz, cuMemcpyDtoDAsync_v2);
VGPU_CUDA_ALIAS(cuMemcpyPeerAsync_ptsz, cuMemcpyPeerAsync);
