// Streams. Nothing is pending on one at any time (shims/device/objects.h), so waiting for one returns at once.
#include "shims/cuda/stream.h"

#include "shims/device/lock.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Handle;
using vgpu::device::Kind;
using vgpu::device::Stream;

namespace vgpu::cuda {
namespace {

Stream* stream_behind(Handle handle) { return device::handles.find<Stream>(Kind::stream, handle); }

}  // namespace

Stream* find_stream(const Context& context, CUstream handle) {
  switch (reinterpret_cast<std::uintptr_t>(handle)) {
    case 0:
    case kStreamLegacy: return stream_behind(context.default_stream);
    case kStreamPerThread: return stream_behind(context.thread_stream);
    default: return stream_behind(handle_of(handle));
  }
}

Stream* find_stream_ptsz(const Context& context, CUstream handle) {
  return find_stream(context, handle == nullptr ? pointer_of<CUstream>(kStreamPerThread) : handle);
}

}  // namespace vgpu::cuda
