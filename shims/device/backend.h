// The seam between the device's books (contexts, allocations, errors) and whatever holds its memory.
//
// Nothing on this side of it dereferences a device address: an address is a number that these functions take, and only
// Place says which side it belongs to. The emulated back end (emulated.cpp) keeps device memory in host pages, another
// may keep it on a GPU or in another machine; it implements these functions and nothing else.
#pragma once

#include <cstdint>

namespace vgpu::device::backend {

using Address = std::uint64_t;

// A piece of memory of `bytes` for device `physical`, aligned to kAlignment; contents are undefined. 0 when there is
// none. Does not count: that is the ledger's.
inline constexpr std::uint64_t kAlignment = 512;
Address allocate(int physical, std::uint64_t bytes);
void release(int physical, Address base, std::uint64_t bytes);

// Memory of the host that a device reaches too (pinned or managed), aligned to a page. The address serves both sides.
Address allocate_shared(std::uint64_t bytes);
void release_shared(Address base, std::uint64_t bytes);

// Whether `address` is one that allocate() could give out or gave out, whether or not it is in use now.
bool owns(Address address);

// One side of a copy: rows of a box, `pitch` bytes apart, in planes of `plane` bytes.
struct Place {
  bool host;        // a plain address of this process rather than a device's
  Address address;  // of the first byte
  std::uint64_t pitch;
  std::uint64_t plane;
};

struct Extent {
  std::uint64_t width;  // bytes
  std::uint64_t height;
  std::uint64_t depth;
};

// Copies a box, no side of it 0. Where source and target overlap with the same pitches the result is as if the source
// had been read first, as for memmove.
void copy(const Place& to, const Place& from, const Extent& extent);

// Sets `height` rows of `count` elements of `element` bytes (1, 2 or 4) to `value`.
void fill(Address to, std::uint64_t pitch, std::uint32_t value, unsigned element, std::uint64_t count,
          std::uint64_t height);

// The device's clock, in nanoseconds since some moment in the past; never goes back.
std::uint64_t clock();

}  // namespace vgpu::device::backend
