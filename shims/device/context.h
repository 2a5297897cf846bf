// Contexts, the primary context of each device, and each thread's stack of current contexts.
#pragma once

#include <atomic>
#include <cstdint>

#include "shims/device/handles.h"

namespace vgpu::device {

struct Context {
  Handle self;
  std::uint64_t id;     // cuCtxGetId; never used again in this process
  std::int32_t device;  // visible ordinal
  bool primary;
  std::uint32_t flags;  // CU_CTX_*
  std::uint32_t api_version;
  std::uint32_t attached;  // cuCtxAttach's count; 1 at creation
  std::int32_t cache_config;
  std::uint64_t limits[10];  // by CUlimit
  std::uint32_t peers;       // bit n: cuCtxEnablePeerAccess to device n
  Handle default_stream;     // the stream that CU_STREAM_LEGACY stands for
  Handle record_queue;       // of cuCtxRecordEvent and cuCtxWaitEvent (work.h); 0 until they have something to wait for
  Handle gate_queue;
};

struct ContextRequest {
  int device;
  unsigned flags;
  unsigned api_version;
};

namespace contexts {

// A new context, current nowhere yet; null when there is no room. Its limits are the device's defaults.
Context* create(const ContextRequest& request);

// The live context behind `handle`, or null.
Context* find(Handle handle);

// Ends a context: its streams, events, modules and memory go with it. False when it was none.
bool destroy(Handle handle);

// The primary context of `device`, created when nobody holds it; counts one more holder. Null when there is no room.
Context* retain_primary(int device);

// One holder less; the last one ends the context. False when nobody held it.
bool release_primary(int device);

// Ends the primary context's resources whoever holds it, and makes it inactive.
void reset_primary(int device);

// The flags the primary context has or will have, and whether it is active.
std::uint32_t primary_flags(int device);
bool primary_active(int device);
void set_primary_flags(int device, std::uint32_t flags);

}  // namespace contexts

// The calling thread's stack of current contexts.
namespace current {

Handle top();                // 0 when there is none
bool push(Handle context);   // false when there is no memory
bool pop(Handle& context);   // false when the stack is empty
bool set(Handle context);    // replaces the top; 0 pops it
bool holds(Handle context);  // is it the top

}  // namespace current
}  // namespace vgpu::device
