// Device memory: plain and pitched allocations, free, and how much there is.
#include "shims/device/memory.h"

#include "shims/cuda/call.h"
#include "shims/cuda/memory_call.h"
#include "shims/cuda/pool.h"
#include "shims/device/ledger.h"
#include "shims/device/work.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Memory;
using vgpu::device::MemoryKind;
namespace memory = vgpu::device::memory;

namespace {

// A multiple of CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT, as a real device's rows are.
constexpr std::size_t kPitchAlignment = 512;

CUresult allocate_pitched(CUdeviceptr* out, std::size_t* pitch, std::size_t width, std::size_t height,
                          unsigned element) {
  return with_context([&](Context& context) {
    if (out == nullptr || pitch == nullptr || width == 0 || height == 0) return CUDA_ERROR_INVALID_VALUE;
    if (element != 4 && element != 8 && element != 16) return CUDA_ERROR_INVALID_VALUE;
    if (width > kMaxRow) return CUDA_ERROR_INVALID_VALUE;
    const std::size_t row = (width + kPitchAlignment - 1) & ~(kPitchAlignment - 1);
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(row, height, &bytes)) return CUDA_ERROR_OUT_OF_MEMORY;
    const CUresult result = allocate(context, MemoryKind::device, bytes, 0, *out);
    if (result == CUDA_SUCCESS) *pitch = row;
    return result;
  });
}

}  // namespace

namespace vgpu::cuda {

CUresult allocate(Context& context, MemoryKind kind, std::size_t bytes, unsigned flags, CUdeviceptr& out) {
  if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
  Memory wanted = {};
  wanted.size = bytes;
  wanted.context = context.self;
  wanted.device = context.device;
  wanted.flags = flags;
  wanted.kind = kind;
  if (memory::allocate(wanted) != memory::Outcome::done) return CUDA_ERROR_OUT_OF_MEMORY;
  out = wanted.base;
  return CUDA_SUCCESS;
}

}  // namespace vgpu::cuda

VGPU_CUDA cuMemAlloc_v2(CUdeviceptr* out, std::size_t bytes) {
  return with_context([&](Context& context) {
    if (out == nullptr) return CUDA_ERROR_INVALID_VALUE;
    return allocate(context, MemoryKind::device, bytes, 0, *out);
  });
}

VGPU_CUDA cuMemAllocPitch_v2(CUdeviceptr* out, std::size_t* pitch, std::size_t width, std::size_t height,
                             unsigned element) {
  return allocate_pitched(out, pitch, width, height, element);
}

// Also frees managed and pooled memory; null is no error.
VGPU_CUDA cuMemFree_v2(CUdeviceptr pointer) {
  if (pointer == 0) return with_driver([] { return CUDA_SUCCESS; });
  return with_context([&](Context&) {
    const auto freeable = [](MemoryKind kind) {
      return kind == MemoryKind::device || kind == MemoryKind::managed || kind == MemoryKind::pooled;
    };
    Memory found = {};
    if (!memory::find_base(pointer, found) || !freeable(found.kind)) return CUDA_ERROR_INVALID_VALUE;
    vgpu::device::work::wait_all();  // what is queued may still use it
    if (memory::free(pointer, freeable, &found) != memory::Outcome::done) return CUDA_ERROR_INVALID_VALUE;
    freed(found);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return with_context([&](Context& context) {
    const int physical = vgpu::device::visible().physical[context.device];
    const std::uint64_t all = vgpu::device::ledger::limit(physical);
    const std::uint64_t used = vgpu::device::ledger::used(physical);
    if (total != nullptr) *total = all;
    if (free != nullptr) *free = used < all ? all - used : 0;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuMemGetAddressRange_v2(CUdeviceptr* base, std::size_t* size, CUdeviceptr pointer) {
  return with_context([&](Context&) {
    Memory found = {};
    if (!memory::find(pointer, found)) return CUDA_ERROR_NOT_FOUND;
    if (base != nullptr) *base = found.base;
    if (size != nullptr) *size = found.size;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuMemAllocManaged(CUdeviceptr* out, std::size_t bytes, unsigned flags) {
  return with_context([&](Context& context) {
    if (out == nullptr || (flags != kAttachGlobal && flags != kAttachHost)) return CUDA_ERROR_INVALID_VALUE;
    return allocate(context, MemoryKind::managed, bytes, flags, *out);
  });
}
