// Memory that is allocated and freed in the order of a stream. An allocation is there as soon as it is asked for.
#include "shims/cuda/memory_call.h"
#include "shims/cuda/pool.h"
#include "shims/cuda/stream.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Memory;
using vgpu::device::MemoryKind;
using vgpu::device::Stream;
namespace memory = vgpu::device::memory;
namespace work = vgpu::device::work;

VGPU_CUDA_STREAM(cuMemAllocAsync, _ptsz, (CUdeviceptr * out, std::size_t bytes, CUstream handle),
                 (out, bytes, handle)) {
  return with_stream(handle, zero, [&](const Context& context, const Stream&) {
    if (out == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const auto pool = current_pool(context.device);
    return pool == 0 ? CUDA_ERROR_OUT_OF_MEMORY : allocate_pooled(pool, bytes, *out);
  });
}

VGPU_CUDA_STREAM(cuMemAllocFromPoolAsync, _ptsz,
                 (CUdeviceptr * out, std::size_t bytes, CUmemoryPool pool, CUstream handle),
                 (out, bytes, pool, handle)) {
  return with_stream(handle, zero, [&](const Context&, const Stream&) {
    return out == nullptr ? CUDA_ERROR_INVALID_VALUE : allocate_pooled(handle_of(pool), bytes, *out);
  });
}

// Frees what cuMemAlloc made as well. The pointer is dead at once; its memory goes when the stream gets there, because
// copies in front may still use it.
VGPU_CUDA_STREAM(cuMemFreeAsync, _ptsz, (CUdeviceptr pointer, CUstream handle), (pointer, handle)) {
  return with_stream(handle, zero, [&](const Context& context, Stream& stream) {
    if (pointer == 0) return CUDA_SUCCESS;
    Memory ended = {};
    const auto freeable = [](MemoryKind kind) { return kind == MemoryKind::device || kind == MemoryKind::pooled; };
    if (memory::forget(pointer, freeable, ended) != memory::Outcome::done) return CUDA_ERROR_INVALID_VALUE;
    const auto release = [ended] {
      memory::give_back(ended);
      freed(ended);
    };
    // Without memory for the queue there is still time to wait.
    if (work::submit(context, stream, release) != work::Outcome::done) {
      work::wait(context, stream);
      release();
    }
    return CUDA_SUCCESS;
  });
}
