// Stream-ordered allocation. It counts from the call, not from the stream's turn: that is when the pool takes it.
#include "shims/slice/graph_memory.h"
#include "shims/slice/quota.h"

using namespace vgpu::slice;
using vgpu::cuda::CUDA_SUCCESS;
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

// The functions of either kind of stream: the legacy default one, and one a thread.
struct Forms {
  unsigned allocate;
  unsigned allocate_from;
  unsigned free;
  unsigned capturing;
};
constexpr Forms kLegacy = {.allocate = abi::k_cuMemAllocAsync,
                           .allocate_from = abi::k_cuMemAllocFromPoolAsync,
                           .free = abi::k_cuMemFreeAsync,
                           .capturing = abi::k_cuStreamIsCapturing};
constexpr Forms kPerThread = {.allocate = abi::k_cuMemAllocAsync_ptsz,
                              .allocate_from = abi::k_cuMemAllocFromPoolAsync_ptsz,
                              .free = abi::k_cuMemFreeAsync_ptsz,
                              .capturing = abi::k_cuStreamIsCapturing_ptsz};

// A stream that is being captured makes a node of it, which takes its memory when the graph runs (graph_memory.cpp).
bool captured(const Forms& forms, CUstream stream) {
  int status = 0;
  if (real(forms.capturing, stream, &status) != CUDA_SUCCESS || status == 0) return false;
  graph_memory_seen();
  return true;
}

template <class Allocate>
CUresult allocate(const Forms& forms, CUdeviceptr* at, std::size_t bytes, int pool, CUstream stream, Allocate ask) {
  const std::uint64_t units = whole_units(bytes);
  if (!pool_take(pool, units)) return vgpu::cuda::CUDA_ERROR_OUT_OF_MEMORY;
  const CUresult result = ask();
  if (result != CUDA_SUCCESS) {
    pool_drop(pool, units);
    return result;
  }
  if (!pool_settle(pool)) {  // the pool took more than that
    real(forms.free, *at, stream);
    pool_drop(pool, units);
    pool_trim(pool);
    return vgpu::cuda::CUDA_ERROR_OUT_OF_MEMORY;
  }
  remember({.kind = Kind::address,
            .device = pool_device(pool),
            .key = *at,
            .bytes = units,
            .references = static_cast<std::uint64_t>(pool) + 2,
            .mappings = 0});
  return result;
}

CUresult allocate_here(const Forms& forms, CUdeviceptr* at, std::size_t bytes, CUstream stream) {
  const auto ask = [&] { return real(forms.allocate, at, bytes, stream); };
  if (!has_quota() || at == nullptr || captured(forms, stream)) return ask();
  CUdevice device = -1;
  if (real(abi::k_cuCtxGetDevice, &device) != CUDA_SUCCESS || number_of(device) < 0) return ask();
  const auto plainly = [&] {
    return charged(Kind::address, number_of(device), bytes, ask, [&] { return std::uint64_t{*at}; });
  };
  CUmemoryPool pool = nullptr;
  if (real(abi::k_cuDeviceGetMemPool, &pool, device) != CUDA_SUCCESS) return plainly();
  const int number = pool_number(pool, number_of(device));
  return number < 0 ? plainly() : allocate(forms, at, bytes, number, stream, ask);
}

CUresult allocate_from(const Forms& forms, CUdeviceptr* at, std::size_t bytes, CUmemoryPool pool, CUstream stream) {
  const auto ask = [&] { return real(forms.allocate_from, at, bytes, pool, stream); };
  if (!has_quota() || at == nullptr || captured(forms, stream)) return ask();
  const int number = pool_number(pool, current_number());
  return number < 0 ? ask() : allocate(forms, at, bytes, number, stream, ask);
}

CUresult free_later(const Forms& forms, CUdeviceptr at, CUstream stream) {
  const CUresult result = released(Kind::address, at, [&] { return real(forms.free, at, stream); });
  settle_graphs();  // it may have been a graph's
  return result;
}

}  // namespace

VGPU_CUDA cuMemAllocAsync(CUdeviceptr* at, std::size_t bytes, CUstream stream) {
  return allocate_here(kLegacy, at, bytes, stream);
}
VGPU_CUDA cuMemAllocAsync_ptsz(CUdeviceptr* at, std::size_t bytes, CUstream stream) {
  return allocate_here(kPerThread, at, bytes, stream);
}

VGPU_CUDA cuMemAllocFromPoolAsync(CUdeviceptr* at, std::size_t bytes, CUmemoryPool pool, CUstream stream) {
  return allocate_from(kLegacy, at, bytes, pool, stream);
}
VGPU_CUDA cuMemAllocFromPoolAsync_ptsz(CUdeviceptr* at, std::size_t bytes, CUmemoryPool pool, CUstream stream) {
  return allocate_from(kPerThread, at, bytes, pool, stream);
}

VGPU_CUDA cuMemFreeAsync(CUdeviceptr at, CUstream stream) { return free_later(kLegacy, at, stream); }
VGPU_CUDA cuMemFreeAsync_ptsz(CUdeviceptr at, CUstream stream) { return free_later(kPerThread, at, stream); }

VGPU_CUDA cuMemPoolCreate(CUmemoryPool* pool, const Properties* properties) {
  const CUresult result = real(abi::k_cuMemPoolCreate, pool, properties);
  if (result != CUDA_SUCCESS || !has_quota()) return result;
  pool_made(*pool, properties->location_type == kOnDevice ? number_of(properties->location) : -1);
  return result;
}

VGPU_CUDA cuMemPoolDestroy(CUmemoryPool pool) {
  const CUresult result = real(abi::k_cuMemPoolDestroy, pool);
  if (result == CUDA_SUCCESS && has_quota()) pool_ended(pool);
  return result;
}

VGPU_CUDA cuMemPoolTrimTo(CUmemoryPool pool, std::size_t bytes) {
  const CUresult result = real(abi::k_cuMemPoolTrimTo, pool, bytes);
  settle_released();
  return result;
}

VGPU_CUDA cuMemPoolSetAttribute(CUmemoryPool pool, int attribute, void* value) {
  const CUresult result = real(abi::k_cuMemPoolSetAttribute, pool, attribute, value);
  settle_released();
  return result;
}
