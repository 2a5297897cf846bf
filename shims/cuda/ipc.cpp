// Sharing memory and events with other processes: not there, as CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED and the handle
// types say. What can be wrong about the question is told first.
#include "shims/cuda/memory_call.h"
#include "shims/cuda/pool.h"
#include "shims/device/log.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Memory;
namespace memory = vgpu::device::memory;

namespace {

// CUipcEventHandle and CUipcMemHandle: passed by value, in memory.
struct IpcHandle {
  char reserved[64];
};

CUresult refuse(const char* function, bool& logged) {
  vgpu::not_supported_once(kLibraryName, function, logged);
  return CUDA_ERROR_NOT_SUPPORTED;
}

#define VGPU_REFUSE(function)             \
  [] {                                    \
    static constinit bool logged = false; \
    return refuse(function, logged);      \
  }()

}  // namespace

VGPU_CUDA cuIpcGetMemHandle(IpcHandle* out, CUdeviceptr pointer) {
  return with_context([&](Context&) {
    Memory found = {};
    if (out == nullptr || !memory::find(pointer, found) || !found.on_device()) return CUDA_ERROR_INVALID_VALUE;
    return VGPU_REFUSE("cuIpcGetMemHandle");
  });
}

VGPU_CUDA cuIpcOpenMemHandle_v2(CUdeviceptr* out, IpcHandle, unsigned flags) {
  return with_context([&](Context&) {
    constexpr unsigned kLazyPeerAccess = 1;  // the only flag, and a required one
    if (out == nullptr || flags != kLazyPeerAccess) return CUDA_ERROR_INVALID_VALUE;
    return VGPU_REFUSE("cuIpcOpenMemHandle");
  });
}
VGPU_CUDA_ALIAS(cuIpcOpenMemHandle, cuIpcOpenMemHandle_v2);

// Nothing was opened.
VGPU_CUDA cuIpcCloseMemHandle(CUdeviceptr) {
  return with_context([](Context&) { return CUDA_ERROR_INVALID_VALUE; });
}

VGPU_CUDA cuIpcGetEventHandle(IpcHandle* out, CUevent event) {
  return with_context([&](Context&) {
    if (out == nullptr) return CUDA_ERROR_INVALID_VALUE;
    using vgpu::device::Event;
    if (vgpu::device::handles.find<Event>(vgpu::device::Kind::event, handle_of(event)) == nullptr)
      return CUDA_ERROR_INVALID_HANDLE;
    return VGPU_REFUSE("cuIpcGetEventHandle");
  });
}

VGPU_CUDA cuIpcOpenEventHandle(CUevent* out, IpcHandle) {
  return with_context(
      [&](Context&) { return out == nullptr ? CUDA_ERROR_INVALID_VALUE : VGPU_REFUSE("cuIpcOpenEventHandle"); });
}

VGPU_CUDA cuMemPoolExportToShareableHandle(void* out, CUmemoryPool pool, int, unsigned long long flags) {
  return with_driver([&] {
    if (out == nullptr || flags != 0 || find_pool(pool) == nullptr) return CUDA_ERROR_INVALID_VALUE;
    return VGPU_REFUSE("cuMemPoolExportToShareableHandle");
  });
}

VGPU_CUDA cuMemPoolImportFromShareableHandle(CUmemoryPool* out, void*, int, unsigned long long flags) {
  return with_driver([&] {
    if (out == nullptr || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    return VGPU_REFUSE("cuMemPoolImportFromShareableHandle");
  });
}

VGPU_CUDA cuMemPoolExportPointer(void* out, CUdeviceptr pointer) {
  return with_driver([&] {
    Memory found = {};
    const bool pooled = memory::find(pointer, found) && found.kind == vgpu::device::MemoryKind::pooled;
    if (out == nullptr || !pooled) return CUDA_ERROR_INVALID_VALUE;
    return VGPU_REFUSE("cuMemPoolExportPointer");
  });
}

VGPU_CUDA cuMemPoolImportPointer(CUdeviceptr* out, CUmemoryPool pool, void* data) {
  return with_driver([&] {
    if (out == nullptr || data == nullptr || find_pool(pool) == nullptr) return CUDA_ERROR_INVALID_VALUE;
    return VGPU_REFUSE("cuMemPoolImportPointer");
  });
}
