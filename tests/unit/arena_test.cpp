// vgpu-run's malloc (launcher/run/arena.cpp), under other names: the test has its C library's for itself.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "launcher/run/arena_block.h"

extern "C" {
void* arena_malloc(std::size_t size);
void arena_free(void* piece);
void* arena_calloc(std::size_t count, std::size_t size);
void* arena_realloc(void* piece, std::size_t size);
void* arena_aligned_alloc(std::size_t alignment, std::size_t size);
std::size_t arena_malloc_usable_size(void* piece);
}

namespace {

struct Piece {
  unsigned char* at;
  std::size_t size;
  unsigned char mark;
};

void fill(Piece& piece, std::size_t from = 0) { std::memset(piece.at + from, piece.mark, piece.size - from); }

bool whole(const Piece& piece, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (piece.at[i] != piece.mark) return false;
  }
  return true;
}

bool is_aligned(const void* at, std::size_t alignment) { return reinterpret_cast<std::uintptr_t>(at) % alignment == 0; }

TEST_CASE("no piece overlaps another, whatever is taken and given back") {
  std::mt19937 random(1);
  const auto below = [&](std::size_t most) { return static_cast<std::size_t>(random()) % most; };
  std::vector<Piece> pieces;
  for (int step = 0; step < 200000; ++step) {
    const std::size_t size = below(50) == 0 ? below(200000) : below(200);
    const auto mark = static_cast<unsigned char>(step);
    if (pieces.size() < 100 || below(2) == 0) {
      const std::size_t alignment = below(20) == 0 ? std::size_t{1} << below(13) : 1;
      void* at = alignment > 1 ? arena_aligned_alloc(alignment, size) : arena_malloc(size);
      REQUIRE(at != nullptr);
      REQUIRE(is_aligned(at, std::max<std::size_t>(alignment, 16)));
      REQUIRE(arena_malloc_usable_size(at) >= size);
      pieces.push_back({static_cast<unsigned char*>(at), size, mark});
      fill(pieces.back());
      continue;
    }
    const std::size_t chosen = below(pieces.size());
    Piece& piece = pieces[chosen];
    REQUIRE(whole(piece, piece.size));
    if (below(4) == 0) {
      const std::size_t kept = std::min(piece.size, size);
      piece.at = static_cast<unsigned char*>(arena_realloc(piece.at, size));
      REQUIRE(piece.at != nullptr);
      REQUIRE(is_aligned(piece.at, 16));
      REQUIRE(whole(piece, kept));
      piece.size = size;
      fill(piece);
    } else {
      arena_free(piece.at);
      piece = pieces.back();
      pieces.pop_back();
    }
  }
  for (const Piece& piece : pieces) REQUIRE(whole(piece, piece.size));
}

TEST_CASE("what is given back is used again") {
  void* lower = arena_malloc(40);
  void* upper = arena_malloc(40);
  arena_free(lower);
  CHECK(arena_malloc(33) == lower);  // of the same size when rounded
  arena_free(upper);
  CHECK(arena_malloc(40) == upper);
  SUBCASE("a large piece is cut into small ones") {
    auto* large = static_cast<unsigned char*>(arena_malloc(1 << 20));
    REQUIRE(arena_malloc(1 << 20) != nullptr);  // so that it is not the latest
    arena_free(large);
    auto* small = static_cast<unsigned char*>(arena_malloc(2000));
    CHECK(small >= large);
    CHECK(small < large + (1 << 20));
  }
}

TEST_CASE("calloc clears what was used before, and refuses a product that overflows") {
  auto* used = static_cast<unsigned char*>(arena_malloc(64));
  std::memset(used, 0xff, 64);
  arena_free(used);
  auto* cleared = static_cast<unsigned char*>(arena_calloc(8, 8));
  CHECK(cleared == used);
  for (int i = 0; i < 64; ++i) CHECK(cleared[i] == 0);
  CHECK(arena_calloc(SIZE_MAX / 2, 3) == nullptr);
  CHECK(arena_malloc(SIZE_MAX - 100) == nullptr);
}

}  // namespace
