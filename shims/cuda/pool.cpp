// Memory pools: making, ending, attributes. What is freed goes back to the device at once, whatever the release
// threshold says: a pool that kept it would hide it from cuMemGetInfo for no gain.
#include "shims/cuda/pool.h"

#include <string.h>

#include "shims/device/lock.h"

using namespace vgpu::cuda;
using vgpu::device::Guard;
using vgpu::device::Handle;
using vgpu::device::Kind;
using vgpu::device::Memory;
using vgpu::device::MemoryKind;
using vgpu::device::Pool;
namespace device = vgpu::device;
namespace memory = vgpu::device::memory;

namespace {

// By visible ordinal; guarded by global_lock.
constinit Handle defaults[device::kMaxDevices] = {};
constinit Handle currents[device::kMaxDevices] = {};

constexpr int kNoAccess = 0;
constexpr int kRead = 1;
constexpr int kReadWrite = 3;

Pool* look_up(Handle handle) { return device::handles.find<Pool>(Kind::pool, handle); }

// The caller holds global_lock.
Handle create_locked(CUdevice owner, bool is_default, std::uint64_t max_size) {
  Handle handle = 0;
  auto* pool = device::handles.create<Pool>(Kind::pool, handle);
  if (pool == nullptr) return 0;
  pool->device = owner;
  pool->is_default = is_default;
  pool->max_size = max_size;
  for (std::int32_t& reuse : pool->reuse) reuse = 1;
  device::handles.publish(handle);
  return handle;
}

bool zero(const unsigned char* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

// Pools of a device's memory only; the attributes say that there are none on the host, and no handle to share one.
CUresult check_location(const CUmemLocation& location) {
  switch (location.type) {
    case CU_MEM_LOCATION_TYPE_DEVICE: return valid_device(location.id) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
    case CU_MEM_LOCATION_TYPE_HOST:
    case CU_MEM_LOCATION_TYPE_HOST_NUMA:
    case CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT: return CUDA_ERROR_NOT_SUPPORTED;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

CUresult check_type(int type) {
  if (type == CU_MEM_ALLOCATION_TYPE_PINNED) return CUDA_SUCCESS;
  return type == CU_MEM_ALLOCATION_TYPE_MANAGED ? CUDA_ERROR_NOT_SUPPORTED : CUDA_ERROR_INVALID_VALUE;
}

template <typename Body>
CUresult with_pool(CUmemoryPool handle, Body body) {
  return with_driver([&] {
    const Guard guard(device::global_lock);
    Pool* pool = find_pool(handle);
    return pool != nullptr ? body(*pool) : CUDA_ERROR_INVALID_VALUE;
  });
}

CUresult give(CUmemoryPool* out, Handle pool) {
  if (pool == 0) return CUDA_ERROR_OUT_OF_MEMORY;
  *out = pointer_of<CUmemoryPool>(pool);
  return CUDA_SUCCESS;
}

CUresult get_attribute(const Pool& pool, int attribute, void* value) {
  const auto tell = [&](std::uint64_t answer) {
    memcpy(value, &answer, sizeof answer);
    return CUDA_SUCCESS;
  };
  switch (attribute) {
    case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
    case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
    case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
      memcpy(value, &pool.reuse[attribute - 1], sizeof pool.reuse[0]);
      return CUDA_SUCCESS;
    case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD: return tell(pool.release_threshold);
    case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT:
    case CU_MEMPOOL_ATTR_USED_MEM_CURRENT: return tell(pool.used);
    case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH: return tell(pool.reserved_high);
    case CU_MEMPOOL_ATTR_USED_MEM_HIGH: return tell(pool.used_high);
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

// High-water marks can be reset to what is there now, by 0, and not be set.
CUresult set_attribute(Pool& pool, int attribute, const void* value) {
  std::uint64_t wide = 0;
  switch (attribute) {
    case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
    case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
    case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
      memcpy(&pool.reuse[attribute - 1], value, sizeof pool.reuse[0]);
      return CUDA_SUCCESS;
    case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD: memcpy(&pool.release_threshold, value, sizeof wide); return CUDA_SUCCESS;
    case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
    case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
      memcpy(&wide, value, sizeof wide);
      if (wide != 0) return CUDA_ERROR_INVALID_VALUE;
      (attribute == CU_MEMPOOL_ATTR_USED_MEM_HIGH ? pool.used_high : pool.reserved_high) = pool.used;
      return CUDA_SUCCESS;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

}  // namespace

namespace vgpu::cuda {

Pool* find_pool(CUmemoryPool pool) { return look_up(handle_of(pool)); }

Handle default_pool(CUdevice owner) {
  const Guard guard(device::global_lock);
  if (defaults[owner] == 0) defaults[owner] = create_locked(owner, true, 0);
  return defaults[owner];
}

// A pool that was current and is destroyed leaves the place to the default one.
Handle current_pool(CUdevice owner) {
  {
    const Guard guard(device::global_lock);
    if (look_up(currents[owner]) != nullptr) return currents[owner];
  }
  return default_pool(owner);
}

void set_current_pool(CUdevice owner, Handle pool) {
  const Guard guard(device::global_lock);
  currents[owner] = pool;
}

CUresult allocate_pooled(Handle handle, std::size_t bytes, CUdeviceptr& out) {
  if (bytes == 0) return out = 0, CUDA_SUCCESS;
  Memory wanted = {};
  wanted.size = bytes;
  wanted.pool = handle;
  wanted.kind = MemoryKind::pooled;
  const std::uint64_t charge = memory::charge(bytes);
  {
    const Guard guard(device::global_lock);
    Pool* pool = look_up(handle);
    if (pool == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (pool->max_size != 0 && (pool->used > pool->max_size || charge > pool->max_size - pool->used)) {
      return CUDA_ERROR_OUT_OF_MEMORY;
    }
    wanted.device = pool->device;
    pool->used += charge;
  }
  const bool done = memory::allocate(wanted) == memory::Outcome::done;
  if (!done) {
    freed(wanted);
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  out = wanted.base;
  const Guard guard(device::global_lock);
  if (Pool* pool = look_up(handle)) {
    if (pool->used > pool->used_high) pool->used_high = pool->used;
    if (pool->used > pool->reserved_high) pool->reserved_high = pool->used;
  }
  return CUDA_SUCCESS;
}

void freed(const Memory& ended) {
  if (ended.kind != MemoryKind::pooled) return;
  const Guard guard(device::global_lock);
  if (Pool* pool = look_up(ended.pool)) pool->used -= memory::charge(ended.size);
}

}  // namespace vgpu::cuda

VGPU_CUDA cuDeviceGetDefaultMemPool(CUmemoryPool* out, CUdevice owner) {
  return with_device(owner, [&] { return out == nullptr ? CUDA_ERROR_INVALID_VALUE : give(out, default_pool(owner)); });
}

VGPU_CUDA cuDeviceGetMemPool(CUmemoryPool* out, CUdevice owner) {
  return with_device(owner, [&] { return out == nullptr ? CUDA_ERROR_INVALID_VALUE : give(out, current_pool(owner)); });
}

VGPU_CUDA cuDeviceSetMemPool(CUdevice owner, CUmemoryPool handle) {
  return with_device(owner, [&] {
    const Pool* pool = find_pool(handle);
    if (pool == nullptr || pool->device != owner) return CUDA_ERROR_INVALID_VALUE;
    set_current_pool(owner, handle_of(handle));
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuMemGetDefaultMemPool(CUmemoryPool* out, CUmemLocation* location, int type) {
  return with_driver([&] {
    if (out == nullptr || location == nullptr) return CUDA_ERROR_INVALID_VALUE;
    CUresult result = check_type(type);
    if (result == CUDA_SUCCESS) result = check_location(*location);
    return result == CUDA_SUCCESS ? give(out, default_pool(location->id)) : result;
  });
}

VGPU_CUDA cuMemGetMemPool(CUmemoryPool* out, CUmemLocation* location, int type) {
  return with_driver([&] {
    if (out == nullptr || location == nullptr) return CUDA_ERROR_INVALID_VALUE;
    CUresult result = check_type(type);
    if (result == CUDA_SUCCESS) result = check_location(*location);
    return result == CUDA_SUCCESS ? give(out, current_pool(location->id)) : result;
  });
}

VGPU_CUDA cuMemSetMemPool(CUmemLocation* location, int type, CUmemoryPool handle) {
  return with_driver([&] {
    if (location == nullptr) return CUDA_ERROR_INVALID_VALUE;
    CUresult result = check_type(type);
    if (result == CUDA_SUCCESS) result = check_location(*location);
    return result == CUDA_SUCCESS ? cuDeviceSetMemPool(location->id, handle) : result;
  });
}

VGPU_CUDA cuMemPoolCreate(CUmemoryPool* out, const CUmemPoolProps* properties) {
  return with_driver([&] {
    if (out == nullptr || properties == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!zero(properties->reserved, sizeof properties->reserved)) return CUDA_ERROR_INVALID_VALUE;
    if (properties->win32SecurityAttributes != nullptr) return CUDA_ERROR_INVALID_VALUE;
    CUresult result = check_type(properties->allocType);
    if (result == CUDA_SUCCESS) result = check_location(properties->location);
    if (result == CUDA_SUCCESS && properties->handleTypes != 0) result = CUDA_ERROR_NOT_SUPPORTED;
    if (result != CUDA_SUCCESS) return result;
    const Guard guard(device::global_lock);
    return give(out, create_locked(properties->location.id, false, properties->maxSize));
  });
}

// What was allocated from it stays until it is freed.
VGPU_CUDA cuMemPoolDestroy(CUmemoryPool handle) {
  return with_pool(handle, [&](const Pool& pool) {
    if (pool.is_default) return CUDA_ERROR_INVALID_VALUE;
    return device::handles.destroy(Kind::pool, handle_of(handle)) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

// There is never anything to give back.
VGPU_CUDA cuMemPoolTrimTo(CUmemoryPool handle, std::size_t) {
  return with_pool(handle, [](const Pool&) { return CUDA_SUCCESS; });
}

VGPU_CUDA cuMemPoolGetAttribute(CUmemoryPool handle, int attribute, void* value) {
  return with_pool(handle, [&](const Pool& pool) {
    return value == nullptr ? CUDA_ERROR_INVALID_VALUE : get_attribute(pool, attribute, value);
  });
}

VGPU_CUDA cuMemPoolSetAttribute(CUmemoryPool handle, int attribute, void* value) {
  return with_pool(handle, [&](Pool& pool) {
    return value == nullptr ? CUDA_ERROR_INVALID_VALUE : set_attribute(pool, attribute, value);
  });
}

// Its own device always has all rights, and they cannot be taken from it.
VGPU_CUDA cuMemPoolSetAccess(CUmemoryPool handle, const CUmemAccessDesc* access, std::size_t count) {
  return with_pool(handle, [&](Pool& pool) {
    if (access == nullptr && count != 0) return CUDA_ERROR_INVALID_VALUE;
    for (std::size_t i = 0; i < count; ++i) {
      const auto& [location, flags] = access[i];
      if (location.type != CU_MEM_LOCATION_TYPE_DEVICE) return CUDA_ERROR_INVALID_VALUE;
      if (!valid_device(location.id)) return CUDA_ERROR_INVALID_DEVICE;
      if (flags != kNoAccess && flags != kRead && flags != kReadWrite) return CUDA_ERROR_INVALID_VALUE;
      if (location.id == pool.device && flags != kReadWrite) return CUDA_ERROR_INVALID_DEVICE;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const unsigned bit = 1U << access[i].location.id;
      pool.readable = access[i].flags != kNoAccess ? pool.readable | bit : pool.readable & ~bit;
      pool.writable = access[i].flags == kReadWrite ? pool.writable | bit : pool.writable & ~bit;
    }
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuMemPoolGetAccess(int* flags, CUmemoryPool handle, CUmemLocation* location) {
  return with_pool(handle, [&](const Pool& pool) {
    if (flags == nullptr || location == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (location->type != CU_MEM_LOCATION_TYPE_DEVICE || !valid_device(location->id)) return CUDA_ERROR_INVALID_VALUE;
    const unsigned bit = 1U << location->id;
    const bool own = location->id == pool.device;
    *flags = own || (pool.writable & bit) != 0 ? kReadWrite : (pool.readable & bit) != 0 ? kRead : kNoAccess;
    return CUDA_SUCCESS;
  });
}
