#include "shims/cuda/range.h"

#include <errno.h>
#include <sys/mman.h>

namespace vgpu::cuda {
namespace {

using device::backend::Extent;
using device::backend::Place;

// Sets `sum` to sum + a * b; false when that does not fit.
bool add_product(std::uint64_t& sum, std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return !__builtin_mul_overflow(a, b, &product) && !__builtin_add_overflow(sum, product, &sum);
}

}  // namespace

// msync(2) with MS_ASYNC does nothing but say ENOMEM for an unmapped range.
bool mapped(std::uint64_t address, std::uint64_t bytes) {
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t first = address & ~(kPage - 1);
  const int saved = errno;
  const bool is_mapped =
      msync(reinterpret_cast<void*>(first), address + bytes - first, MS_ASYNC) == 0 || errno != ENOMEM;
  errno = saved;
  return is_mapped;
}

CUresult locate(const Box& box, const Extent& extent, Place& place) {
  if (box.address == 0) return CUDA_ERROR_INVALID_VALUE;
  place.pitch = box.pitch != 0 ? box.pitch : extent.width;
  if (extent.height > 1 || extent.depth > 1 || box.pitch != 0) {
    std::uint64_t needed = extent.width;
    if (__builtin_add_overflow(needed, box.x, &needed) || needed > place.pitch) return CUDA_ERROR_INVALID_VALUE;
  }
  const std::uint64_t rows = box.rows != 0 ? box.rows : extent.height;
  if (extent.depth > 1 && (box.y > rows || extent.height > rows - box.y)) return CUDA_ERROR_INVALID_VALUE;
  if (__builtin_mul_overflow(place.pitch, rows, &place.plane)) return CUDA_ERROR_INVALID_VALUE;

  std::uint64_t first = box.address;
  bool fits =
      add_product(first, place.plane, box.z) && add_product(first, place.pitch, box.y) && add_product(first, 1, box.x);
  std::uint64_t end = first;
  fits = fits && add_product(end, place.plane, extent.depth - 1) && add_product(end, place.pitch, extent.height - 1) &&
         add_product(end, 1, extent.width);
  if (!fits) return CUDA_ERROR_INVALID_VALUE;
  place.address = first;
  place.host = true;
  if (box.side == Side::host) return CUDA_SUCCESS;

  device::Memory memory = {};
  if (device::memory::find(first, memory)) {
    place.host = !memory.on_device();
    return end <= memory.end() ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  }
  // The program's own memory, or a stale or wrong device pointer, which must end neither the process nor up in our
  // memory.
  const bool plain = box.side == Side::unified && !device::memory::touches(first, end) && mapped(first, end - first);
  return plain ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult locate(Side side, std::uint64_t address, std::size_t bytes, Place& place) {
  const Box box = {.side = side, .address = address, .x = 0, .y = 0, .z = 0, .pitch = 0, .rows = 0};
  return locate(box, {.width = bytes, .height = 1, .depth = 1}, place);
}

}  // namespace vgpu::cuda
