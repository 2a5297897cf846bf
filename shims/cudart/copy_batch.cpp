// Batches of copies (12.8): done one after the other on the stream, which is one of the orders that the API
// allows. 12 tells through one more parameter which operation failed; 13 dropped that.
#include "shims/cudart/copy.h"

namespace vgpu::cudart {
namespace {

constexpr std::size_t kNoneInParticular = ~std::size_t{0};

struct Batch {
  void* const* to;
  const void* const* from;
  const std::size_t* sizes;
  std::size_t count;
  const cudaMemcpyAttributes* attributes;
  const std::size_t* attribute_starts;  // the first operation that attributes[k] belongs to
  std::size_t attribute_count;
};

bool valid(const Batch& batch) {
  if (batch.to == nullptr || batch.from == nullptr || batch.sizes == nullptr || batch.count == 0) return false;
  if (batch.attributes == nullptr || batch.attribute_starts == nullptr) return false;
  if (batch.attribute_count == 0 || batch.attribute_count > batch.count) return false;
  return batch.attribute_starts[0] == 0;
}

// The API forbids the legacy stream for batches.
bool valid_stream(cudaStream_t stream) {
  return stream != nullptr && stream != reinterpret_cast<cudaStream_t>(cuda::kStreamLegacy);
}

cudaError_t copy_batch(const Batch& batch, std::size_t* failed, cudaStream_t stream) {
  return with_context([&](const Driver& driver) {
    if (failed != nullptr) *failed = kNoneInParticular;
    if (!valid(batch) || !valid_stream(stream)) return cudaErrorInvalidValue;
    for (std::size_t i = 0; i < batch.count; ++i) {
      const CUresult result = copy_on(driver, batch.to[i], batch.from[i], batch.sizes[i], cudaMemcpyDefault, stream);
      if (result == cuda::CUDA_SUCCESS) continue;
      if (failed != nullptr) *failed = i;
      return from_driver(result);
    }
    return cudaSuccess;
  });
}

constexpr int kOperandPointer = 1;

// A row length of 0 means that the rows lie close together. Elements of pointer operands are bytes.
void set_source(cuda::CUDA_MEMCPY3D& request, const cudaMemcpy3DBatchOp& operation) {
  const auto& pointer = operation.src.op.ptr;
  request.srcMemoryType = cuda::CU_MEMORYTYPE_UNIFIED;
  request.srcDevice = pointer.ptr;
  request.srcPitch = pointer.rowLength != 0 ? pointer.rowLength : operation.extent.width;
  request.srcHeight = pointer.layerHeight != 0 ? pointer.layerHeight : operation.extent.height;
}

void set_target(cuda::CUDA_MEMCPY3D& request, const cudaMemcpy3DBatchOp& operation) {
  const auto& pointer = operation.dst.op.ptr;
  request.dstMemoryType = cuda::CU_MEMORYTYPE_UNIFIED;
  request.dstDevice = pointer.ptr;
  request.dstPitch = pointer.rowLength != 0 ? pointer.rowLength : operation.extent.width;
  request.dstHeight = pointer.layerHeight != 0 ? pointer.layerHeight : operation.extent.height;
}

cudaError_t copy_box(const Driver& driver, const cudaMemcpy3DBatchOp& operation, cudaStream_t stream) {
  if (operation.src.type != kOperandPointer || operation.dst.type != kOperandPointer) {
    return VGPU_NOT_SUPPORTED("cudaMemcpy3DBatchAsync of CUDA arrays");
  }
  cuda::CUDA_MEMCPY3D request = {};
  set_source(request, operation);
  set_target(request, operation);
  request.WidthInBytes = operation.extent.width;
  request.Height = operation.extent.height;
  request.Depth = operation.extent.depth;
  return from_driver(driver.Memcpy3DAsync(&request, stream));
}

cudaError_t copy_3d_batch(std::size_t count, const cudaMemcpy3DBatchOp* operations, std::size_t* failed,
                          unsigned long long flags, cudaStream_t stream) {
  return with_context([&](const Driver& driver) {
    if (failed != nullptr) *failed = kNoneInParticular;
    if (count == 0 || operations == nullptr || flags != 0 || !valid_stream(stream)) return cudaErrorInvalidValue;
    for (std::size_t i = 0; i < count; ++i) {
      const cudaError_t error = copy_box(driver, operations[i], stream);
      if (error == cudaSuccess) continue;
      if (failed != nullptr) *failed = i;
      return error;
    }
    return cudaSuccess;
  });
}

}  // namespace
}  // namespace vgpu::cudart

using namespace vgpu::cudart;

#if VGPU_CUDART_MAJOR == 12
VGPU_API cudaError_t cudaMemcpyBatchAsync(void** to, void** from, std::size_t* sizes, std::size_t count,
                                          cudaMemcpyAttributes* attributes, std::size_t* starts,
                                          std::size_t attribute_count, std::size_t* failed, cudaStream_t stream) {
  return copy_batch({to, from, sizes, count, attributes, starts, attribute_count}, failed, stream);
}

VGPU_API cudaError_t cudaMemcpyBatchAsync_ptsz(void** to, void** from, std::size_t* sizes, std::size_t count,
                                               cudaMemcpyAttributes* attributes, std::size_t* starts,
                                               std::size_t attribute_count, std::size_t* failed, cudaStream_t stream) {
  return copy_batch({to, from, sizes, count, attributes, starts, attribute_count}, failed, per_thread(stream));
}

VGPU_API cudaError_t cudaMemcpy3DBatchAsync(std::size_t count, cudaMemcpy3DBatchOp* operations, std::size_t* failed,
                                            unsigned long long flags, cudaStream_t stream) {
  return copy_3d_batch(count, operations, failed, flags, stream);
}

VGPU_API cudaError_t cudaMemcpy3DBatchAsync_ptsz(std::size_t count, cudaMemcpy3DBatchOp* operations,
                                                 std::size_t* failed, unsigned long long flags, cudaStream_t stream) {
  return copy_3d_batch(count, operations, failed, flags, per_thread(stream));
}
#else
VGPU_API cudaError_t cudaMemcpyBatchAsync(void* const* to, const void* const* from, const std::size_t* sizes,
                                          std::size_t count, cudaMemcpyAttributes* attributes, std::size_t* starts,
                                          std::size_t attribute_count, cudaStream_t stream) {
  return copy_batch({to, from, sizes, count, attributes, starts, attribute_count}, nullptr, stream);
}

VGPU_API cudaError_t cudaMemcpyBatchAsync_ptsz(void* const* to, const void* const* from, const std::size_t* sizes,
                                               std::size_t count, cudaMemcpyAttributes* attributes, std::size_t* starts,
                                               std::size_t attribute_count, cudaStream_t stream) {
  return copy_batch({to, from, sizes, count, attributes, starts, attribute_count}, nullptr, per_thread(stream));
}

VGPU_API cudaError_t cudaMemcpy3DBatchAsync(std::size_t count, cudaMemcpy3DBatchOp* operations,
                                            unsigned long long flags, cudaStream_t stream) {
  return copy_3d_batch(count, operations, nullptr, flags, stream);
}

VGPU_API cudaError_t cudaMemcpy3DBatchAsync_ptsz(std::size_t count, cudaMemcpy3DBatchOp* operations,
                                                 unsigned long long flags, cudaStream_t stream) {
  return copy_3d_batch(count, operations, nullptr, flags, per_thread(stream));
}
#endif
