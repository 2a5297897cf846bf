#include "shims/device/small_blocks.h"

#include <sys/mman.h>

#include <bit>
#include <boost/intrusive/set.hpp>
#include <new>

#include "shims/device/lock.h"

namespace vgpu::device::small_blocks {
namespace {

constexpr std::uint64_t kChunkSize = 4 << 20;
constexpr unsigned kClasses = 11;  // 512 B, 1 KiB, ... 512 KiB
constexpr unsigned kWords = kChunkSize / kSmallest / 64;

namespace intrusive = boost::intrusive;

// At the start of each chunk; the blocks behind it that it covers are never handed out.
struct Chunk : intrusive::set_base_hook<intrusive::link_mode<intrusive::normal_link>> {
  Chunk* next;  // of the same class, those with a free block only
  Chunk* previous;
  std::uint32_t free;
  std::uint32_t blocks;
  std::uint32_t hint;            // the first word that may have a free block
  std::uint64_t bitmap[kWords];  // 1: free
};

struct AddressOf {
  using type = std::uint64_t;
  type operator()(const Chunk& chunk) const { return reinterpret_cast<std::uint64_t>(&chunk); }
};
using Chunks = intrusive::set<Chunk, intrusive::key_of_value<AddressOf>>;

// Its lock is a leaf like global_lock, and the two are never held together.
constinit Mutex lock;
constinit Chunk* with_room[kClasses] = {};

// Built in place at the first use: the constructor of a global would run at load.
alignas(Chunks) constinit unsigned char storage[sizeof(Chunks)] = {};
constinit bool built = false;

// The caller holds `lock`.
Chunks& all() {
  if (!built) {
    ::new (storage) Chunks();
    built = true;
  }
  return *std::launder(reinterpret_cast<Chunks*>(storage));
}

unsigned class_of(std::uint64_t bytes) {
  const std::uint64_t size = bytes <= kSmallest ? kSmallest : std::bit_ceil(bytes);
  return static_cast<unsigned>(std::countr_zero(size) - std::countr_zero(kSmallest));
}

void link(Chunk* chunk, unsigned size_class) {
  chunk->previous = nullptr;
  chunk->next = with_room[size_class];
  if (chunk->next != nullptr) chunk->next->previous = chunk;
  with_room[size_class] = chunk;
}

void unlink(Chunk* chunk, unsigned size_class) {
  if (chunk->previous != nullptr) {
    chunk->previous->next = chunk->next;
  } else {
    with_room[size_class] = chunk->next;
  }
  if (chunk->next != nullptr) chunk->next->previous = chunk->previous;
}

// mmap gives page alignment only: map twice the size and cut off what stands over.
void* map_aligned() {
  void* pages =
      mmap(nullptr, 2 * kChunkSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  const auto start = reinterpret_cast<std::uint64_t>(pages);
  const std::uint64_t aligned = (start + kChunkSize - 1) & ~(kChunkSize - 1);
  if (aligned != start) munmap(pages, aligned - start);
  const std::uint64_t end = start + 2 * kChunkSize;
  if (aligned + kChunkSize != end) munmap(reinterpret_cast<void*>(aligned + kChunkSize), end - aligned - kChunkSize);
  return reinterpret_cast<void*>(aligned);
}

Chunk* make_chunk(unsigned size_class) {
  void* pages = map_aligned();
  if (pages == nullptr) return nullptr;
  auto* chunk = ::new (pages) Chunk();
  const std::uint64_t size = kSmallest << size_class;
  const auto covered = static_cast<std::uint32_t>((sizeof(Chunk) + size - 1) / size);
  chunk->blocks = static_cast<std::uint32_t>(kChunkSize / size) - covered;
  chunk->free = chunk->blocks;
  for (std::uint32_t block = covered; block < covered + chunk->blocks; ++block) {
    chunk->bitmap[block / 64] |= std::uint64_t{1} << block % 64;
  }
  all().insert(*chunk);
  return chunk;
}

}  // namespace

std::uint64_t allocate(std::uint64_t bytes) {
  const unsigned size_class = class_of(bytes);
  const Guard guard(lock);
  Chunk* chunk = with_room[size_class];
  if (chunk == nullptr) {
    chunk = make_chunk(size_class);
    if (chunk == nullptr) return 0;
    link(chunk, size_class);
  }
  std::uint32_t word = chunk->hint;
  while (chunk->bitmap[word] == 0) ++word;
  chunk->hint = word;
  const auto bit = static_cast<std::uint32_t>(std::countr_zero(chunk->bitmap[word]));
  chunk->bitmap[word] &= chunk->bitmap[word] - 1;
  if (--chunk->free == 0) unlink(chunk, size_class);
  return reinterpret_cast<std::uint64_t>(chunk) + (word * 64 + bit) * (kSmallest << size_class);
}

void release(std::uint64_t address, std::uint64_t bytes) {
  const unsigned size_class = class_of(bytes);
  auto* chunk = reinterpret_cast<Chunk*>(address & ~(kChunkSize - 1));
  const auto block = static_cast<std::uint32_t>((address % kChunkSize) / (kSmallest << size_class));
  bool surplus = false;
  {
    const Guard guard(lock);
    chunk->bitmap[block / 64] |= std::uint64_t{1} << block % 64;
    if (block / 64 < chunk->hint) chunk->hint = block / 64;
    if (chunk->free++ == 0) link(chunk, size_class);
    // One empty chunk stays for the next allocation, so that a program that frees and allocates in turn maps nothing.
    surplus = chunk->free == chunk->blocks && (chunk->next != nullptr || chunk->previous != nullptr);
    if (surplus) {
      unlink(chunk, size_class);
      all().erase(all().iterator_to(*chunk));
    }
  }
  if (surplus) munmap(chunk, kChunkSize);
}

bool holds(std::uint64_t address) {
  const Guard guard(lock);
  return all().find(address & ~(kChunkSize - 1)) != all().end();
}

unsigned chunks() {
  const Guard guard(lock);
  return static_cast<unsigned>(all().size());
}

}  // namespace vgpu::device::small_blocks
