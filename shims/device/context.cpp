#include "shims/device/context.h"

#include <stdlib.h>
#include <string.h>

#include "shims/device/default_stream.h"
#include "shims/device/life.h"
#include "shims/device/lock.h"
#include "shims/device/memory.h"
#include "shims/device/objects.h"
#include "shims/device/work.h"

namespace vgpu::device {
namespace {

constexpr std::uint64_t kStackSize = 1024;
constexpr std::uint64_t kPrintfEach = 64 << 10;  // a multiprocessor: what an H100 with 132 of them has in all
constexpr std::uint64_t kMallocHeap = 8 << 20;
constexpr std::uint64_t kSyncDepth = 2;
constexpr std::uint64_t kPendingLaunches = 2048;
constexpr std::uint64_t kFetchGranularity = 64;

// The part of L2 that is set aside for persisting accesses at first: an H100 answers three sixteenths.
std::uint64_t persisting_l2(const Description& device) { return device.cc_major >= 9 ? device.l2 / 16 * 3 : 0; }

struct Primary {
  Handle context;
  std::uint32_t holders;
  std::uint32_t flags;
};

constinit Primary primaries[kMaxDevices] = {};
constinit std::uint64_t last_context_id = 0;

// The caller holds global_lock.
Context* create_locked(const ContextRequest& request) {
  Handle handle = 0;
  auto* context = handles.create<Context>(Kind::context, handle);
  if (context == nullptr) return nullptr;
  context->self = handle;
  context->id = ++last_context_id;
  context->device = request.device;
  context->flags = request.flags;
  context->api_version = request.api_version;
  context->attached = 1;
  const Description& device = description(request.device);
  const std::uint64_t printf_fifo = static_cast<std::uint64_t>(device.sms) * kPrintfEach;
  const std::uint64_t limits[] = {kStackSize,       printf_fifo,       kMallocHeap,          kSyncDepth,
                                  kPendingLaunches, kFetchGranularity, persisting_l2(device)};
  memcpy(context->limits, limits, sizeof limits);
  context->default_stream = make_default_stream(handle);
  handles.publish(handle);
  return context;
}

template <typename T>
void destroy_owned(Kind kind, Handle context) {
  handles.each<T>(kind, [&](Handle handle, const T& object) {
    if (object.context == context) handles.destroy(kind, handle);
  });
}

// Takes the modules of a context off the table; their blocks go to the front of `dead`.
void destroy_modules(Handle context, Block*& dead) {
  handles.each<Module>(Kind::module, [&](Handle handle, Module& module) {
    if (module.context != context) return;
    Block* blocks = module.blocks;
    handles.destroy(Kind::module, handle);
    while (blocks != nullptr) {
      Block* next = blocks->next;
      blocks->next = dead;
      dead = blocks;
      blocks = next;
    }
  });
}

// The caller holds global_lock. What is left to do without it is free_rest.
bool destroy_locked(Handle handle, Block*& dead) {
  if (!handles.destroy(Kind::context, handle)) return false;
  destroy_owned<Stream>(Kind::stream, handle);
  destroy_owned<Event>(Kind::event, handle);
  destroy_owned<Function>(Kind::function, handle);
  destroy_modules(handle, dead);
  return true;
}

void free_rest(Handle context, Block* dead) {
  work::end_context(context);
  memory::free_context(context);
  while (dead != nullptr) {
    Block* next = dead->next;
    free(dead);
    dead = next;
  }
}

}  // namespace

namespace contexts {

Context* create(const ContextRequest& request) {
  const Guard guard(global_lock);
  return create_locked(request);
}

Context* find(Handle handle) { return handles.find<Context>(Kind::context, handle); }

bool destroy(Handle handle) {
  Block* dead = nullptr;
  {
    const Guard guard(global_lock);
    if (!destroy_locked(handle, dead)) return false;
  }
  free_rest(handle, dead);
  return true;
}

Context* retain_primary(int device) {
  const Guard guard(global_lock);
  Primary& primary = primaries[device];
  Context* context = find(primary.context);
  if (context == nullptr) {
    context = create_locked({.device = device, .flags = primary.flags, .api_version = 0});
    if (context == nullptr) return nullptr;
    context->primary = true;
    primary.context = context->self;
    primary.holders = 0;
  }
  ++primary.holders;
  return context;
}

bool release_primary(int device) {
  Handle ended = 0;
  Block* dead = nullptr;
  {
    const Guard guard(global_lock);
    Primary& primary = primaries[device];
    if (primary.holders == 0) return false;
    if (--primary.holders != 0) return true;
    ended = primary.context;
    primary.context = 0;
    destroy_locked(ended, dead);
  }
  free_rest(ended, dead);
  return true;
}

void reset_primary(int device) {
  Handle ended = 0;
  Block* dead = nullptr;
  {
    const Guard guard(global_lock);
    Primary& primary = primaries[device];
    ended = primary.context;
    primary.context = 0;
    primary.holders = 0;
    if (!destroy_locked(ended, dead)) return;
  }
  free_rest(ended, dead);
}

std::uint32_t primary_flags(int device) {
  const Guard guard(global_lock);
  return primaries[device].flags;
}

bool primary_active(int device) {
  const Guard guard(global_lock);
  return find(primaries[device].context) != nullptr;
}

void set_primary_flags(int device, std::uint32_t flags) {
  const Guard guard(global_lock);
  primaries[device].flags = flags;
  if (Context* context = find(primaries[device].context)) context->flags = flags;
}

}  // namespace contexts

namespace current {
namespace {

// Small, because thread-local storage of a library that is opened late comes from a surplus of about 1.6 KiB. What does
// not fit goes to the heap and stays there for the thread's life; no program was seen to nest as deep.
constexpr std::uint32_t kInline = 6;

struct Stack {
  std::uint32_t depth;
  std::uint32_t room;  // of `rest`
  Handle first[kInline];
  Handle* rest;
};

thread_local constinit Stack stack = {};

Handle& at(std::uint32_t index) { return index < kInline ? stack.first[index] : stack.rest[index - kInline]; }

bool make_room() {
  if (stack.depth < kInline + stack.room) return true;
  const std::uint32_t room = stack.room == 0 ? 16 : stack.room * 2;
  auto* rest = static_cast<Handle*>(realloc(stack.rest, room * sizeof(Handle)));
  if (rest == nullptr) return false;
  stack.rest = rest;
  stack.room = room;
  return true;
}

}  // namespace

Handle top() { return stack.depth == 0 ? 0 : at(stack.depth - 1); }

bool push(Handle context) {
  if (!make_room()) return false;
  at(stack.depth++) = context;
  return true;
}

bool pop(Handle& context) {
  if (stack.depth == 0) return false;
  context = at(--stack.depth);
  return true;
}

bool set(Handle context) {
  Handle ignored = 0;
  if (context == 0) {
    pop(ignored);
    return true;
  }
  if (stack.depth == 0) return push(context);
  at(stack.depth - 1) = context;
  return true;
}

bool holds(Handle context) { return context != 0 && top() == context; }

}  // namespace current
}  // namespace vgpu::device
