// Copies in one dimension.
#include "shims/cuda/transfer.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Stream;

namespace {

std::uint64_t number(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }

CUresult now(Default zero, Side to_side, std::uint64_t to, Side from_side, std::uint64_t from, std::size_t bytes) {
  return copy_on_default(zero,
                         [&](Transfer& transfer) { return prepare(to_side, to, from_side, from, bytes, transfer); });
}

CUresult later(CUstream stream, Default zero, Side to_side, std::uint64_t to, Side from_side, std::uint64_t from,
               std::size_t bytes) {
  return copy_on_stream(stream, zero,
                        [&](Transfer& transfer) { return prepare(to_side, to, from_side, from, bytes, transfer); });
}

}  // namespace

VGPU_CUDA_STREAM(cuMemcpy, _ptds, (CUdeviceptr to, CUdeviceptr from, std::size_t bytes), (to, from, bytes)) {
  return now(zero, Side::unified, to, Side::unified, from, bytes);
}
VGPU_CUDA_STREAM(cuMemcpyHtoD_v2, _ptds, (CUdeviceptr to, const void* from, std::size_t bytes), (to, from, bytes)) {
  return now(zero, Side::device, to, Side::host, number(from), bytes);
}
VGPU_CUDA_STREAM(cuMemcpyDtoH_v2, _ptds, (void* to, CUdeviceptr from, std::size_t bytes), (to, from, bytes)) {
  return now(zero, Side::host, number(to), Side::device, from, bytes);
}
VGPU_CUDA_STREAM(cuMemcpyDtoD_v2, _ptds, (CUdeviceptr to, CUdeviceptr from, std::size_t bytes), (to, from, bytes)) {
  return now(zero, Side::device, to, Side::device, from, bytes);
}

// Ordered with everything in both contexts, whichever is current.
VGPU_CUDA_STREAM(cuMemcpyPeer, _ptds,
                 (CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, std::size_t bytes),
                 (to, to_context, from, from_context, bytes)) {
  static_cast<void>(zero);
  return with_driver([&] {
    if (!live_or_null(to_context) || !live_or_null(from_context)) return CUDA_ERROR_INVALID_CONTEXT;
    Transfer transfer = {};
    const CUresult result = prepare(Side::device, to, Side::device, from, bytes, transfer);
    if (result != CUDA_SUCCESS || bytes == 0) return result;
    for (const CUcontext one : {to_context, from_context}) {
      vgpu::device::work::wait_context(one != nullptr ? handle_of(one) : vgpu::device::current::top());
    }
    vgpu::device::backend::copy(transfer.to, transfer.from, transfer.extent);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA_STREAM(cuMemcpyAsync, _ptsz, (CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream),
                 (to, from, bytes, stream)) {
  return later(stream, zero, Side::unified, to, Side::unified, from, bytes);
}
VGPU_CUDA_STREAM(cuMemcpyHtoDAsync_v2, _ptsz, (CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream),
                 (to, from, bytes, stream)) {
  return later(stream, zero, Side::device, to, Side::host, number(from), bytes);
}
VGPU_CUDA_STREAM(cuMemcpyDtoHAsync_v2, _ptsz, (void* to, CUdeviceptr from, std::size_t bytes, CUstream stream),
                 (to, from, bytes, stream)) {
  return later(stream, zero, Side::host, number(to), Side::device, from, bytes);
}
VGPU_CUDA_STREAM(cuMemcpyDtoDAsync_v2, _ptsz, (CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream),
                 (to, from, bytes, stream)) {
  return later(stream, zero, Side::device, to, Side::device, from, bytes);
}
VGPU_CUDA_STREAM(cuMemcpyPeerAsync, _ptsz,
                 (CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, std::size_t bytes,
                  CUstream stream),
                 (to, to_context, from, from_context, bytes, stream)) {
  return copy_on_stream(stream, zero, [&](Transfer& transfer) {
    if (!live_or_null(to_context) || !live_or_null(from_context)) return CUDA_ERROR_INVALID_CONTEXT;
    return prepare(Side::device, to, Side::device, from, bytes, transfer);
  });
}
