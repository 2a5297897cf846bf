// cudaDeviceProp. CUDA 12 has two layouts under one name: cudaGetDeviceProperties fills the one of 11.x,
// which ends after reservedSharedMemPerBlock, and cudaGetDeviceProperties_v2 the whole. CUDA 13 dropped nine
// members out of the middle and named some of the reserved ones at the end.
#pragma once

#include "shims/cudart/types.h"

namespace vgpu::cudart {

struct cudaDeviceProp {
  char name[256];
  cudaUUID uuid;
  char luid[8];
  unsigned luidDeviceNodeMask;
  std::size_t totalGlobalMem;
  std::size_t sharedMemPerBlock;
  int regsPerBlock;
  int warpSize;
  std::size_t memPitch;
  int maxThreadsPerBlock;
  int maxThreadsDim[3];
  int maxGridSize[3];
#if VGPU_CUDART_MAJOR == 12
  int clockRate;
#endif
  std::size_t totalConstMem;
  int major;
  int minor;
  std::size_t textureAlignment;
  std::size_t texturePitchAlignment;
#if VGPU_CUDART_MAJOR == 12
  int deviceOverlap;
#endif
  int multiProcessorCount;
#if VGPU_CUDART_MAJOR == 12
  int kernelExecTimeoutEnabled;
#endif
  int integrated;
  int canMapHostMemory;
#if VGPU_CUDART_MAJOR == 12
  int computeMode;
#endif
  int maxTexture1D;
  int maxTexture1DMipmap;
#if VGPU_CUDART_MAJOR == 12
  int maxTexture1DLinear;
#endif
  int maxTexture2D[2];
  int maxTexture2DMipmap[2];
  int maxTexture2DLinear[3];
  int maxTexture2DGather[2];
  int maxTexture3D[3];
  int maxTexture3DAlt[3];
  int maxTextureCubemap;
  int maxTexture1DLayered[2];
  int maxTexture2DLayered[3];
  int maxTextureCubemapLayered[2];
  int maxSurface1D;
  int maxSurface2D[2];
  int maxSurface3D[3];
  int maxSurface1DLayered[2];
  int maxSurface2DLayered[3];
  int maxSurfaceCubemap;
  int maxSurfaceCubemapLayered[2];
  std::size_t surfaceAlignment;
  int concurrentKernels;
  int ECCEnabled;
  int pciBusID;
  int pciDeviceID;
  int pciDomainID;
  int tccDriver;
  int asyncEngineCount;
  int unifiedAddressing;
#if VGPU_CUDART_MAJOR == 12
  int memoryClockRate;
#endif
  int memoryBusWidth;
  int l2CacheSize;
  int persistingL2CacheMaxSize;
  int maxThreadsPerMultiProcessor;
  int streamPrioritiesSupported;
  int globalL1CacheSupported;
  int localL1CacheSupported;
  std::size_t sharedMemPerMultiprocessor;
  int regsPerMultiprocessor;
  int managedMemory;
  int isMultiGpuBoard;
  int multiGpuBoardGroupID;
  int hostNativeAtomicSupported;
#if VGPU_CUDART_MAJOR == 12
  int singleToDoublePrecisionPerfRatio;
#endif
  int pageableMemoryAccess;
  int concurrentManagedAccess;
  int computePreemptionSupported;
  int canUseHostPointerForRegisteredMem;
  int cooperativeLaunch;
#if VGPU_CUDART_MAJOR == 12
  int cooperativeMultiDeviceLaunch;
#endif
  std::size_t sharedMemPerBlockOptin;
  int pageableMemoryAccessUsesHostPageTables;
  int directManagedMemAccessFromHost;
  int maxBlocksPerMultiProcessor;
  int accessPolicyMaxWindowSize;
  std::size_t reservedSharedMemPerBlock;
  int hostRegisterSupported;  // the layout of 11.x ends before this member
  int sparseCudaArraySupported;
  int hostRegisterReadOnlySupported;
  int timelineSemaphoreInteropSupported;
  int memoryPoolsSupported;
  int gpuDirectRDMASupported;
  unsigned gpuDirectRDMAFlushWritesOptions;
  int gpuDirectRDMAWritesOrdering;
  unsigned memoryPoolSupportedHandleTypes;
  int deferredMappingCudaArraySupported;
  int ipcEventSupported;
  int clusterLaunch;
  int unifiedFunctionPointers;
#if VGPU_CUDART_MAJOR == 12
  int reserved[63];
#else
  int deviceNumaConfig;
  int deviceNumaId;
  int mpsEnabled;
  int hostNumaId;
  unsigned gpuPciDeviceID;
  unsigned gpuPciSubsystemID;
  int hostNumaMultinodeIpcSupported;
  int reserved[56];
#endif
};

static_assert(offsetof(cudaDeviceProp, totalGlobalMem) == 288 && offsetof(cudaDeviceProp, major) == 360);
#if VGPU_CUDART_MAJOR == 12
inline constexpr std::size_t kOldDevicePropSize = 728;
static_assert(sizeof(cudaDeviceProp) == 1032);
static_assert(offsetof(cudaDeviceProp, hostRegisterSupported) == kOldDevicePropSize);
static_assert(offsetof(cudaDeviceProp, multiProcessorCount) == 388);
static_assert(offsetof(cudaDeviceProp, pciBusID) == 584 && offsetof(cudaDeviceProp, l2CacheSize) == 616);
static_assert(offsetof(cudaDeviceProp, sharedMemPerBlockOptin) == 696);
static_assert(offsetof(cudaDeviceProp, unifiedFunctionPointers) == 776);
#else
static_assert(sizeof(cudaDeviceProp) == 1008);
static_assert(offsetof(cudaDeviceProp, multiProcessorCount) == 384);
static_assert(offsetof(cudaDeviceProp, pciBusID) == 568 && offsetof(cudaDeviceProp, l2CacheSize) == 596);
static_assert(offsetof(cudaDeviceProp, sharedMemPerBlockOptin) == 672);
static_assert(offsetof(cudaDeviceProp, unifiedFunctionPointers) == 752);
#endif

}  // namespace vgpu::cudart
