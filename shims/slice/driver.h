// What the functions of ours have in common: how they are exported, and the real ones behind them.
#pragma once

#include "generated/shims/abi/libvgpu-cuda-slice_index.h"
#include "shims/cuda/types.h"
#include "shims/slice/real_function.h"

#define VGPU_CUDA extern "C" __attribute__((visibility("default"))) ::vgpu::cuda::CUresult

namespace vgpu::slice {

using cuda::CUdevice;
using cuda::CUdeviceptr;
using cuda::CUresult;

inline constexpr char kLibraryName[] = "libvgpu-cuda-slice";

// Calls the real driver's function. What it does not have answers as it would for a program that asks cuGetProcAddress
// and does not look.
template <class... Arguments>
CUresult real(unsigned index, Arguments... arguments) {
  return call_real(index, cuda::CUDA_ERROR_NOT_SUPPORTED, arguments...);
}

}  // namespace vgpu::slice
