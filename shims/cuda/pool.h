// Memory pools, and what is allocated in the order of a stream.
#pragma once

#include "shims/cuda/call.h"
#include "shims/device/memory.h"

namespace vgpu::cuda {

// The pool behind a handle, or null. Fields change under global_lock.
device::Pool* find_pool(CUmemoryPool pool);

// The pool a device has from the start, and the one it uses for cuMemAllocAsync. 0 when there is no memory for one.
device::Handle default_pool(CUdevice device);
device::Handle current_pool(CUdevice device);
void set_current_pool(CUdevice device, device::Handle pool);

// Memory of `pool` for the pool's device; charged like any.
CUresult allocate_pooled(device::Handle pool, std::size_t bytes, CUdeviceptr& out);

// To be called for everything that was freed: a pool's books.
void freed(const device::Memory& memory);

}  // namespace vgpu::cuda
