// Stream-ordered allocation. It counts from the call, not from the stream's turn: that is when the pool takes it.
#include "shims/slice/quota.h"

using namespace vgpu::slice;
using vgpu::cuda::CUmemoryPool;
using vgpu::cuda::CUstream;
namespace abi = vgpu::abi;

namespace {

// The head of CUmemPoolProps and of CUmemAllocationProp.
struct Properties {
  int type;
  int handle_types;
  int location_type;
  int location;
};
constexpr int kOnDevice = 1;  // CU_MEM_LOCATION_TYPE_DEVICE

template <class Allocate>
CUresult allocate(CUdeviceptr* at, std::size_t bytes, int number, Allocate ask) {
  return charged(Kind::address, number, bytes, ask, [&] { return std::uint64_t{*at}; });
}

CUresult allocate_here(unsigned index, CUdeviceptr* at, std::size_t bytes, CUstream stream) {
  const auto ask = [&] { return real(index, at, bytes, stream); };
  return has_quota() && at != nullptr ? allocate(at, bytes, current_number(), ask) : ask();
}

// A pool may belong to another device than the thread's context.
CUresult allocate_from(unsigned index, CUdeviceptr* at, std::size_t bytes, CUmemoryPool pool, CUstream stream) {
  const auto ask = [&] { return real(index, at, bytes, pool, stream); };
  if (!has_quota() || at == nullptr) return ask();
  Charge known = {};
  const auto look = [](Charge&, std::uint64_t) { return false; };
  const bool made_here = change(Kind::pool, reinterpret_cast<std::uint64_t>(pool), look, 0, known);
  return allocate(at, bytes, made_here ? known.device : current_number(), ask);
}

CUresult free_later(unsigned index, CUdeviceptr at, CUstream stream) {
  return released(Kind::address, at, [&] { return real(index, at, stream); });
}

}  // namespace

VGPU_CUDA cuMemAllocAsync(CUdeviceptr* at, std::size_t bytes, CUstream stream) {
  return allocate_here(abi::k_cuMemAllocAsync, at, bytes, stream);
}
VGPU_CUDA cuMemAllocAsync_ptsz(CUdeviceptr* at, std::size_t bytes, CUstream stream) {
  return allocate_here(abi::k_cuMemAllocAsync_ptsz, at, bytes, stream);
}

VGPU_CUDA cuMemAllocFromPoolAsync(CUdeviceptr* at, std::size_t bytes, CUmemoryPool pool, CUstream stream) {
  return allocate_from(abi::k_cuMemAllocFromPoolAsync, at, bytes, pool, stream);
}
VGPU_CUDA cuMemAllocFromPoolAsync_ptsz(CUdeviceptr* at, std::size_t bytes, CUmemoryPool pool, CUstream stream) {
  return allocate_from(abi::k_cuMemAllocFromPoolAsync_ptsz, at, bytes, pool, stream);
}

VGPU_CUDA cuMemFreeAsync(CUdeviceptr at, CUstream stream) { return free_later(abi::k_cuMemFreeAsync, at, stream); }
VGPU_CUDA cuMemFreeAsync_ptsz(CUdeviceptr at, CUstream stream) { return free_later(abi::k_cuMemFreeAsync_ptsz, at, stream); }

VGPU_CUDA cuMemPoolCreate(CUmemoryPool* pool, const Properties* properties) {
  const CUresult result = real(abi::k_cuMemPoolCreate, pool, properties);
  if (result != vgpu::cuda::CUDA_SUCCESS || !has_quota() || properties->location_type != kOnDevice) return result;
  remember({.kind = Kind::pool, .device = number_of(properties->location), .key = reinterpret_cast<std::uint64_t>(*pool),
            .bytes = 0, .references = 1, .mappings = 0});
  return result;
}

VGPU_CUDA cuMemPoolDestroy(CUmemoryPool pool) {
  Charge known = {};
  const bool ours = has_quota() && forget(Kind::pool, reinterpret_cast<std::uint64_t>(pool), known);
  const CUresult result = real(abi::k_cuMemPoolDestroy, pool);
  if (ours && result != vgpu::cuda::CUDA_SUCCESS) remember(known);
  return result;
}
