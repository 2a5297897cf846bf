// malloc for a process that lives for a millisecond and ends in execve(2), which gives everything back at once. glibc's
// own asks the kernel six times before main does anything (brk, getrandom); this one not at all until its block is used
// up. Static linking takes these definitions instead of glibc's, as the manual describes it: "Replacing malloc".
//
// What costs here is a page that is touched for the first time, several µs on a virtual machine. So what is freed is
// used again: the latest piece goes back where it came from, small ones wait in lists by size, and the largest other
// one is a second place to cut pieces from. No lock: vgpu-run has one thread.
#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "launcher/run/arena_block.h"

namespace {

constexpr std::size_t kAlignment = 16;
constexpr std::size_t kHeader = sizeof(std::size_t);  // in front of each piece: its size
constexpr std::size_t kPage = 4096;
constexpr std::size_t kSmall = 1024;
constexpr std::size_t kChunk = 4 << 20;

struct Region {
  unsigned char* next;
  unsigned char* end;
  std::size_t room() const { return static_cast<std::size_t>(end - next); }
};
Region fresh = {vgpu_arena_block, vgpu_arena_block + VGPU_ARENA_BLOCK};
Region spare = {};
void* freed[kSmall / kAlignment];  // lists of small pieces, by size; a piece's first word is the next one

std::size_t& size_of(void* piece) {
  return *reinterpret_cast<std::size_t*>(static_cast<unsigned char*>(piece) - kHeader);
}

unsigned char* aligned(unsigned char* at, std::size_t alignment) {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  return at + ((alignment - address % alignment) % alignment);
}

// So that the next piece's header ends where that piece is aligned.
std::size_t rounded(std::size_t size) { return (size + kHeader + kAlignment - 1) / kAlignment * kAlignment - kHeader; }

void* cut(Region& from, std::size_t size, std::size_t alignment) {
  if (from.room() < size + kHeader + alignment) return nullptr;
  unsigned char* piece = aligned(from.next + kHeader, alignment);
  size_of(piece) = size;
  from.next = piece + size;
  return piece;
}

void* reused(std::size_t size) {
  void*& list = freed[size / kAlignment];
  void* piece = list;
  if (piece != nullptr) std::memcpy(&list, piece, sizeof list);
  return piece;
}

void* take(std::size_t size, std::size_t alignment) {
  if (size > PTRDIFF_MAX - 2 * kChunk || alignment > kChunk) {
    errno = ENOMEM;
    return nullptr;
  }
  size = rounded(size);
  if (size < kSmall && alignment == kAlignment) {
    if (void* piece = reused(size)) return piece;
  }
  if (void* piece = cut(spare, size, alignment)) return piece;
  // libstdc++ takes 72 KiB before main, for what is thrown when memory has ended, and writes their first words alone.
  // They stand at the end of a page, and that page is used, too.
  if (size > 8 * kPage && fresh.next == vgpu_arena_block) {
    spare = {fresh.next, fresh.next + kPage - 2 * kHeader - kAlignment};
    fresh.next = spare.end;
  }
  if (void* piece = cut(fresh, size, alignment)) return piece;
  const std::size_t wanted = size + alignment + kHeader;
  const std::size_t chunk = wanted > kChunk ? wanted : kChunk;
  void* more = mmap(nullptr, chunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (more == MAP_FAILED) return nullptr;
  fresh = {static_cast<unsigned char*>(more), static_cast<unsigned char*>(more) + chunk};
  return cut(fresh, size, alignment);
}

bool is_latest(const Region& of, void* piece) { return static_cast<unsigned char*>(piece) + size_of(piece) == of.next; }

void give_back(void* piece) {
  unsigned char* begin = static_cast<unsigned char*>(piece) - kHeader;
  const std::size_t size = size_of(piece);
  if (is_latest(fresh, piece)) {
    fresh.next = begin;
  } else if (is_latest(spare, piece)) {
    spare.next = begin;
  } else if (size < kSmall) {
    void*& list = freed[size / kAlignment];
    std::memcpy(piece, &list, sizeof list);
    list = piece;
  } else if (size > spare.room()) {
    spare = {begin, begin + kHeader + size};
  }
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) { return take(size, kAlignment); }

void free(void* piece) {
  if (piece != nullptr) give_back(piece);
}

void* calloc(std::size_t count, std::size_t size) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  void* piece = take(bytes, kAlignment);
  return piece == nullptr ? nullptr : std::memset(piece, 0, bytes);  // a piece may have been used before
}

void* realloc(void* piece, std::size_t size) {
  if (piece == nullptr) return malloc(size);
  const std::size_t old = size_of(piece);
  if (size <= old) return piece;
  void* moved = malloc(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, piece, old);
  free(piece);
  return moved;
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return take(size, alignment < kAlignment ? kAlignment : alignment);
}

void* memalign(std::size_t alignment, std::size_t size) { return aligned_alloc(alignment, size); }

int posix_memalign(void** piece, std::size_t alignment, std::size_t size) {
  void* found = aligned_alloc(alignment, size);
  if (found == nullptr) return ENOMEM;
  *piece = found;
  return 0;
}

std::size_t malloc_usable_size(void* piece) { return piece == nullptr ? 0 : size_of(piece); }

}  // extern "C"
