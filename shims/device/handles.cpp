#include "shims/device/handles.h"

#include <sys/mman.h>

#include "shims/device/lock.h"

namespace vgpu::device {
namespace {

constexpr std::uint32_t kGenerationBits = 15;
constexpr std::uint32_t kGenerationMask = (1U << kGenerationBits) - 1;
constexpr std::uint32_t kIndexMask = (1U << 24) - 1;

std::uint32_t kind_bits(Kind kind) { return static_cast<std::uint32_t>(kind); }

Handle encode(Kind kind, std::uint32_t generation, std::uint32_t index) {
  return static_cast<Handle>(kind_bits(kind)) << 43 | static_cast<Handle>(generation) << 28 |
         static_cast<Handle>(index) << 4;
}

std::uint32_t index_of(Handle handle) { return static_cast<std::uint32_t>(handle >> 4) & kIndexMask; }
std::uint32_t generation_of(Handle handle) { return static_cast<std::uint32_t>(handle >> 28) & kGenerationMask; }

}  // namespace

constinit Mutex global_lock;
constinit Handles handles;

Handles::Slot* Handles::slot(std::uint32_t index) const {
  Slot* chunk = chunks_[index / kSlotsPerChunk].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : chunk + index % kSlotsPerChunk;
}

void* Handles::claim(Kind kind, Handle& handle) {
  std::uint32_t index = oldest_free_;
  if (index != 0) {
    oldest_free_ = slot(index)->next.load(std::memory_order_relaxed);
    if (oldest_free_ == 0) newest_free_ = 0;
  } else {
    index = used_.load(std::memory_order_relaxed);
    if (index / kSlotsPerChunk >= kChunks) return nullptr;
    std::atomic<Slot*>& chunk = chunks_[index / kSlotsPerChunk];
    if (chunk.load(std::memory_order_relaxed) == nullptr) {
      // Under the lock, contrary to its rule: once in a thousand objects, and 256 KiB that nobody has touched.
      void* pages =
          mmap(nullptr, sizeof(Slot) * kSlotsPerChunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (pages == MAP_FAILED) return nullptr;
      chunk.store(static_cast<Slot*>(pages), std::memory_order_release);
    }
    used_.store(index + 1, std::memory_order_release);
  }
  Slot* free = slot(index);
  handle = encode(kind, free->state.load(std::memory_order_relaxed) >> 8, index);
  return free->object;
}

void Handles::publish(Handle handle) {
  slot(index_of(handle))
      ->state.store(generation_of(handle) << 8 | static_cast<std::uint32_t>(handle >> 43), std::memory_order_release);
}

void* Handles::lookup(Kind kind, Handle handle) const {
  const std::uint32_t index = index_of(handle);
  if (index == 0 || index >= used_.load(std::memory_order_acquire)) return nullptr;
  if (handle != encode(kind, generation_of(handle), index)) return nullptr;
  Slot* found = slot(index);
  const std::uint32_t state = found->state.load(std::memory_order_acquire);
  return state == (generation_of(handle) << 8 | kind_bits(kind)) ? found->object : nullptr;
}

void* Handles::live(Kind kind, std::uint32_t index, Handle& handle) const {
  Slot* found = slot(index);
  const std::uint32_t state = found->state.load(std::memory_order_acquire);
  if ((state & 0xff) != kind_bits(kind)) return nullptr;
  handle = encode(kind, state >> 8, index);
  return found->object;
}

bool Handles::destroy(Kind kind, Handle handle) {
  if (lookup(kind, handle) == nullptr) return false;
  const std::uint32_t index = index_of(handle);
  Slot* dead = slot(index);
  dead->state.store(((generation_of(handle) + 1) & kGenerationMask) << 8, std::memory_order_release);
  dead->next.store(0, std::memory_order_relaxed);
  if (newest_free_ == 0) {
    oldest_free_ = index;
  } else {
    slot(newest_free_)->next.store(index, std::memory_order_relaxed);
  }
  newest_free_ = index;
  return true;
}

}  // namespace vgpu::device
