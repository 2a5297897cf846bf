// What is known about a pointer.
#include <string.h>

#include "shims/cuda/memory_call.h"

using namespace vgpu::cuda;
using vgpu::device::Memory;
using vgpu::device::MemoryKind;
namespace memory = vgpu::device::memory;

namespace {

constexpr unsigned kReadWrite = 3;  // CU_MEM_ACCESS_FLAGS_PROT_READWRITE

template <typename T>
CUresult tell(void* data, T value) {
  memcpy(data, &value, sizeof value);
  return CUDA_SUCCESS;
}

// What a real driver writes for a yes or a no.
int truth(bool yes) { return yes ? 1 : 0; }

bool host_reaches(const Memory& found) { return !found.on_device(); }

// Whose context it is: pooled memory belongs to a device and to none.
CUcontext context_of(const Memory& found) { return pointer_of<CUcontext>(found.context); }

CUresult known(void* data, int attribute, CUdeviceptr pointer, const Memory& found) {
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_CONTEXT: return tell(data, context_of(found));
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE: {
      const bool host = found.kind == MemoryKind::pinned || found.kind == MemoryKind::registered;
      return tell(data, static_cast<unsigned>(host ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE));
    }
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER: return tell(data, pointer);
    case CU_POINTER_ATTRIBUTE_HOST_POINTER:
      if (host_reaches(found)) return tell(data, pointer);
      tell(data, CUdeviceptr{0});
      return CUDA_ERROR_INVALID_VALUE;
    case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS: return tell(data, truth(found.sync_memops || found.is_managed()));
    case CU_POINTER_ATTRIBUTE_BUFFER_ID: return tell(data, std::uint64_t{found.id});
    case CU_POINTER_ATTRIBUTE_IS_MANAGED: return tell(data, truth(found.is_managed()));
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: return tell(data, int{found.device});
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
    case CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR: return tell(data, CUdeviceptr{found.base});
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
    case CU_POINTER_ATTRIBUTE_MAPPING_SIZE: return tell(data, std::size_t{found.size});
    case CU_POINTER_ATTRIBUTE_MAPPED: return tell(data, truth(true));
    case CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES: return tell(data, std::uint64_t{0});
    case CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE:
    case CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE:
    case CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE: return tell(data, truth(false));
    case CU_POINTER_ATTRIBUTE_ACCESS_FLAGS: return tell(data, kReadWrite);
    case CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE: return tell(data, pointer_of<CUmemoryPool>(found.pool));
    case CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID: return tell(data, std::uint64_t{found.id});
    default: return CUDA_ERROR_INVALID_VALUE;  // P2P tokens among them, which are for a kernel module
  }
}

// How many bytes the answer to an attribute has; 0 for one that does not exist.
std::size_t answer_size(int attribute) {
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
    case CU_POINTER_ATTRIBUTE_ACCESS_FLAGS:
    case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS:
    case CU_POINTER_ATTRIBUTE_IS_MANAGED:
    case CU_POINTER_ATTRIBUTE_MAPPED:
    case CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE:
    case CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE:
    case CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE: return 4;
    case CU_POINTER_ATTRIBUTE_P2P_TOKENS: return 16;
    default:
      return attribute >= CU_POINTER_ATTRIBUTE_CONTEXT && attribute <= CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE
                 ? 8
                 : 0;
  }
}

// In the form for several attributes what has no answer is 0, and a device that nobody has is -2. Of memory that it
// does not know a real driver still tells the host pointer, and leaves the range as it was.
CUresult tell_or_zero(void* data, int attribute, CUdeviceptr pointer, const Memory* found) {
  const std::size_t size = answer_size(attribute);
  if (size == 0 || data == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (found != nullptr && known(data, attribute, pointer, *found) == CUDA_SUCCESS) return CUDA_SUCCESS;
  const bool range = attribute == CU_POINTER_ATTRIBUTE_RANGE_START_ADDR || attribute == CU_POINTER_ATTRIBUTE_RANGE_SIZE;
  if (found == nullptr && range) return CUDA_SUCCESS;
  memset(data, 0, size);
  if (attribute == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL) return tell(data, -2);
  if (found == nullptr && attribute == CU_POINTER_ATTRIBUTE_HOST_POINTER) return tell(data, pointer);
  return CUDA_SUCCESS;
}

}  // namespace

VGPU_CUDA cuPointerGetAttribute(void* data, int attribute, CUdeviceptr pointer) {
  return with_driver([&] {
    Memory found = {};
    if (data == nullptr || answer_size(attribute) == 0 || !memory::find(pointer, found))
      return CUDA_ERROR_INVALID_VALUE;
    return known(data, attribute, pointer, found);
  });
}

VGPU_CUDA cuPointerGetAttributes(unsigned count, int* attributes, void** data, CUdeviceptr pointer) {
  return with_driver([&] {
    if (attributes == nullptr || data == nullptr || count == 0) return CUDA_ERROR_INVALID_VALUE;
    Memory found = {};
    const Memory* holder = memory::find(pointer, found) ? &found : nullptr;
    for (unsigned i = 0; i < count; ++i) {
      const CUresult result = tell_or_zero(data[i], attributes[i], pointer, holder);
      if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
  });
}

// The one attribute that can be set. Every copy here is done in order, so it changes nothing.
VGPU_CUDA cuPointerSetAttribute(const void* value, int attribute, CUdeviceptr pointer) {
  return with_driver([&] {
    if (value == nullptr || attribute != CU_POINTER_ATTRIBUTE_SYNC_MEMOPS) return CUDA_ERROR_INVALID_VALUE;
    Memory found = {};
    if (!memory::find(pointer, found) || found.kind == MemoryKind::registered) return CUDA_ERROR_INVALID_VALUE;
    bool on = *static_cast<const int*>(value) != 0;
    const auto change = [](Memory& target, void* data) { target.sync_memops = *static_cast<bool*>(data); };
    return memory::update(pointer, change, &on) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}
