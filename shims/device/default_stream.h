// The streams that nobody makes: the legacy default stream, which a context has from its beginning, and each thread's own
// in each context (CU_STREAM_PER_THREAD), made when the thread first asks for it there. The latter ends with the context
// or with the thread, whichever is first; what it was asked for until then is still done.
#pragma once

#include "shims/device/context.h"
#include "shims/device/objects.h"

namespace vgpu::device {

// A number for cuStreamGetId, never used again in this process.
std::uint64_t next_stream_id();

// 0 when there is no room. The caller holds global_lock.
Handle make_default_stream(Handle context);

// The calling thread's own in `context`; null when there is no room.
Stream* thread_stream(const Context& context);

}  // namespace vgpu::device
