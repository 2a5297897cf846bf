// What the functions of ours have in common: how they are exported, and the real ones behind them.
#pragma once

#include "generated/shims/abi/libvgpu-cuda-slice_index.h"
#include "shims/cuda/types.h"

#define VGPU_CUDA extern "C" __attribute__((visibility("default"))) ::vgpu::cuda::CUresult

extern "C" {
extern __attribute__((visibility("hidden"))) void* vgpu_abi_table[];
__attribute__((visibility("hidden"))) void* vgpu_abi_lookup(unsigned index);
}

namespace vgpu::slice {

using cuda::CUdevice;
using cuda::CUdeviceptr;
using cuda::CUresult;

inline constexpr char kLibraryName[] = "libvgpu-cuda-slice";

// The real driver's function, null where it has none.
inline void* real_address(unsigned index) {
  void* known = __atomic_load_n(&vgpu_abi_table[index], __ATOMIC_ACQUIRE);
  return known != nullptr ? known : vgpu_abi_lookup(index);
}

// Calls it. What the real driver does not have answers as it would for a program that asks cuGetProcAddress and does
// not look.
template <class... Arguments>
CUresult real(unsigned index, Arguments... arguments) {
  void* function = real_address(index);
  if (function == nullptr) return cuda::CUDA_ERROR_NOT_SUPPORTED;
  return reinterpret_cast<CUresult (*)(Arguments...)>(function)(arguments...);
}

}  // namespace vgpu::slice
