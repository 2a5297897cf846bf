// The emulated back end: device memory is host memory that nobody has promised to provide (MAP_NORESERVE), so that a
// program may allocate 60 GB on a machine with 8 and pay only for what it touches.
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "shims/device/backend.h"
#include "shims/device/small_blocks.h"

namespace vgpu::device::backend {
namespace {

constexpr std::uint64_t kPage = 4096;

std::uint64_t whole_pages(std::uint64_t bytes) { return (bytes + kPage - 1) & ~(kPage - 1); }

Address map(std::uint64_t bytes) {
  const int saved = errno;
  void* pages =
      mmap(nullptr, whole_pages(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  errno = saved;
  return pages == MAP_FAILED ? 0 : reinterpret_cast<Address>(pages);
}

void unmap(Address base, std::uint64_t bytes) {
  const int saved = errno;
  munmap(reinterpret_cast<void*>(base), whole_pages(bytes));
  errno = saved;
}

unsigned char* bytes_at(Address address) { return reinterpret_cast<unsigned char*>(address); }

// One row: the first element, then doubling what is there.
void fill_row(unsigned char* row, std::uint32_t value, unsigned element, std::uint64_t count) {
  if (element == 1) {
    memset(row, static_cast<int>(value & 0xff), count);
    return;
  }
  memcpy(row, &value, element);  // little-endian
  const std::uint64_t total = count * element;
  for (std::uint64_t done = element; done < total;) {
    const std::uint64_t step = done < total - done ? done : total - done;
    memcpy(row + done, row, step);
    done += step;
  }
}

}  // namespace

Address allocate(int, std::uint64_t bytes) {
  return bytes <= small_blocks::kLargest ? small_blocks::allocate(bytes) : map(bytes);
}

void release(int, Address base, std::uint64_t bytes) {
  if (bytes <= small_blocks::kLargest) {
    small_blocks::release(base, bytes);
  } else {
    unmap(base, bytes);
  }
}

// Larger pieces are whole mappings, which are gone when they are released.
bool owns(Address address) { return small_blocks::holds(address); }

Address allocate_shared(std::uint64_t bytes) { return map(bytes); }

void release_shared(Address base, std::uint64_t bytes) { unmap(base, bytes); }

void copy(const Place& to, const Place& from, const Extent& extent) {
  const bool one_row = extent.height == 1 || (to.pitch == extent.width && from.pitch == extent.width);
  if (extent.depth == 1 && one_row) {
    memmove(bytes_at(to.address), bytes_at(from.address), extent.width * extent.height);
    return;
  }
  // Backwards when the target lies behind the source, for boxes that overlap as for memmove.
  const bool backwards = to.address > from.address;
  for (std::uint64_t i = 0; i < extent.depth; ++i) {
    const std::uint64_t plane = backwards ? extent.depth - 1 - i : i;
    for (std::uint64_t k = 0; k < extent.height; ++k) {
      const std::uint64_t row = backwards ? extent.height - 1 - k : k;
      memmove(bytes_at(to.address + plane * to.plane + row * to.pitch),
              bytes_at(from.address + plane * from.plane + row * from.pitch), extent.width);
    }
  }
}

void fill(Address to, std::uint64_t pitch, std::uint32_t value, unsigned element, std::uint64_t count,
          std::uint64_t height) {
  if (count == 0) return;
  for (std::uint64_t row = 0; row < height; ++row) fill_row(bytes_at(to + row * pitch), value, element, count);
}

std::uint64_t clock() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace vgpu::device::backend
