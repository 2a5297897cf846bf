// Attributes of streams: kept and told, of no effect on work that is done at once.
#include <string.h>

#include "shims/cuda/priority.h"
#include "shims/cuda/stream.h"
#include "shims/device/lock.h"
#include "shims/device/memory.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Guard;
using vgpu::device::Memory;
using vgpu::device::MemoryKind;
using vgpu::device::Stream;

namespace {

constexpr int kLastSyncPolicy = 4;  // CU_SYNC_POLICY_BLOCKING_SYNC
constexpr int kLastSyncDomain = 1;  // CU_LAUNCH_MEM_SYNC_DOMAIN_REMOTE

CUresult get(const Stream& stream, int attribute, CUlaunchAttributeValue& value) {
  const Guard guard(vgpu::device::global_lock);
  switch (attribute) {
    case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
      memcpy(value.pad, stream.access_window, sizeof stream.access_window);
      return CUDA_SUCCESS;
    case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY: value.syncPolicy = stream.sync_policy; return CUDA_SUCCESS;
    case CU_LAUNCH_ATTRIBUTE_PRIORITY: value.priority = stream.priority; return CUDA_SUCCESS;
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
      memcpy(value.pad, stream.sync_domain_map, sizeof stream.sync_domain_map);
      return CUDA_SUCCESS;
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN: value.syncPolicy = stream.sync_domain; return CUDA_SUCCESS;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

CUresult set(Stream& stream, int attribute, const CUlaunchAttributeValue& value) {
  const Guard guard(vgpu::device::global_lock);
  switch (attribute) {
    case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
      memcpy(stream.access_window, value.pad, sizeof stream.access_window);
      return CUDA_SUCCESS;
    case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY:
      if (value.syncPolicy < 1 || value.syncPolicy > kLastSyncPolicy) return CUDA_ERROR_INVALID_VALUE;
      stream.sync_policy = value.syncPolicy;
      return CUDA_SUCCESS;
    case CU_LAUNCH_ATTRIBUTE_PRIORITY: stream.priority = cut_priority(value.priority); return CUDA_SUCCESS;
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
      memcpy(stream.sync_domain_map, value.pad, sizeof stream.sync_domain_map);
      return CUDA_SUCCESS;
    case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
      if (value.syncPolicy < 0 || value.syncPolicy > kLastSyncDomain) return CUDA_ERROR_INVALID_VALUE;
      stream.sync_domain = value.syncPolicy;
      return CUDA_SUCCESS;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

}  // namespace

VGPU_CUDA_STREAM(cuStreamGetAttribute, _ptsz, (CUstream handle, int attribute, CUlaunchAttributeValue* value),
                 (handle, attribute, value)) {
  return with_stream(handle, zero, [&](const Context&, const Stream& stream) {
    return value == nullptr ? CUDA_ERROR_INVALID_VALUE : get(stream, attribute, *value);
  });
}

VGPU_CUDA_STREAM(cuStreamSetAttribute, _ptsz, (CUstream handle, int attribute, const CUlaunchAttributeValue* value),
                 (handle, attribute, value)) {
  return with_stream(handle, zero, [&](const Context&, Stream& stream) {
    return value == nullptr ? CUDA_ERROR_INVALID_VALUE : set(stream, attribute, *value);
  });
}

// Between streams of one context.
VGPU_CUDA_STREAM(cuStreamCopyAttributes, _ptsz, (CUstream to, CUstream from), (to, from)) {
  return with_stream(to, zero, [&](const Context& context, Stream& target) {
    const Stream* source = find_stream(context, from, zero);
    if (source == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (source->context != target.context) return CUDA_ERROR_INVALID_CONTEXT;
    const Guard guard(vgpu::device::global_lock);
    target.sync_policy = source->sync_policy;
    target.sync_domain = source->sync_domain;
    memcpy(target.sync_domain_map, source->sync_domain_map, sizeof target.sync_domain_map);
    memcpy(target.access_window, source->access_window, sizeof target.access_window);
    return CUDA_SUCCESS;
  });
}

// Which side may touch managed memory when. Here both always may, so what is left is to check the question.
VGPU_CUDA_STREAM(cuStreamAttachMemAsync, _ptsz,
                 (CUstream handle, CUdeviceptr pointer, std::size_t bytes, unsigned flags),
                 (handle, pointer, bytes, flags)) {
  return with_stream(handle, zero, [&](const Context& context, const Stream& stream) {
    if (flags != kAttachGlobal && flags != kAttachHost && flags != kAttachSingle) return CUDA_ERROR_INVALID_VALUE;
    // The default stream is no single one.
    if (flags == kAttachSingle && stream.self == context.default_stream) return CUDA_ERROR_INVALID_VALUE;
    Memory found = {};
    if (!vgpu::device::memory::find_base(pointer, found) || !found.is_managed()) return CUDA_ERROR_INVALID_VALUE;
    return bytes == 0 || bytes == found.size ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}
