// malloc for a process that lives for a millisecond and ends in execve(2), which gives everything back at once. glibc's
// own asks the kernel six times before main does anything (brk, getrandom); this one not at all until kBlock is used
// up. Static linking takes these definitions instead of glibc's, as the manual describes it: "Replacing malloc".
//
// No lock: vgpu-run has one thread. What is freed is used again only when it was the latest piece, which is what a
// growing string or vector does.
#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

constexpr std::size_t kAlignment = 16;
constexpr std::size_t kHeader = 16;  // holds the piece's size
constexpr std::size_t kBlock =
    512 << 10;  // a launch with the default manifest takes less; untouched pages cost nothing
constexpr std::size_t kChunk = 4 << 20;

alignas(64) unsigned char block[kBlock];
unsigned char* next = block;
unsigned char* end = block + kBlock;

std::size_t& size_of(void* piece) {
  return *reinterpret_cast<std::size_t*>(static_cast<unsigned char*>(piece) - kHeader);
}

unsigned char* aligned(unsigned char* at, std::size_t alignment) {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  return at + ((alignment - address % alignment) % alignment);
}

void* take(std::size_t size, std::size_t alignment) {
  if (size > PTRDIFF_MAX - 2 * kChunk || alignment > kChunk) {
    errno = ENOMEM;
    return nullptr;
  }
  size = (size + kAlignment - 1) / kAlignment * kAlignment;
  unsigned char* piece = aligned(next + kHeader, alignment);
  if (piece > end || size > static_cast<std::size_t>(end - piece)) {
    const std::size_t wanted = size + alignment + kHeader;
    const std::size_t chunk = wanted > kChunk ? wanted : kChunk;
    void* fresh = mmap(nullptr, chunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED) return nullptr;
    next = static_cast<unsigned char*>(fresh);
    end = next + chunk;
    piece = aligned(next + kHeader, alignment);
  }
  size_of(piece) = size;
  next = piece + size;
  return piece;
}

bool is_latest(void* piece) { return static_cast<unsigned char*>(piece) + size_of(piece) == next; }

}  // namespace

extern "C" {

void* malloc(std::size_t size) { return take(size, kAlignment); }

void free(void* piece) {
  if (piece != nullptr && is_latest(piece)) next = static_cast<unsigned char*>(piece);
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
  if (is_latest(piece) && size <= static_cast<std::size_t>(end - static_cast<unsigned char*>(piece)) - kAlignment) {
    size_of(piece) = (size + kAlignment - 1) / kAlignment * kAlignment;
    next = static_cast<unsigned char*>(piece) + size_of(piece);
    return piece;
  }
  void* moved = malloc(size);
  return moved == nullptr ? nullptr : std::memcpy(moved, piece, old);
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
