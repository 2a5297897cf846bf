// Batches of copies (CUDA 12.8): done one after the other on the stream, which is one of the orders that the API
// allows. Nothing of a batch is done when a part of it is wrong. The first form tells which part that was; 13 dropped
// it.
#include "shims/cuda/memory_call.h"
#include "shims/cuda/transfer.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Stream;

namespace {

constexpr std::size_t kNoneInParticular = ~std::size_t{0};
constexpr int kOperandPointer = 1;
constexpr int kLastAccessOrder = 3;
constexpr unsigned kOverlapWithCompute = 1;

// The API forbids the legacy stream.
bool valid_stream(CUstream handle, Default zero) {
  return handle == nullptr ? zero == Default::per_thread : handle != pointer_of<CUstream>(kStreamLegacy);
}

bool valid_hints(int access_order, unsigned flags) {
  return access_order >= 1 && access_order <= kLastAccessOrder && (flags & ~kOverlapWithCompute) == 0;
}

bool valid_attributes(const CUmemcpyAttributes* attributes, const std::size_t* starts, std::size_t count,
                      std::size_t copies) {
  if (attributes == nullptr || starts == nullptr || count == 0 || count > copies || starts[0] != 0) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!valid_hints(attributes[i].srcAccessOrder, attributes[i].flags)) return false;
    if (i > 0 && (starts[i] <= starts[i - 1] || starts[i] >= copies)) return false;
  }
  return true;
}

// Checks all, then does all. `prepare_one(i, transfer)` says what is to be copied.
template <typename PrepareOne>
CUresult run(std::size_t count, std::size_t* failed, CUstream handle, Default zero, PrepareOne prepare_one) {
  return with_stream(handle, zero, [&](const Context& context, Stream& stream) {
    for (const bool doing : {false, true}) {
      for (std::size_t i = 0; i < count; ++i) {
        Transfer transfer = {};
        CUresult result = prepare_one(i, transfer);
        if (result == CUDA_SUCCESS && doing && transfer.extent.width != 0) result = copy_on(context, stream, transfer);
        if (result == CUDA_SUCCESS) continue;
        if (failed != nullptr) *failed = i;
        return result;
      }
    }
    return CUDA_SUCCESS;
  });
}

struct Batch {
  const CUdeviceptr* to;
  const CUdeviceptr* from;
  const std::size_t* sizes;
  std::size_t count;
  const CUmemcpyAttributes* attributes;
  const std::size_t* starts;  // the first copy that attributes[k] belongs to
  std::size_t attribute_count;
};

CUresult copy_batch(const Batch& batch, std::size_t* failed, CUstream handle, Default zero) {
  return with_context([&](Context&) {
    if (failed != nullptr) *failed = kNoneInParticular;
    if (batch.to == nullptr || batch.from == nullptr || batch.sizes == nullptr || batch.count == 0) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    if (!valid_attributes(batch.attributes, batch.starts, batch.attribute_count, batch.count))
      return CUDA_ERROR_INVALID_VALUE;
    if (!valid_stream(handle, zero)) return CUDA_ERROR_INVALID_VALUE;
    return run(batch.count, failed, handle, zero, [&](std::size_t i, Transfer& transfer) {
      if (batch.sizes[i] == 0) return CUDA_ERROR_INVALID_VALUE;
      return prepare(Side::unified, batch.to[i], Side::unified, batch.from[i], batch.sizes[i], transfer);
    });
  });
}

// Elements of pointers are bytes; a length of 0 means that rows or layers follow each other.
CUresult operand(const CUmemcpy3DOperand& one, Box& box) {
  if (one.type != kOperandPointer || one.op.ptr.rowLength > kMaxRow) return CUDA_ERROR_INVALID_VALUE;
  box = {.side = Side::unified,
         .address = one.op.ptr.ptr,
         .x = 0,
         .y = 0,
         .z = 0,
         .pitch = one.op.ptr.rowLength,
         .rows = one.op.ptr.layerHeight};
  return CUDA_SUCCESS;
}

CUresult prepare_operation(const CUDA_MEMCPY3D_BATCH_OP& operation, Transfer& transfer) {
  Box to = {};
  Box from = {};
  CUresult result = operand(operation.dst, to);
  if (result == CUDA_SUCCESS) result = operand(operation.src, from);
  if (result != CUDA_SUCCESS) return result;
  const auto& extent = operation.extent;
  if (!valid_hints(operation.srcAccessOrder, operation.flags)) return CUDA_ERROR_INVALID_VALUE;
  if (extent.width == 0 || extent.height == 0 || extent.depth == 0) return CUDA_ERROR_INVALID_VALUE;
  return prepare(to, from, {.width = extent.width, .height = extent.height, .depth = extent.depth}, transfer);
}

CUresult copy_3d_batch(std::size_t count, const CUDA_MEMCPY3D_BATCH_OP* operations, std::size_t* failed,
                       unsigned long long flags, CUstream handle, Default zero) {
  return with_context([&](Context&) {
    if (failed != nullptr) *failed = kNoneInParticular;
    if (count == 0 || operations == nullptr || flags != 0 || !valid_stream(handle, zero))
      return CUDA_ERROR_INVALID_VALUE;
    return run(count, failed, handle, zero,
               [&](std::size_t i, Transfer& transfer) { return prepare_operation(operations[i], transfer); });
  });
}

}  // namespace

VGPU_CUDA_STREAM(cuMemcpyBatchAsync, _ptsz,
                 (CUdeviceptr * to, CUdeviceptr* from, std::size_t* sizes, std::size_t count,
                  CUmemcpyAttributes* attributes, std::size_t* starts, std::size_t attribute_count, std::size_t* failed,
                  CUstream stream),
                 (to, from, sizes, count, attributes, starts, attribute_count, failed, stream)) {
  return copy_batch({to, from, sizes, count, attributes, starts, attribute_count}, failed, stream, zero);
}
VGPU_CUDA_STREAM(cuMemcpyBatchAsync_v2, _ptsz,
                 (CUdeviceptr * to, CUdeviceptr* from, std::size_t* sizes, std::size_t count,
                  CUmemcpyAttributes* attributes, std::size_t* starts, std::size_t attribute_count, CUstream stream),
                 (to, from, sizes, count, attributes, starts, attribute_count, stream)) {
  return copy_batch({to, from, sizes, count, attributes, starts, attribute_count}, nullptr, stream, zero);
}
VGPU_CUDA_STREAM(cuMemcpy3DBatchAsync, _ptsz,
                 (std::size_t count, CUDA_MEMCPY3D_BATCH_OP* operations, std::size_t* failed, unsigned long long flags,
                  CUstream stream),
                 (count, operations, failed, flags, stream)) {
  return copy_3d_batch(count, operations, failed, flags, stream, zero);
}
VGPU_CUDA_STREAM(cuMemcpy3DBatchAsync_v2, _ptsz,
                 (std::size_t count, CUDA_MEMCPY3D_BATCH_OP* operations, unsigned long long flags, CUstream stream),
                 (count, operations, flags, stream)) {
  return copy_3d_batch(count, operations, nullptr, flags, stream, zero);
}
