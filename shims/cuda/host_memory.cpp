// Page-locked host memory: allocated here, or the program's own made known.
#include "shims/cuda/memory_call.h"
#include "shims/cuda/range.h"
#include "shims/device/work.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Memory;
using vgpu::device::MemoryKind;
namespace memory = vgpu::device::memory;
namespace work = vgpu::device::work;

namespace {

constexpr unsigned kHostAllocFlags = kHostAllocPortable | kHostAllocDeviceMap | kHostAllocWriteCombined;
constexpr unsigned kHostRegisterFlags =
    kHostRegisterPortable | kHostRegisterDeviceMap | kHostRegisterIoMemory | kHostRegisterReadOnly;

std::uint64_t number(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }

bool on_host(MemoryKind kind) { return kind == MemoryKind::pinned || kind == MemoryKind::registered; }

// With unified addressing every allocation is mapped, whatever was asked for, and says so.
CUresult allocate_host(void** out, std::size_t bytes, unsigned flags) {
  return with_context([&](Context& context) {
    if (out == nullptr || (flags & ~kHostAllocFlags) != 0) return CUDA_ERROR_INVALID_VALUE;
    if (bytes == 0) return *out = nullptr, CUDA_SUCCESS;
    CUdeviceptr address = 0;
    const CUresult result = allocate(context, MemoryKind::pinned, bytes, flags | kHostAllocDeviceMap, address);
    if (result == CUDA_SUCCESS) *out = reinterpret_cast<void*>(address);
    return result;
  });
}

}  // namespace

VGPU_CUDA cuMemHostAlloc(void** out, std::size_t bytes, unsigned flags) { return allocate_host(out, bytes, flags); }

VGPU_CUDA cuMemAllocHost_v2(void** out, std::size_t bytes) { return allocate_host(out, bytes, 0); }
VGPU_CUDA cuMemAllocHost(void** out, unsigned bytes) { return allocate_host(out, bytes, 0); }

VGPU_CUDA cuMemFreeHost(void* pointer) {
  return with_context([&](Context&) {
    Memory found = {};
    if (pointer == nullptr) return CUDA_SUCCESS;
    if (!memory::find_base(number(pointer), found) || found.kind != MemoryKind::pinned) return CUDA_ERROR_INVALID_VALUE;
    work::wait_all();
    const auto pinned = [](MemoryKind kind) { return kind == MemoryKind::pinned; };
    return memory::free(number(pointer), pinned) == memory::Outcome::done ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

VGPU_CUDA cuMemHostRegister_v2(void* pointer, std::size_t bytes, unsigned flags) {
  return with_context([&](Context& context) {
    if (pointer == nullptr || bytes == 0 || (flags & ~kHostRegisterFlags) != 0) return CUDA_ERROR_INVALID_VALUE;
    std::uint64_t end = 0;
    if (__builtin_add_overflow(number(pointer), bytes, &end)) return CUDA_ERROR_INVALID_VALUE;
    // Memory of a device's file is what I/O memory means, and there is no device.
    if ((flags & kHostRegisterIoMemory) != 0) return CUDA_ERROR_NOT_SUPPORTED;
    if (!mapped(number(pointer), bytes)) return CUDA_ERROR_INVALID_VALUE;
    Memory wanted = {};
    wanted.base = number(pointer);
    wanted.size = bytes;
    wanted.context = context.self;
    wanted.device = context.device;
    wanted.flags = flags | kHostRegisterDeviceMap;
    wanted.kind = MemoryKind::registered;
    switch (memory::enter_registered(wanted)) {
      case memory::Outcome::done: return CUDA_SUCCESS;
      case memory::Outcome::out_of_memory: return CUDA_ERROR_OUT_OF_MEMORY;
      default: break;
    }
    // What is in the way: registered memory is an error of its own, memory of ours is simply the wrong kind.
    Memory holder = {};
    const bool ours = memory::find(number(pointer), holder) && holder.kind != MemoryKind::registered;
    return ours ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
  });
}
VGPU_CUDA_ALIAS(cuMemHostRegister, cuMemHostRegister_v2);

VGPU_CUDA cuMemHostUnregister(void* pointer) {
  return with_context([&](Context&) {
    if (pointer == nullptr) return CUDA_ERROR_INVALID_VALUE;
    Memory found = {};
    if (!memory::find(number(pointer), found)) return CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
    if (found.kind != MemoryKind::registered || found.base != number(pointer)) return CUDA_ERROR_INVALID_VALUE;
    work::wait_all();
    const auto registered = [](MemoryKind kind) { return kind == MemoryKind::registered; };
    const bool done = memory::free(number(pointer), registered) == memory::Outcome::done;
    return done ? CUDA_SUCCESS : CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
  });
}

// The address serves both sides.
VGPU_CUDA cuMemHostGetDevicePointer_v2(CUdeviceptr* device, void* host, unsigned flags) {
  return with_context([&](Context&) {
    Memory found = {};
    if (device == nullptr || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    if (!memory::find(number(host), found) || !on_host(found.kind)) return CUDA_ERROR_INVALID_VALUE;
    *device = number(host);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuMemHostGetFlags(unsigned* flags, void* host) {
  return with_context([&](Context&) {
    Memory found = {};
    if (flags == nullptr || !memory::find(number(host), found) || !on_host(found.kind)) return CUDA_ERROR_INVALID_VALUE;
    *flags = found.flags;
    return CUDA_SUCCESS;
  });
}
