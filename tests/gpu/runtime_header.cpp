// Our declarations of the runtime's ABI against the toolkit's own headers. Compiled where there are any; that it compiles is
// the test.
#include <cuda_runtime_api.h>

#include "shims/cudart/device_prop.h"
#include "shims/cudart/errors.h"

static_assert(CUDART_VERSION / 1000 == VGPU_CUDART_MAJOR);

#define VGPU_SAME_SIZE(type) static_assert(sizeof(::type) == sizeof(vgpu::cudart::type))
VGPU_SAME_SIZE(cudaDeviceProp);
VGPU_SAME_SIZE(cudaPointerAttributes);
VGPU_SAME_SIZE(cudaFuncAttributes);
VGPU_SAME_SIZE(cudaMemcpy3DParms);
VGPU_SAME_SIZE(cudaMemcpy3DPeerParms);
VGPU_SAME_SIZE(cudaPitchedPtr);
VGPU_SAME_SIZE(cudaExtent);
VGPU_SAME_SIZE(cudaChannelFormatDesc);
VGPU_SAME_SIZE(cudaMemLocation);
VGPU_SAME_SIZE(cudaMemcpyAttributes);
VGPU_SAME_SIZE(cudaMemcpy3DBatchOp);
static_assert(sizeof(::cudaLaunchConfig_t) == sizeof(vgpu::cudart::cudaLaunchConfig));
static_assert(sizeof(::cudaMemPoolProps) == sizeof(vgpu::cuda::CUmemPoolProps));
static_assert(sizeof(::cudaMemAccessDesc) == sizeof(vgpu::cuda::CUmemAccessDesc));
static_assert(sizeof(::cudaLaunchAttribute) == sizeof(vgpu::cuda::CUlaunchAttribute));

#define VGPU_SAME_PLACE(type, member)                                               \
  static_assert(offsetof(::type, member) == offsetof(vgpu::cudart::type, member) && \
                sizeof(::type::member) == sizeof(vgpu::cudart::type::member))
#define P(member) VGPU_SAME_PLACE(cudaDeviceProp, member)
P(name);
P(uuid);
P(luid);
P(luidDeviceNodeMask);
P(totalGlobalMem);
P(sharedMemPerBlock);
P(regsPerBlock);
P(warpSize);
P(memPitch);
P(maxThreadsPerBlock);
P(maxThreadsDim);
P(maxGridSize);
P(totalConstMem);
P(major);
P(minor);
P(textureAlignment);
P(texturePitchAlignment);
P(multiProcessorCount);
P(integrated);
P(canMapHostMemory);
P(maxTexture1D);
P(maxTexture1DMipmap);
P(maxTexture2D);
P(maxTexture2DMipmap);
P(maxTexture2DLinear);
P(maxTexture2DGather);
P(maxTexture3D);
P(maxTexture3DAlt);
P(maxTextureCubemap);
P(maxTexture1DLayered);
P(maxTexture2DLayered);
P(maxTextureCubemapLayered);
P(maxSurface1D);
P(maxSurface2D);
P(maxSurface3D);
P(maxSurface1DLayered);
P(maxSurface2DLayered);
P(maxSurfaceCubemap);
P(maxSurfaceCubemapLayered);
P(surfaceAlignment);
P(concurrentKernels);
P(ECCEnabled);
P(pciBusID);
P(pciDeviceID);
P(pciDomainID);
P(tccDriver);
P(asyncEngineCount);
P(unifiedAddressing);
P(memoryBusWidth);
P(l2CacheSize);
P(persistingL2CacheMaxSize);
P(maxThreadsPerMultiProcessor);
P(streamPrioritiesSupported);
P(globalL1CacheSupported);
P(localL1CacheSupported);
P(sharedMemPerMultiprocessor);
P(regsPerMultiprocessor);
P(managedMemory);
P(isMultiGpuBoard);
P(multiGpuBoardGroupID);
P(hostNativeAtomicSupported);
P(pageableMemoryAccess);
P(concurrentManagedAccess);
P(computePreemptionSupported);
P(canUseHostPointerForRegisteredMem);
P(cooperativeLaunch);
P(sharedMemPerBlockOptin);
P(pageableMemoryAccessUsesHostPageTables);
P(directManagedMemAccessFromHost);
P(maxBlocksPerMultiProcessor);
P(accessPolicyMaxWindowSize);
P(reservedSharedMemPerBlock);
P(hostRegisterSupported);
P(sparseCudaArraySupported);
P(hostRegisterReadOnlySupported);
P(timelineSemaphoreInteropSupported);
P(memoryPoolsSupported);
P(gpuDirectRDMASupported);
P(gpuDirectRDMAFlushWritesOptions);
P(gpuDirectRDMAWritesOrdering);
P(memoryPoolSupportedHandleTypes);
P(deferredMappingCudaArraySupported);
P(ipcEventSupported);
P(clusterLaunch);
P(unifiedFunctionPointers);
#if VGPU_CUDART_MAJOR == 12
P(clockRate);
P(deviceOverlap);
P(kernelExecTimeoutEnabled);
P(computeMode);
P(maxTexture1DLinear);
P(memoryClockRate);
P(singleToDoublePrecisionPerfRatio);
P(cooperativeMultiDeviceLaunch);
#else
P(deviceNumaConfig);
P(deviceNumaId);
P(mpsEnabled);
P(hostNumaId);
P(gpuPciDeviceID);
P(gpuPciSubsystemID);
P(hostNumaMultinodeIpcSupported);
#endif
VGPU_SAME_PLACE(cudaPointerAttributes, type);
VGPU_SAME_PLACE(cudaPointerAttributes, hostPointer);
VGPU_SAME_PLACE(cudaFuncAttributes, binaryVersion);
VGPU_SAME_PLACE(cudaFuncAttributes, nonPortableClusterSizeAllowed);
VGPU_SAME_PLACE(cudaMemcpy3DParms, dstPtr);
VGPU_SAME_PLACE(cudaMemcpy3DParms, kind);
VGPU_SAME_PLACE(cudaMemcpy3DPeerParms, srcDevice);
VGPU_SAME_PLACE(cudaMemcpy3DPeerParms, extent);

// Every error of ours has the header's value. 13's header has all of ours; older ones of 12 lack the newest.
#define VGPU_SAME_ERROR(name, value, message) static_assert(static_cast<int>(::name) == value);
#if VGPU_CUDART_MAJOR >= 13
VGPU_CUDART_ERRORS(VGPU_SAME_ERROR)
#endif
