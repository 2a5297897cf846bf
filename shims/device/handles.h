// The table of live objects behind the opaque handles (contexts, streams, events, modules, pools...).
//
// A handle is no address: it holds kind, generation and index of a slot, so that garbage, a handle of another kind and
// one that was destroyed are all told apart from a live one without touching memory that might not be there.
//
//   bits 43..46 kind (never 0) | 28..42 generation | 4..27 index | 0..3 zero
//
// That looks like an aligned user-space address, which is what programs (and Go's and Java's checks) expect of a
// pointer. Slots are never given back, so a reader that races with a destroyer sees the old object or a dead slot, not
// a fault.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

namespace vgpu::device {

using Handle = std::uint64_t;

enum class Kind : std::uint8_t {
  none = 0,
  context = 1,
  stream = 2,
  event = 3,
  module = 4,
  library = 5,
  function = 6,
  kernel = 7,
  pool = 8,
  queue = 9,
};

inline constexpr std::size_t kObjectSize = 224;  // room for one object, any kind

class Handles {
 public:
  // Makes `T` (trivially destructible, at most kObjectSize bytes) in a fresh slot; null when the table or memory is
  // full. `handle` gets its handle. The object becomes visible to find() only with publish(handle).
  template <typename T>
  T* create(Kind kind, Handle& handle) {
    static_assert(sizeof(T) <= kObjectSize && alignof(T) <= 16 && __is_trivially_copyable(T));
    void* place = claim(kind, handle);
    if (place == nullptr) return nullptr;
    return ::new (place) T{};
  }
  void publish(Handle handle);

  // The live object behind `handle`, or null. No lock.
  template <typename T>
  T* find(Kind kind, Handle handle) const {
    return static_cast<T*>(lookup(kind, handle));
  }

  // Ends the object: find() no longer knows it. True for exactly one caller.
  bool destroy(Kind kind, Handle handle);

  // Calls visit(handle, object) for each live object of `kind`. What is created meanwhile may be missed.
  template <typename T, typename Visit>
  void each(Kind kind, Visit visit) const {
    const std::uint32_t end = used_.load(std::memory_order_acquire);
    for (std::uint32_t index = 1; index < end; ++index) {
      Handle handle = 0;
      if (void* object = live(kind, index, handle)) visit(handle, *static_cast<T*>(object));
    }
  }

 private:
  struct alignas(16) Slot {
    std::atomic<std::uint32_t> state;  // generation << 8 | kind while live, generation << 8 while not
    std::atomic<std::uint32_t> next;   // free list
    unsigned char object[kObjectSize];
  };
  static constexpr std::uint32_t kSlotsPerChunk = 1024;
  static constexpr std::uint32_t kChunks = 2048;  // two million objects; 16 KiB of .bss, touched by the page

  void* claim(Kind kind, Handle& handle);
  void* lookup(Kind kind, Handle handle) const;
  void* live(Kind kind, std::uint32_t index, Handle& handle) const;
  Slot* slot(std::uint32_t index) const;

  std::atomic<Slot*> chunks_[kChunks] = {};
  std::atomic<std::uint32_t> used_ = 1;  // slot 0 is never used
  std::uint32_t oldest_free_ = 0;        // first in, first out, so that an old handle stays invalid for long
  std::uint32_t newest_free_ = 0;
};

// The process's objects. The caller of create and destroy holds global_lock (lock.h).
extern Handles handles;

}  // namespace vgpu::device
