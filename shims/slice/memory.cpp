// Plain, pitched and managed allocation. The forms without a suffix are those of CUDA before 3.2, with 32-bit sizes;
// the driver still has them.
#include "shims/slice/quota.h"

using namespace vgpu::slice;
namespace abi = vgpu::abi;

namespace {

// Rows of a pitched allocation are this far apart at least, whatever the element size: measured from Kepler to Hopper.
constexpr std::uint64_t kPitch = 512;

template <class Pointer, class Size>
CUresult allocate(unsigned index, Pointer* at, Size bytes) {
  const auto ask = [&] { return real(index, at, bytes); };
  if (!has_quota() || at == nullptr) return ask();
  return charged(Kind::address, current_number(), bytes, ask, [&] { return std::uint64_t{*at}; });
}

// How far the rows are apart is only known afterwards: what we took to be enough is charged before, the rest settled
// then.
template <class Pointer, class Size>
CUresult allocate_pitched(unsigned index, unsigned free_index, Pointer* at, Size* pitch, Size width, Size height,
                          unsigned element) {
  const auto ask = [&] { return real(index, at, pitch, width, height, element); };
  const int number = has_quota() && at != nullptr && pitch != nullptr ? current_number() : -1;
  if (number < 0) return ask();
  std::uint64_t bytes = 0;
  const std::uint64_t row = (std::uint64_t{width} + kPitch - 1) / kPitch * kPitch;
  if (row < width || __builtin_mul_overflow(row, std::uint64_t{height}, &bytes))
    return ask();  // it says INVALID_VALUE or OUT_OF_MEMORY
  if (!reserve(number, bytes)) return vgpu::cuda::CUDA_ERROR_OUT_OF_MEMORY;
  CUresult result = ask();
  const std::uint64_t true_bytes = result == vgpu::cuda::CUDA_SUCCESS ? std::uint64_t{*pitch} * height : 0;
  if (true_bytes > bytes && !reserve(number, true_bytes - bytes)) {
    real(free_index, *at);
    vgpu::device::ledger::give_back(number, bytes);
    return vgpu::cuda::CUDA_ERROR_OUT_OF_MEMORY;
  }
  if (true_bytes < bytes) {
    // In units of the books, as it was charged: what is kept plus what is given back is what was charged.
    constexpr std::uint64_t kUnit = 512;
    const std::uint64_t kept = (true_bytes + kUnit - 1) / kUnit * kUnit;
    if (kept < bytes) vgpu::device::ledger::give_back(number, bytes - kept);
  }
  if (result == vgpu::cuda::CUDA_SUCCESS) {
    remember(
        {.kind = Kind::address, .device = number, .key = *at, .bytes = true_bytes, .references = 1, .mappings = 0});
  }
  return result;
}

template <class Pointer>
CUresult free_memory(unsigned index, Pointer at) {
  const CUresult result = released(Kind::address, at, [&] { return real(index, at); });
  settle_released();  // the driver has waited for what was under way
  return result;
}

}  // namespace

VGPU_CUDA cuMemAlloc_v2(CUdeviceptr* at, std::size_t bytes) { return allocate(abi::k_cuMemAlloc_v2, at, bytes); }
VGPU_CUDA cuMemAlloc(unsigned* at, unsigned bytes) { return allocate(abi::k_cuMemAlloc, at, bytes); }

VGPU_CUDA cuMemAllocPitch_v2(CUdeviceptr* at, std::size_t* pitch, std::size_t width, std::size_t height,
                             unsigned element) {
  return allocate_pitched(abi::k_cuMemAllocPitch_v2, abi::k_cuMemFree_v2, at, pitch, width, height, element);
}
VGPU_CUDA cuMemAllocPitch(unsigned* at, unsigned* pitch, unsigned width, unsigned height, unsigned element) {
  return allocate_pitched(abi::k_cuMemAllocPitch, abi::k_cuMemFree, at, pitch, width, height, element);
}

// Managed memory can live on the host, and then costs the device nothing; but the driver may move all of it here at any
// time, so all of it counts.
VGPU_CUDA cuMemAllocManaged(CUdeviceptr* at, std::size_t bytes, unsigned flags) {
  const auto ask = [&] { return real(abi::k_cuMemAllocManaged, at, bytes, flags); };
  if (!has_quota() || at == nullptr) return ask();
  return charged(Kind::address, current_number(), bytes, ask, [&] { return std::uint64_t{*at}; });
}

VGPU_CUDA cuMemFree_v2(CUdeviceptr at) { return free_memory(abi::k_cuMemFree_v2, at); }
VGPU_CUDA cuMemFree(unsigned at) { return free_memory(abi::k_cuMemFree, at); }
