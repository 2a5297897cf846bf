// What hangs off a context or a device besides memory. Plain data in slots of the handle table (handles.h); fields that
// may change after creation are atomic or written under global_lock.
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
  bool is_default;   // a default stream: no program may end it
  std::uint32_t flags;
  std::int32_t priority;
  std::int32_t sync_policy = -1;  // CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY; -1: none was chosen
  std::int32_t sync_domain;
  unsigned char sync_domain_map[2] = {0, 1};
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
  std::int32_t reuse[3];   // CU_MEMPOOL_ATTR_REUSE_*
  std::uint32_t readable;  // bit n: device n may read, by cuMemPoolSetAccess
  std::uint32_t writable;
};

// Heap memory that a module or library owns; freed behind it, without the lock. What it holds follows the link.
struct Block {
  Block* next;
};

// An image that was accepted: a fat binary, a cubin or PTX. Nothing is read of it but its header until a name is asked
// for.
struct Code {
  const unsigned char* bytes;  // the program's own data, or a copy in `blocks`
  std::uint64_t size;
  std::uint8_t format;
};

struct Module {
  Handle context;
  Handle library;  // the library whose module this is, or 0
  Code code;
  Block* blocks;
  void* variables;   // asked for so far: a list in `blocks`
  Handle functions;  // asked for so far, linked by `next`
  Handle by_name;    // the first of them, the others below it (Function::children)
};

// Independent of contexts: each context gets a module of it when it asks.
struct Library {
  Code code;
  Block* blocks;
  Handle kernels;  // asked for so far, linked by `next`
  Handle by_name;  // the first of them, the others below it
  bool checked;    // its text was looked into and is sound
};

// A kernel by name, in a module (Kind::function) or in a library (Kind::kernel).
struct Function {
  Handle context;  // 0 in a library
  Handle owner;    // the module or the library
  Handle kernel;   // the library kernel it came from, or 0
  Handle next;
  const char* name;    // in the owner's blocks
  Handle children[4];  // by two bits of the hash at each level
  std::uint32_t hash;
  // What the image says, or is assumed.
  std::int32_t registers;
  std::int32_t static_shared;
  std::int32_t ptx_version;     // 0: not told
  std::int32_t binary_version;  // 0: the device's own
  // What may be set.
  std::int32_t max_dynamic_shared;
  std::int32_t carveout;
  std::int32_t cache_config;
  std::int32_t shared_config;
  std::int32_t cluster[3];
  std::int32_t non_portable_cluster;
  std::int32_t cluster_policy;
  std::uint32_t block[3];  // of the launch calls of CUDA 2 and 3
  std::uint32_t old_shared;
  std::uint32_t parameter_bytes;
};

}  // namespace vgpu::device
