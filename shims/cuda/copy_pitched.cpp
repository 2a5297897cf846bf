// Copies of rectangles and boxes, described by a structure.
#include "shims/cuda/memory_call.h"
#include "shims/cuda/transfer.h"

using namespace vgpu::cuda;
namespace backend = vgpu::device::backend;

namespace {

// Says which pointer of a description counts. There are no arrays, so a handle of one cannot be right.
CUresult choose(CUmemorytype type, const void* host, CUdeviceptr device, Box& box) {
  switch (type) {
    case CU_MEMORYTYPE_HOST: box.side = Side::host; break;
    case CU_MEMORYTYPE_DEVICE: box.side = Side::device; break;
    case CU_MEMORYTYPE_UNIFIED: box.side = Side::unified; break;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
  box.address = type == CU_MEMORYTYPE_HOST ? reinterpret_cast<std::uint64_t>(host) : device;
  return box.pitch <= kMaxRow ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult prepare_2d(const CUDA_MEMCPY2D* copy, Transfer& transfer) {
  if (copy == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (copy->WidthInBytes == 0 || copy->Height == 0) return CUDA_SUCCESS;
  Box from = {
      .side = {}, .address = 0, .x = copy->srcXInBytes, .y = copy->srcY, .z = 0, .pitch = copy->srcPitch, .rows = 0};
  Box to = {
      .side = {}, .address = 0, .x = copy->dstXInBytes, .y = copy->dstY, .z = 0, .pitch = copy->dstPitch, .rows = 0};
  CUresult result = choose(copy->srcMemoryType, copy->srcHost, copy->srcDevice, from);
  if (result == CUDA_SUCCESS) result = choose(copy->dstMemoryType, copy->dstHost, copy->dstDevice, to);
  if (result != CUDA_SUCCESS) return result;
  return prepare(to, from, {.width = copy->WidthInBytes, .height = copy->Height, .depth = 1}, transfer);
}

CUresult prepare_3d(const CUDA_MEMCPY3D* copy, Transfer& transfer) {
  if (copy == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (copy->WidthInBytes == 0 || copy->Height == 0 || copy->Depth == 0) return CUDA_SUCCESS;
  Box from = {.side = {},
              .address = 0,
              .x = copy->srcXInBytes,
              .y = copy->srcY,
              .z = copy->srcZ,
              .pitch = copy->srcPitch,
              .rows = copy->srcHeight};
  Box to = {.side = {},
            .address = 0,
            .x = copy->dstXInBytes,
            .y = copy->dstY,
            .z = copy->dstZ,
            .pitch = copy->dstPitch,
            .rows = copy->dstHeight};
  CUresult result = choose(copy->srcMemoryType, copy->srcHost, copy->srcDevice, from);
  if (result == CUDA_SUCCESS) result = choose(copy->dstMemoryType, copy->dstHost, copy->dstDevice, to);
  if (result != CUDA_SUCCESS) return result;
  return prepare(to, from, {.width = copy->WidthInBytes, .height = copy->Height, .depth = copy->Depth}, transfer);
}

CUresult prepare_3d_peer(const CUDA_MEMCPY3D_PEER* copy, Transfer& transfer) {
  if (copy == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (!live_or_null(copy->srcContext) || !live_or_null(copy->dstContext)) return CUDA_ERROR_INVALID_CONTEXT;
  return prepare_3d(copy, transfer);
}

}  // namespace

VGPU_CUDA_STREAM(cuMemcpy2D_v2, _ptds, (const CUDA_MEMCPY2D* copy), (copy)) {
  return copy_on_default(zero, [&](Transfer& transfer) { return prepare_2d(copy, transfer); });
}
VGPU_CUDA_STREAM(cuMemcpy2DUnaligned_v2, _ptds, (const CUDA_MEMCPY2D* copy), (copy)) {
  return copy_on_default(zero, [&](Transfer& transfer) { return prepare_2d(copy, transfer); });
}
VGPU_CUDA_STREAM(cuMemcpy2DAsync_v2, _ptsz, (const CUDA_MEMCPY2D* copy, CUstream stream), (copy, stream)) {
  return copy_on_stream(stream, zero, [&](Transfer& transfer) { return prepare_2d(copy, transfer); });
}
VGPU_CUDA_STREAM(cuMemcpy3D_v2, _ptds, (const CUDA_MEMCPY3D* copy), (copy)) {
  return copy_on_default(zero, [&](Transfer& transfer) { return prepare_3d(copy, transfer); });
}
VGPU_CUDA_STREAM(cuMemcpy3DAsync_v2, _ptsz, (const CUDA_MEMCPY3D* copy, CUstream stream), (copy, stream)) {
  return copy_on_stream(stream, zero, [&](Transfer& transfer) { return prepare_3d(copy, transfer); });
}
VGPU_CUDA_STREAM(cuMemcpy3DPeer, _ptds, (const CUDA_MEMCPY3D_PEER* copy), (copy)) {
  return copy_on_default(zero, [&](Transfer& transfer) { return prepare_3d_peer(copy, transfer); });
}
VGPU_CUDA_STREAM(cuMemcpy3DPeerAsync, _ptsz, (const CUDA_MEMCPY3D_PEER* copy, CUstream stream), (copy, stream)) {
  return copy_on_stream(stream, zero, [&](Transfer& transfer) { return prepare_3d_peer(copy, transfer); });
}
