// What copies have in common.
#pragma once

#include "shims/cudart/state.h"

namespace vgpu::cudart {

// The stream of a synchronous copy: `ptds` functions are ordered by the thread's own stream, the others by
// the legacy one.
enum class Order { legacy, per_thread };

inline bool valid_kind(int kind) { return kind >= cudaMemcpyHostToHost && kind <= cudaMemcpyDefault; }

// Where the driver shall look for the two sides. Unified: it finds out from the pointer.
inline cuda::CUmemorytype source_type(int kind) {
  if (kind == cudaMemcpyDefault) return cuda::CU_MEMORYTYPE_UNIFIED;
  return kind == cudaMemcpyHostToHost || kind == cudaMemcpyHostToDevice ? cuda::CU_MEMORYTYPE_HOST
                                                                        : cuda::CU_MEMORYTYPE_DEVICE;
}

inline cuda::CUmemorytype target_type(int kind) {
  if (kind == cudaMemcpyDefault) return cuda::CU_MEMORYTYPE_UNIFIED;
  return kind == cudaMemcpyHostToHost || kind == cudaMemcpyDeviceToHost ? cuda::CU_MEMORYTYPE_HOST
                                                                        : cuda::CU_MEMORYTYPE_DEVICE;
}

// `size` bytes, on a stream.
CUresult copy_on(const Driver& driver, void* to, const void* from, std::size_t size, int kind, CUstream stream);

// `size` bytes, finished on return.
CUresult copy_now(const Driver& driver, void* to, const void* from, std::size_t size, int kind, Order order);

// Runs `enqueue(stream)` for the thread's own stream and waits for it.
template <class Enqueue>
CUresult on_own_stream(const Driver& driver, Enqueue&& enqueue) {
  const CUstream stream = per_thread(nullptr);
  const CUresult result = enqueue(stream);
  return result == cuda::CUDA_SUCCESS ? driver.StreamSynchronize(stream) : result;
}

}  // namespace vgpu::cudart
