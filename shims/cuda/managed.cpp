// Managed memory: advice and prefetches, kept and told, of no effect where both sides have the same memory. Ranges are
// those of whole allocations: advice to a part is remembered for all of it.
#include "shims/cuda/memory_call.h"
#include "shims/cuda/stream.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Memory;
using vgpu::device::MemoryKind;
using vgpu::device::Stream;
namespace memory = vgpu::device::memory;

namespace {

constexpr int kCpu = -1;            // CU_DEVICE_CPU
constexpr int kInvalidDevice = -2;  // CU_DEVICE_INVALID
constexpr unsigned kHostBit = 1;

CUmemLocation location_of(CUdevice device) {
  return device == kCpu ? CUmemLocation{CU_MEM_LOCATION_TYPE_HOST, 0}
                        : CUmemLocation{CU_MEM_LOCATION_TYPE_DEVICE, device};
}

bool host(const CUmemLocation& location) {
  return location.type == CU_MEM_LOCATION_TYPE_HOST || location.type == CU_MEM_LOCATION_TYPE_HOST_NUMA ||
         location.type == CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT;
}

CUresult check_location(const CUmemLocation& location) {
  if (host(location)) return CUDA_SUCCESS;
  if (location.type != CU_MEM_LOCATION_TYPE_DEVICE) return CUDA_ERROR_INVALID_VALUE;
  return valid_device(location.id) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

// The whole range must lie in one managed allocation.
CUresult check_range(CUdeviceptr pointer, std::size_t bytes) {
  Memory found = {};
  if (bytes == 0 || !memory::find(pointer, found) || !found.is_managed()) return CUDA_ERROR_INVALID_VALUE;
  return bytes <= found.end() - pointer ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

struct Advice {
  int advice;
  CUmemLocation location;
};

void take(Memory& target, void* data) {
  const auto& [advice, location] = *static_cast<const Advice*>(data);
  const unsigned bit = host(location) ? kHostBit : 2U << location.id;
  switch (advice) {
    case CU_MEM_ADVISE_SET_READ_MOSTLY: target.read_mostly = true; break;
    case CU_MEM_ADVISE_UNSET_READ_MOSTLY: target.read_mostly = false; break;
    case CU_MEM_ADVISE_SET_PREFERRED_LOCATION:
      target.preferred_type = location.type;
      target.preferred_id = location.id;
      break;
    case CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION: target.preferred_type = target.preferred_id = 0; break;
    case CU_MEM_ADVISE_SET_ACCESSED_BY: target.accessed_by |= bit; break;
    default: target.accessed_by &= ~bit; break;
  }
}

// Two kinds of advice are about no place.
bool names_place(int advice) {
  return advice != CU_MEM_ADVISE_SET_READ_MOSTLY && advice != CU_MEM_ADVISE_UNSET_READ_MOSTLY &&
         advice != CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION;
}

CUresult advise(CUdeviceptr pointer, std::size_t bytes, int advice, CUmemLocation location) {
  return with_context([&](Context&) {
    if (advice < CU_MEM_ADVISE_SET_READ_MOSTLY || advice > CU_MEM_ADVISE_UNSET_ACCESSED_BY)
      return CUDA_ERROR_INVALID_VALUE;
    if (const CUresult result = check_range(pointer, bytes); result != CUDA_SUCCESS) return result;
    if (names_place(advice)) {
      if (const CUresult result = check_location(location); result != CUDA_SUCCESS) return result;
    }
    Advice given = {advice, location};
    return memory::update(pointer, take, &given) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult prefetch(CUdeviceptr pointer, std::size_t bytes, CUmemLocation location, unsigned flags, CUstream handle,
                  Default zero) {
  return with_stream(handle, zero, [&](Context&, Stream&) {
    if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
    if (const CUresult result = check_range(pointer, bytes); result != CUDA_SUCCESS) return result;
    if (const CUresult result = check_location(location); result != CUDA_SUCCESS) return result;
    const auto arrive = [](Memory& target, void* data) {
      target.prefetched_type = static_cast<CUmemLocation*>(data)->type;
      target.prefetched_id = static_cast<CUmemLocation*>(data)->id;
    };
    return memory::update(pointer, arrive, &location) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

// What the questions that know devices only answer for a location.
int device_of(int type, int id) {
  if (type == CU_MEM_LOCATION_TYPE_INVALID) return kInvalidDevice;
  return type == CU_MEM_LOCATION_TYPE_DEVICE ? id : kCpu;
}

// The newer questions know the nodes of the host as well.
int id_of(int type, int id) { return type == CU_MEM_LOCATION_TYPE_HOST_NUMA ? id : device_of(type, id); }

// The devices that were advised, as many as there is room for, the rest of it filled with "none".
CUresult tell_accessed_by(const Memory& found, int* out, std::size_t bytes) {
  if (bytes == 0 || bytes % sizeof(int) != 0) return CUDA_ERROR_INVALID_VALUE;
  const std::size_t room = bytes / sizeof(int);
  std::size_t count = 0;
  for (int device = kCpu; device < vgpu::device::visible().count && count < room; ++device) {
    if ((found.accessed_by >> (device + 1) & 1) != 0) out[count++] = device;
  }
  while (count < room) out[count++] = kInvalidDevice;
  return CUDA_SUCCESS;
}

CUresult tell(const Memory& found, int attribute, void* data, std::size_t bytes) {
  if (data == nullptr) return CUDA_ERROR_INVALID_VALUE;
  auto* out = static_cast<int*>(data);
  if (attribute == CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY) return tell_accessed_by(found, out, bytes);
  if (bytes != sizeof(int)) return CUDA_ERROR_INVALID_VALUE;
  switch (attribute) {
    case CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY: *out = found.read_mostly ? 1 : 0; break;
    case CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION: *out = device_of(found.preferred_type, found.preferred_id); break;
    case CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION:
      *out = device_of(found.prefetched_type, found.prefetched_id);
      break;
    case CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE: *out = found.preferred_type; break;
    case CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID: *out = id_of(found.preferred_type, found.preferred_id); break;
    case CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE: *out = found.prefetched_type; break;
    case CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID:
      *out = id_of(found.prefetched_type, found.prefetched_id);
      break;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
  return CUDA_SUCCESS;
}

struct Ranges {
  const CUdeviceptr* pointers;
  const std::size_t* sizes;
  std::size_t count;
  const CUmemLocation* locations;
  const std::size_t* starts;  // the first range that goes to locations[k]
  std::size_t location_count;
};

bool valid(const Ranges& ranges) {
  if (ranges.pointers == nullptr || ranges.sizes == nullptr || ranges.locations == nullptr ||
      ranges.starts == nullptr) {
    return false;
  }
  if (ranges.count == 0 || ranges.location_count == 0 || ranges.location_count > ranges.count ||
      ranges.starts[0] != 0) {
    return false;
  }
  for (std::size_t k = 1; k < ranges.location_count; ++k) {
    if (ranges.starts[k] <= ranges.starts[k - 1] || ranges.starts[k] >= ranges.count) return false;
  }
  return true;
}

CUresult prefetch_batch(const Ranges& ranges, unsigned long long flags, CUstream handle, Default zero) {
  return with_stream(handle, zero, [&](Context&, Stream&) {
    if (flags != 0 || !valid(ranges)) return CUDA_ERROR_INVALID_VALUE;
    std::size_t k = 0;
    for (std::size_t i = 0; i < ranges.count; ++i) {
      while (k + 1 < ranges.location_count && ranges.starts[k + 1] <= i) ++k;
      const CUresult result = prefetch(ranges.pointers[i], ranges.sizes[i], ranges.locations[k], 0, handle, zero);
      if (result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
  });
}

// Contents that are discarded may be anything: what they are.
CUresult discard_batch(const CUdeviceptr* pointers, const std::size_t* sizes, std::size_t count,
                       unsigned long long flags, CUstream handle, Default zero) {
  return with_stream(handle, zero, [&](Context&, Stream&) {
    if (pointers == nullptr || sizes == nullptr || count == 0 || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    for (std::size_t i = 0; i < count; ++i) {
      if (const CUresult result = check_range(pointers[i], sizes[i]); result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
  });
}

}  // namespace

VGPU_CUDA cuMemAdvise(CUdeviceptr pointer, std::size_t bytes, int advice, CUdevice device) {
  return advise(pointer, bytes, advice, location_of(device));
}
VGPU_CUDA cuMemAdvise_v2(CUdeviceptr pointer, std::size_t bytes, int advice, CUmemLocation location) {
  return advise(pointer, bytes, advice, location);
}

VGPU_CUDA_STREAM(cuMemPrefetchAsync, _ptsz, (CUdeviceptr pointer, std::size_t bytes, CUdevice device, CUstream stream),
                 (pointer, bytes, device, stream)) {
  return prefetch(pointer, bytes, location_of(device), 0, stream, zero);
}
VGPU_CUDA_STREAM(cuMemPrefetchAsync_v2, _ptsz,
                 (CUdeviceptr pointer, std::size_t bytes, CUmemLocation location, unsigned flags, CUstream stream),
                 (pointer, bytes, location, flags, stream)) {
  return prefetch(pointer, bytes, location, flags, stream, zero);
}
VGPU_CUDA_STREAM(cuMemPrefetchBatchAsync, _ptsz,
                 (CUdeviceptr * pointers, std::size_t* sizes, std::size_t count, CUmemLocation* locations,
                  std::size_t* starts, std::size_t location_count, unsigned long long flags, CUstream stream),
                 (pointers, sizes, count, locations, starts, location_count, flags, stream)) {
  return prefetch_batch({pointers, sizes, count, locations, starts, location_count}, flags, stream, zero);
}
VGPU_CUDA_STREAM(cuMemDiscardBatchAsync, _ptsz,
                 (CUdeviceptr * pointers, std::size_t* sizes, std::size_t count, unsigned long long flags,
                  CUstream stream),
                 (pointers, sizes, count, flags, stream)) {
  return discard_batch(pointers, sizes, count, flags, stream, zero);
}
VGPU_CUDA_STREAM(cuMemDiscardAndPrefetchBatchAsync, _ptsz,
                 (CUdeviceptr * pointers, std::size_t* sizes, std::size_t count, CUmemLocation* locations,
                  std::size_t* starts, std::size_t location_count, unsigned long long flags, CUstream stream),
                 (pointers, sizes, count, locations, starts, location_count, flags, stream)) {
  return prefetch_batch({pointers, sizes, count, locations, starts, location_count}, flags, stream, zero);
}

VGPU_CUDA cuMemRangeGetAttribute(void* data, std::size_t size, int attribute, CUdeviceptr pointer, std::size_t bytes) {
  return with_context([&](Context&) {
    if (const CUresult result = check_range(pointer, bytes); result != CUDA_SUCCESS) return result;
    Memory found = {};
    return memory::find(pointer, found) ? tell(found, attribute, data, size) : CUDA_ERROR_INVALID_VALUE;
  });
}

VGPU_CUDA cuMemRangeGetAttributes(void** data, std::size_t* sizes, int* attributes, std::size_t count,
                                  CUdeviceptr pointer, std::size_t bytes) {
  return with_context([&](Context&) {
    if (data == nullptr || sizes == nullptr || attributes == nullptr || count == 0) return CUDA_ERROR_INVALID_VALUE;
    if (const CUresult result = check_range(pointer, bytes); result != CUDA_SUCCESS) return result;
    Memory found = {};
    if (!memory::find(pointer, found)) return CUDA_ERROR_INVALID_VALUE;
    for (std::size_t i = 0; i < count; ++i) {
      if (const CUresult result = tell(found, attributes[i], data[i], sizes[i]); result != CUDA_SUCCESS) return result;
    }
    return CUDA_SUCCESS;
  });
}
