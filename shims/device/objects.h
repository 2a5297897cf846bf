// What hangs off a context or a device besides memory. Plain data in slots of the handle table (handles.h); fields that may
// change after creation are atomic or written under global_lock.
#pragma once

#include <atomic>
#include <cstdint>

#include "shims/device/handles.h"

namespace vgpu::device {

// Work is done when it is asked for, in the calling thread, unless a host function of the program is in front of it
// (work.h): a stream is an identity with flags, and what waits for host functions is in its queue.
struct Stream {
  Handle self;
  Handle context;
  Handle queue;      // made when the stream first has something to wait for; 0 before
  std::uint64_t id;  // cuStreamGetId
  std::uint32_t flags;
  std::int32_t priority;
  std::int32_t sync_policy;  // CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY
  std::int32_t sync_domain;
  unsigned char sync_domain_map[2];
  unsigned char access_window[32];  // CUaccessPolicyWindow: told as it was given
};

// A place in the order of a stream: behind the operation `number` of a queue. {0, 0} is behind nothing.
struct Point {
  Handle queue;
  std::uint64_t number;
};

struct Event {
  Handle context;
  std::uint32_t flags;
  bool recorded;
  std::uint64_t time;     // backend::clock() when the latest record was reached
  std::uint64_t records;  // how often it was recorded
  Point point;            // of the latest record
};

// A memory pool. What is freed goes back to the device at once, so a pool never holds more than is in use.
struct Pool {
  std::int32_t device;  // visible ordinal
  bool is_default;
  std::uint64_t max_size;  // 0: the device's
  std::uint64_t used;
  std::uint64_t used_high;
  std::uint64_t reserved_high;
  std::uint64_t release_threshold;
  std::int32_t reuse[3];    // CU_MEMPOOL_ATTR_REUSE_*
  std::uint32_t readable;   // bit n: device n may read, by cuMemPoolSetAccess
  std::uint32_t writable;
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
