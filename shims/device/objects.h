// What hangs off a context or a device besides memory. Plain data in slots of the handle table (handles.h); fields that may
// change after creation are atomic or written under global_lock.
#pragma once

#include <atomic>
#include <cstdint>

#include "shims/device/handles.h"

namespace vgpu::device {

// Work is done when it is asked for, in the calling thread, so a stream has nothing pending at any time: it is an identity
// with flags. Two streams are ordered like the calls that used them, which is stricter than any program may rely on.
struct Stream {
  Handle context;
  std::uint64_t id;  // cuStreamGetId
  std::uint32_t flags;
  std::int32_t priority;
};

struct Event {
  Handle context;
  std::uint32_t flags;
  bool recorded;
  std::uint64_t time;  // backend::clock()
};

// An image that was accepted: a fat binary, a cubin or PTX. Nothing is read of it but its header until a name is asked for.
struct Module {
  Handle context;
  Handle library;     // the library whose module this is, or 0
  const void* image;  // the program's, or `copy` of a file
  std::uint64_t size; // of `copy`, 0 when the image is the program's
  std::uint8_t format;
};

struct Library {
  const void* image;
  std::uint64_t size;
  std::uint8_t format;
};

inline constexpr std::size_t kNameSize = 96;

// A kernel by name, in a module (Function) or in a library (Kernel).
struct Function {
  Handle context;
  Handle module;
  Handle kernel;  // the library kernel it came from, or 0
  const char* name;
  std::int32_t max_dynamic_shared;
  std::int32_t carveout;
  std::int32_t cache_config;
};

}  // namespace vgpu::device
