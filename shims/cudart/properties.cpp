// cudaGetDeviceProperties and cudaChooseDevice: every member is an answer of the driver.
#include <cstring>

#include "shims/cudart/device_prop.h"
#include "shims/cudart/state.h"

namespace vgpu::cudart {
namespace {

// Which attribute of the driver stands in which member. Most members are an int, some a size_t; arrays are
// listed apart.
struct Source {
  int attribute;
  unsigned short offset;
  unsigned short size;
};

#define VGPU_MEMBER(member, attribute) \
  Source { cuda::CU_DEVICE_ATTRIBUTE_##attribute, offsetof(cudaDeviceProp, member), sizeof(cudaDeviceProp::member) }
#define VGPU_ELEMENT(member, index, attribute) \
  Source { cuda::CU_DEVICE_ATTRIBUTE_##attribute, offsetof(cudaDeviceProp, member) + 4 * (index), 4 }

constexpr Source kSources[] = {
    VGPU_MEMBER(sharedMemPerBlock, MAX_SHARED_MEMORY_PER_BLOCK),
    VGPU_MEMBER(regsPerBlock, MAX_REGISTERS_PER_BLOCK),
    VGPU_MEMBER(warpSize, WARP_SIZE),
    VGPU_MEMBER(memPitch, MAX_PITCH),
    VGPU_MEMBER(maxThreadsPerBlock, MAX_THREADS_PER_BLOCK),
    VGPU_ELEMENT(maxThreadsDim, 0, MAX_BLOCK_DIM_X),
    VGPU_ELEMENT(maxThreadsDim, 1, MAX_BLOCK_DIM_Y),
    VGPU_ELEMENT(maxThreadsDim, 2, MAX_BLOCK_DIM_Z),
    VGPU_ELEMENT(maxGridSize, 0, MAX_GRID_DIM_X),
    VGPU_ELEMENT(maxGridSize, 1, MAX_GRID_DIM_Y),
    VGPU_ELEMENT(maxGridSize, 2, MAX_GRID_DIM_Z),
    VGPU_MEMBER(totalConstMem, TOTAL_CONSTANT_MEMORY),
    VGPU_MEMBER(major, COMPUTE_CAPABILITY_MAJOR),
    VGPU_MEMBER(minor, COMPUTE_CAPABILITY_MINOR),
    VGPU_MEMBER(textureAlignment, TEXTURE_ALIGNMENT),
    VGPU_MEMBER(texturePitchAlignment, TEXTURE_PITCH_ALIGNMENT),
    VGPU_MEMBER(multiProcessorCount, MULTIPROCESSOR_COUNT),
    VGPU_MEMBER(integrated, INTEGRATED),
    VGPU_MEMBER(canMapHostMemory, CAN_MAP_HOST_MEMORY),
    VGPU_MEMBER(maxTexture1D, MAXIMUM_TEXTURE1D_WIDTH),
    VGPU_MEMBER(maxTexture1DMipmap, MAXIMUM_TEXTURE1D_MIPMAPPED_WIDTH),
    VGPU_ELEMENT(maxTexture2D, 0, MAXIMUM_TEXTURE2D_WIDTH),
    VGPU_ELEMENT(maxTexture2D, 1, MAXIMUM_TEXTURE2D_HEIGHT),
    VGPU_ELEMENT(maxTexture2DMipmap, 0, MAXIMUM_TEXTURE2D_MIPMAPPED_WIDTH),
    VGPU_ELEMENT(maxTexture2DMipmap, 1, MAXIMUM_TEXTURE2D_MIPMAPPED_HEIGHT),
    VGPU_ELEMENT(maxTexture2DLinear, 0, MAXIMUM_TEXTURE2D_LINEAR_WIDTH),
    VGPU_ELEMENT(maxTexture2DLinear, 1, MAXIMUM_TEXTURE2D_LINEAR_HEIGHT),
    VGPU_ELEMENT(maxTexture2DLinear, 2, MAXIMUM_TEXTURE2D_LINEAR_PITCH),
    VGPU_ELEMENT(maxTexture2DGather, 0, MAXIMUM_TEXTURE2D_GATHER_WIDTH),
    VGPU_ELEMENT(maxTexture2DGather, 1, MAXIMUM_TEXTURE2D_GATHER_HEIGHT),
    VGPU_ELEMENT(maxTexture3D, 0, MAXIMUM_TEXTURE3D_WIDTH),
    VGPU_ELEMENT(maxTexture3D, 1, MAXIMUM_TEXTURE3D_HEIGHT),
    VGPU_ELEMENT(maxTexture3D, 2, MAXIMUM_TEXTURE3D_DEPTH),
    VGPU_ELEMENT(maxTexture3DAlt, 0, MAXIMUM_TEXTURE3D_WIDTH_ALTERNATE),
    VGPU_ELEMENT(maxTexture3DAlt, 1, MAXIMUM_TEXTURE3D_HEIGHT_ALTERNATE),
    VGPU_ELEMENT(maxTexture3DAlt, 2, MAXIMUM_TEXTURE3D_DEPTH_ALTERNATE),
    VGPU_MEMBER(maxTextureCubemap, MAXIMUM_TEXTURECUBEMAP_WIDTH),
    VGPU_ELEMENT(maxTexture1DLayered, 0, MAXIMUM_TEXTURE1D_LAYERED_WIDTH),
    VGPU_ELEMENT(maxTexture1DLayered, 1, MAXIMUM_TEXTURE1D_LAYERED_LAYERS),
    VGPU_ELEMENT(maxTexture2DLayered, 0, MAXIMUM_TEXTURE2D_LAYERED_WIDTH),
    VGPU_ELEMENT(maxTexture2DLayered, 1, MAXIMUM_TEXTURE2D_LAYERED_HEIGHT),
    VGPU_ELEMENT(maxTexture2DLayered, 2, MAXIMUM_TEXTURE2D_LAYERED_LAYERS),
    VGPU_ELEMENT(maxTextureCubemapLayered, 0, MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH),
    VGPU_ELEMENT(maxTextureCubemapLayered, 1, MAXIMUM_TEXTURECUBEMAP_LAYERED_LAYERS),
    VGPU_MEMBER(maxSurface1D, MAXIMUM_SURFACE1D_WIDTH),
    VGPU_ELEMENT(maxSurface2D, 0, MAXIMUM_SURFACE2D_WIDTH),
    VGPU_ELEMENT(maxSurface2D, 1, MAXIMUM_SURFACE2D_HEIGHT),
    VGPU_ELEMENT(maxSurface3D, 0, MAXIMUM_SURFACE3D_WIDTH),
    VGPU_ELEMENT(maxSurface3D, 1, MAXIMUM_SURFACE3D_HEIGHT),
    VGPU_ELEMENT(maxSurface3D, 2, MAXIMUM_SURFACE3D_DEPTH),
    VGPU_ELEMENT(maxSurface1DLayered, 0, MAXIMUM_SURFACE1D_LAYERED_WIDTH),
    VGPU_ELEMENT(maxSurface1DLayered, 1, MAXIMUM_SURFACE1D_LAYERED_LAYERS),
    VGPU_ELEMENT(maxSurface2DLayered, 0, MAXIMUM_SURFACE2D_LAYERED_WIDTH),
    VGPU_ELEMENT(maxSurface2DLayered, 1, MAXIMUM_SURFACE2D_LAYERED_HEIGHT),
    VGPU_ELEMENT(maxSurface2DLayered, 2, MAXIMUM_SURFACE2D_LAYERED_LAYERS),
    VGPU_MEMBER(maxSurfaceCubemap, MAXIMUM_SURFACECUBEMAP_WIDTH),
    VGPU_ELEMENT(maxSurfaceCubemapLayered, 0, MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH),
    VGPU_ELEMENT(maxSurfaceCubemapLayered, 1, MAXIMUM_SURFACECUBEMAP_LAYERED_LAYERS),
    VGPU_MEMBER(surfaceAlignment, SURFACE_ALIGNMENT),
    VGPU_MEMBER(concurrentKernels, CONCURRENT_KERNELS),
    VGPU_MEMBER(ECCEnabled, ECC_ENABLED),
    VGPU_MEMBER(pciBusID, PCI_BUS_ID),
    VGPU_MEMBER(pciDeviceID, PCI_DEVICE_ID),
    VGPU_MEMBER(pciDomainID, PCI_DOMAIN_ID),
    VGPU_MEMBER(tccDriver, TCC_DRIVER),
    VGPU_MEMBER(asyncEngineCount, ASYNC_ENGINE_COUNT),
    VGPU_MEMBER(unifiedAddressing, UNIFIED_ADDRESSING),
    VGPU_MEMBER(memoryBusWidth, GLOBAL_MEMORY_BUS_WIDTH),
    VGPU_MEMBER(l2CacheSize, L2_CACHE_SIZE),
    VGPU_MEMBER(persistingL2CacheMaxSize, MAX_PERSISTING_L2_CACHE_SIZE),
    VGPU_MEMBER(maxThreadsPerMultiProcessor, MAX_THREADS_PER_MULTIPROCESSOR),
    VGPU_MEMBER(streamPrioritiesSupported, STREAM_PRIORITIES_SUPPORTED),
    VGPU_MEMBER(globalL1CacheSupported, GLOBAL_L1_CACHE_SUPPORTED),
    VGPU_MEMBER(localL1CacheSupported, LOCAL_L1_CACHE_SUPPORTED),
    VGPU_MEMBER(sharedMemPerMultiprocessor, MAX_SHARED_MEMORY_PER_MULTIPROCESSOR),
    VGPU_MEMBER(regsPerMultiprocessor, MAX_REGISTERS_PER_MULTIPROCESSOR),
    VGPU_MEMBER(managedMemory, MANAGED_MEMORY),
    VGPU_MEMBER(isMultiGpuBoard, MULTI_GPU_BOARD),
    VGPU_MEMBER(multiGpuBoardGroupID, MULTI_GPU_BOARD_GROUP_ID),
    VGPU_MEMBER(hostNativeAtomicSupported, HOST_NATIVE_ATOMIC_SUPPORTED),
    VGPU_MEMBER(pageableMemoryAccess, PAGEABLE_MEMORY_ACCESS),
    VGPU_MEMBER(concurrentManagedAccess, CONCURRENT_MANAGED_ACCESS),
    VGPU_MEMBER(computePreemptionSupported, COMPUTE_PREEMPTION_SUPPORTED),
    VGPU_MEMBER(canUseHostPointerForRegisteredMem, CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM),
    VGPU_MEMBER(cooperativeLaunch, COOPERATIVE_LAUNCH),
    VGPU_MEMBER(sharedMemPerBlockOptin, MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
    VGPU_MEMBER(pageableMemoryAccessUsesHostPageTables, PAGEABLE_MEMORY_ACCESS_USES_HOST_PAGE_TABLES),
    VGPU_MEMBER(directManagedMemAccessFromHost, DIRECT_MANAGED_MEM_ACCESS_FROM_HOST),
    VGPU_MEMBER(maxBlocksPerMultiProcessor, MAX_BLOCKS_PER_MULTIPROCESSOR),
    VGPU_MEMBER(accessPolicyMaxWindowSize, MAX_ACCESS_POLICY_WINDOW_SIZE),
    VGPU_MEMBER(reservedSharedMemPerBlock, RESERVED_SHARED_MEMORY_PER_BLOCK),
    VGPU_MEMBER(hostRegisterSupported, HOST_REGISTER_SUPPORTED),
    VGPU_MEMBER(sparseCudaArraySupported, SPARSE_CUDA_ARRAY_SUPPORTED),
    VGPU_MEMBER(hostRegisterReadOnlySupported, READ_ONLY_HOST_REGISTER_SUPPORTED),
    VGPU_MEMBER(timelineSemaphoreInteropSupported, TIMELINE_SEMAPHORE_INTEROP_SUPPORTED),
    VGPU_MEMBER(memoryPoolsSupported, MEMORY_POOLS_SUPPORTED),
    VGPU_MEMBER(gpuDirectRDMASupported, GPU_DIRECT_RDMA_SUPPORTED),
    VGPU_MEMBER(gpuDirectRDMAFlushWritesOptions, GPU_DIRECT_RDMA_FLUSH_WRITES_OPTIONS),
    VGPU_MEMBER(gpuDirectRDMAWritesOrdering, GPU_DIRECT_RDMA_WRITES_ORDERING),
    VGPU_MEMBER(memoryPoolSupportedHandleTypes, MEMPOOL_SUPPORTED_HANDLE_TYPES),
    VGPU_MEMBER(deferredMappingCudaArraySupported, DEFERRED_MAPPING_CUDA_ARRAY_SUPPORTED),
    VGPU_MEMBER(ipcEventSupported, IPC_EVENT_SUPPORTED),
    VGPU_MEMBER(clusterLaunch, CLUSTER_LAUNCH),
    VGPU_MEMBER(unifiedFunctionPointers, UNIFIED_FUNCTION_POINTERS),
#if VGPU_CUDART_MAJOR == 12
    VGPU_MEMBER(clockRate, CLOCK_RATE),
    VGPU_MEMBER(deviceOverlap, GPU_OVERLAP),
    VGPU_MEMBER(kernelExecTimeoutEnabled, KERNEL_EXEC_TIMEOUT),
    VGPU_MEMBER(computeMode, COMPUTE_MODE),
    VGPU_MEMBER(maxTexture1DLinear, MAXIMUM_TEXTURE1D_LINEAR_WIDTH),
    VGPU_MEMBER(memoryClockRate, MEMORY_CLOCK_RATE),
    VGPU_MEMBER(singleToDoublePrecisionPerfRatio, SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO),
    VGPU_MEMBER(cooperativeMultiDeviceLaunch, COOPERATIVE_MULTI_DEVICE_LAUNCH),
#else
    VGPU_MEMBER(deviceNumaConfig, NUMA_CONFIG),
    VGPU_MEMBER(deviceNumaId, NUMA_ID),
    VGPU_MEMBER(mpsEnabled, MPS_ENABLED),
    VGPU_MEMBER(hostNumaId, HOST_NUMA_ID),
    VGPU_MEMBER(gpuPciDeviceID, GPU_PCI_DEVICE_ID),
    VGPU_MEMBER(gpuPciSubsystemID, GPU_PCI_SUBSYSTEM_ID),
    VGPU_MEMBER(hostNumaMultinodeIpcSupported, HOST_NUMA_MULTINODE_IPC_SUPPORTED),
#endif
};

#undef VGPU_MEMBER
#undef VGPU_ELEMENT

cudaError_t properties(const Driver& driver, int device, cudaDeviceProp& answer) {
  if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
  std::memset(&answer, 0, sizeof answer);
  CUresult result = driver.DeviceGetName(answer.name, sizeof answer.name, device);
  if (result == cuda::CUDA_SUCCESS) result = driver.DeviceGetUuid(&answer.uuid, device);
  if (result == cuda::CUDA_SUCCESS) result = driver.DeviceTotalMem(&answer.totalGlobalMem, device);
  if (result != cuda::CUDA_SUCCESS) return from_driver(result);
  for (const Source& source : kSources) {
    int value = 0;
    // An attribute that an older driver does not know stays 0, as in the real runtime.
    if (driver.DeviceGetAttribute(&value, source.attribute, device) != cuda::CUDA_SUCCESS) continue;
    const auto wide = static_cast<std::size_t>(value);
    char* member = reinterpret_cast<char*>(&answer) + source.offset;
    if (source.size == sizeof wide) {
      std::memcpy(member, &wide, sizeof wide);
    } else {
      std::memcpy(member, &value, sizeof value);
    }
  }
  return cudaSuccess;
}

// How much of what the caller asks for a device has: one point a demand. A member that is 0 or empty asks for
// nothing.
int score(const cudaDeviceProp& wanted, const cudaDeviceProp& device) {
  int points = 0;
  const auto at_least = [&](auto want, auto have, int weight) {
    if (want != 0 && have >= want) points += weight;
  };
  if (wanted.name[0] != 0 && std::strncmp(wanted.name, device.name, sizeof wanted.name) == 0) points += 8;
  at_least(wanted.major * 1000 + wanted.minor, device.major * 1000 + device.minor, 4);
  at_least(wanted.totalGlobalMem, device.totalGlobalMem, 2);
  at_least(wanted.multiProcessorCount, device.multiProcessorCount, 1);
  at_least(wanted.sharedMemPerBlock, device.sharedMemPerBlock, 1);
  at_least(wanted.regsPerBlock, device.regsPerBlock, 1);
  return points;
}

cudaError_t choose(const Driver& driver, const cudaDeviceProp& wanted, int& device) {
  int count = 0;
  if (const cudaError_t error = device_count(driver, count); error != cudaSuccess) return error;
  int best = -1;
  for (int candidate = 0; candidate < count; ++candidate) {
    cudaDeviceProp answer;
    if (const cudaError_t error = properties(driver, candidate, answer); error != cudaSuccess) return error;
    const int points = score(wanted, answer);
    if (points <= best) continue;
    best = points;
    device = candidate;
  }
  return cudaSuccess;
}

}  // namespace
}  // namespace vgpu::cudart

using namespace vgpu::cudart;

#if VGPU_CUDART_MAJOR == 12
VGPU_API cudaError_t cudaGetDeviceProperties(void* answer, int device) {
  return with_driver([&](const Driver& driver) {
    if (answer == nullptr) return cudaErrorInvalidValue;
    cudaDeviceProp whole;
    const cudaError_t error = properties(driver, device, whole);
    if (error == cudaSuccess) std::memcpy(answer, &whole, kOldDevicePropSize);
    return error;
  });
}

VGPU_API cudaError_t cudaGetDeviceProperties_v2(cudaDeviceProp* answer, int device) {
#else
VGPU_API cudaError_t cudaGetDeviceProperties(cudaDeviceProp* answer, int device) {
#endif
  return with_driver([&](const Driver& driver) {
    if (answer == nullptr) return cudaErrorInvalidValue;
    return properties(driver, device, *answer);
  });
}

VGPU_API cudaError_t cudaChooseDevice(int* device, const cudaDeviceProp* wanted) {
  return with_driver([&](const Driver& driver) {
    if (device == nullptr || wanted == nullptr) return cudaErrorInvalidValue;
    return choose(driver, *wanted, *device);
  });
}
