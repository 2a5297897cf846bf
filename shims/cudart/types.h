// The ABI of the CUDA Runtime API as far as the shim reads or writes it, for the majors 12 and 13. Our own
// declarations, so that no toolkit is needed; the layouts are asserted here, and tests/gpu compares those of
// 13 with the toolkit's headers where there are any.
//
// Parameters that the API declares as enumerations are `int` here: a program may pass any value, and in C++ a
// value outside of an enumeration is not a value. Handles have the types of the driver: the runtime's are the
// same ones by definition.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shims/cuda/types.h"

#ifndef VGPU_CUDART_MAJOR
#error "compile with VGPU_CUDART_MAJOR=12 or 13"
#endif

namespace vgpu::cudart {

using cudaStream_t = cuda::CUstream;
using cudaEvent_t = cuda::CUevent;
using cudaMemPool_t = cuda::CUmemoryPool;
using cudaFunction_t = cuda::CUfunction;
using cudaKernel_t = cuda::CUkernel;
using cudaLibrary_t = cuda::CUlibrary;
using cudaArray_t = struct cudaArray*;
using cudaHostFn_t = void (*)(void* data);

// What cudaRuntimeGetVersion answers: the newest runtime of the major whose names are all exported.
inline constexpr int kRuntimeVersion = VGPU_CUDART_MAJOR == 12 ? 12090 : 13000;

enum cudaMemcpyKind : int {
  cudaMemcpyHostToHost = 0,
  cudaMemcpyHostToDevice = 1,
  cudaMemcpyDeviceToHost = 2,
  cudaMemcpyDeviceToDevice = 3,
  cudaMemcpyDefault = 4,
};

inline constexpr int kMemoryTypeUnregistered = 0;  // cudaMemoryType
inline constexpr int kMemoryTypeHost = 1;
inline constexpr int kMemoryTypeDevice = 2;
inline constexpr int kMemoryTypeManaged = 3;

inline constexpr int kCpuDeviceId = -1;
inline constexpr int kInvalidDeviceId = -2;

struct dim3 {
  unsigned x, y, z;
};
static_assert(sizeof(dim3) == 12);

struct cudaChannelFormatDesc {
  int x, y, z, w;
  int f;
};
static_assert(sizeof(cudaChannelFormatDesc) == 20);

struct cudaPitchedPtr {
  void* ptr;
  std::size_t pitch;
  std::size_t xsize;
  std::size_t ysize;
};
static_assert(sizeof(cudaPitchedPtr) == 32);

struct cudaExtent {
  std::size_t width, height, depth;
};

struct cudaPos {
  std::size_t x, y, z;
};

struct cudaMemcpy3DParms {
  cudaArray_t srcArray;
  cudaPos srcPos;
  cudaPitchedPtr srcPtr;
  cudaArray_t dstArray;
  cudaPos dstPos;
  cudaPitchedPtr dstPtr;
  cudaExtent extent;
  int kind;
};
static_assert(sizeof(cudaMemcpy3DParms) == 160 && offsetof(cudaMemcpy3DParms, extent) == 128);

struct cudaMemcpy3DPeerParms {
  cudaArray_t srcArray;
  cudaPos srcPos;
  cudaPitchedPtr srcPtr;
  int srcDevice;
  cudaArray_t dstArray;
  cudaPos dstPos;
  cudaPitchedPtr dstPtr;
  int dstDevice;
  cudaExtent extent;
};
static_assert(sizeof(cudaMemcpy3DPeerParms) == 168 && offsetof(cudaMemcpy3DPeerParms, dstDevice) == 136);

struct cudaPointerAttributes {
  int type;
  int device;
  void* devicePointer;
  void* hostPointer;
#if VGPU_CUDART_MAJOR >= 13
  long reserved[8];
#endif
};
static_assert(sizeof(cudaPointerAttributes) == (VGPU_CUDART_MAJOR == 12 ? 24 : 88));

struct cudaFuncAttributes {
  std::size_t sharedSizeBytes;
  std::size_t constSizeBytes;
  std::size_t localSizeBytes;
  int maxThreadsPerBlock;
  int numRegs;
  int ptxVersion;
  int binaryVersion;
  int cacheModeCA;
  int maxDynamicSharedSizeBytes;
  int preferredShmemCarveout;
  int clusterDimMustBeSet;
  int requiredClusterWidth;
  int requiredClusterHeight;
  int requiredClusterDepth;
  int clusterSchedulingPolicyPreference;
  int nonPortableClusterSizeAllowed;
  int reserved[16];
};
static_assert(sizeof(cudaFuncAttributes) == 144 && offsetof(cudaFuncAttributes, reserved) == 76);

struct cudaLaunchConfig {
  dim3 gridDim;
  dim3 blockDim;
  std::size_t dynamicSmemBytes;
  cudaStream_t stream;
  cuda::CUlaunchAttribute* attrs;
  unsigned numAttrs;
};
static_assert(sizeof(cudaLaunchConfig) == 56);

// The batch operations of 12.8 and 13.0 have the driver's layouts.
using cudaMemcpyAttributes = cuda::CUmemcpyAttributes;
using cudaMemcpy3DBatchOp = cuda::CUDA_MEMCPY3D_BATCH_OP;
using cudaMemLocation = cuda::CUmemLocation;

struct cudaUUID {
  char bytes[16];
};

}  // namespace vgpu::cudart
