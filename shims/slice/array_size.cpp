#include "shims/slice/array_size.h"

// The size has to be known before the array is made, and the difference of two cuMemGetInfo would have everybody else's
// allocations in it. But an array of the same description with deferred mapping takes no memory and tells what it needs
// (cuArrayGetMemoryRequirements, CUDA 11.6). Where that is not to be had it is reckoned, rather too high: rows padded
// to 256 bytes, eight rows to a block, and pages of 64 KiB.
namespace vgpu::slice {
namespace {

constexpr unsigned kSparse = 0x40;    // CUDA_ARRAY3D_SPARSE
constexpr unsigned kDeferred = 0x80;  // CUDA_ARRAY3D_DEFERRED_MAPPING
constexpr std::uint64_t kPage = 64 * 1024;

struct Requirements {  // CUDA_ARRAY_MEMORY_REQUIREMENTS
  std::size_t size;
  std::size_t alignment;
  unsigned reserved[4];
};

std::uint64_t up(std::uint64_t value, std::uint64_t to) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(value, to - 1, &sum) ? UINT64_MAX / to * to : sum / to * to;
}

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

std::uint64_t channel_bytes(int format) {
  switch (format) {
    case 0x01:
    case 0x08: return 1;  // 8 bits
    case 0x02:
    case 0x09:
    case 0x10: return 2;  // 16 bits, half
    default: return 4;    // 32 bits; of the packed and compressed ones none needs more
  }
}

std::uint64_t level_size(std::uint64_t width, std::uint64_t height, std::uint64_t depth, std::uint64_t element) {
  const std::uint64_t rows = height == 0 ? 1 : up(height, 8);
  return times(times(up(times(width, element), 256), rows), depth == 0 ? 1 : depth);
}

std::uint64_t reckoned(const ArrayDescriptor& descriptor, unsigned levels) {
  const std::uint64_t element = times(channel_bytes(descriptor.format), descriptor.channels);
  std::uint64_t sum = level_size(descriptor.width, descriptor.height, descriptor.depth, element);
  if (levels > 1) sum = times(sum, 2);  // all smaller levels together are less than the first one
  return up(sum, kPage);
}

bool told(unsigned create, unsigned require, unsigned destroy, const ArrayDescriptor& descriptor, unsigned levels,
          std::uint64_t& bytes) {
  if (real_address(require) == nullptr) return false;
  CUdevice device = -1;
  if (real(abi::k_cuCtxGetDevice, &device) != cuda::CUDA_SUCCESS) return false;
  ArrayDescriptor probe = descriptor;
  probe.flags |= kDeferred;
  void* array = nullptr;
  const CUresult made = levels == 0 ? real(create, &array, &probe) : real(create, &array, &probe, levels);
  if (made != cuda::CUDA_SUCCESS) return false;
  Requirements needs = {};
  const bool known = real(require, &needs, array, device) == cuda::CUDA_SUCCESS && needs.size != 0;
  real(destroy, array);
  bytes = needs.size;
  return known;
}

}  // namespace

std::uint64_t array_size(const ArrayDescriptor& descriptor, unsigned levels) {
  if ((descriptor.flags & (kSparse | kDeferred)) != 0) return 0;
  std::uint64_t bytes = 0;
  const bool known = levels == 0 ? told(abi::k_cuArray3DCreate_v2, abi::k_cuArrayGetMemoryRequirements,
                                        abi::k_cuArrayDestroy, descriptor, levels, bytes)
                                 : told(abi::k_cuMipmappedArrayCreate, abi::k_cuMipmappedArrayGetMemoryRequirements,
                                        abi::k_cuMipmappedArrayDestroy, descriptor, levels, bytes);
  return known ? bytes : reckoned(descriptor, levels);
}

}  // namespace vgpu::slice
