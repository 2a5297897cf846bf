// Our declarations of the driver's ABI against the toolkit's own header. Compiled where there is one of CUDA 13; that it
// compiles is the test.
#include <cuda.h>

#include "shims/cuda/types.h"

static_assert(CUDA_VERSION / 1000 == 13);

namespace ours = vgpu::cuda;

#define VGPU_SAME_SIZE(type) static_assert(sizeof(::type) == sizeof(ours::type))
VGPU_SAME_SIZE(CUdevprop);
VGPU_SAME_SIZE(CUDA_MEMCPY2D);
VGPU_SAME_SIZE(CUDA_MEMCPY3D);
VGPU_SAME_SIZE(CUDA_MEMCPY3D_PEER);
VGPU_SAME_SIZE(CUmemLocation);
VGPU_SAME_SIZE(CUmemPoolProps);
VGPU_SAME_SIZE(CUmemAccessDesc);
VGPU_SAME_SIZE(CUmemcpyAttributes);
VGPU_SAME_SIZE(CUmemcpy3DOperand);
VGPU_SAME_SIZE(CUDA_MEMCPY3D_BATCH_OP);
VGPU_SAME_SIZE(CUstreamBatchMemOpParams);
VGPU_SAME_SIZE(CUlaunchAttributeValue);
VGPU_SAME_SIZE(CUlaunchAttribute);
VGPU_SAME_SIZE(CUlaunchConfig);
VGPU_SAME_SIZE(CUDA_LAUNCH_PARAMS);
VGPU_SAME_SIZE(CUctxCreateParams);
VGPU_SAME_SIZE(CUdeviceptr);
VGPU_SAME_SIZE(CUuuid);
static_assert(sizeof(::CUipcMemHandle) == 64 && sizeof(::CUipcEventHandle) == 64);  // ipc.cpp
static_assert(sizeof(::CUaccessPolicyWindow) == 32);                                // Stream::access_window

#define VGPU_SAME_PLACE(type, member)                                       \
  static_assert(offsetof(::type, member) == offsetof(ours::type, member) && \
                sizeof(::type::member) == sizeof(ours::type::member))
#define P(member) VGPU_SAME_PLACE(CUDA_MEMCPY2D, member)
P(srcXInBytes);
P(srcY);
P(srcMemoryType);
P(srcHost);
P(srcDevice);
P(srcArray);
P(srcPitch);
P(dstXInBytes);
P(dstY);
P(dstMemoryType);
P(dstHost);
P(dstDevice);
P(dstArray);
P(dstPitch);
P(WidthInBytes);
P(Height);
#undef P
#define P(member) VGPU_SAME_PLACE(CUDA_MEMCPY3D_PEER, member)
P(srcXInBytes);
P(srcY);
P(srcZ);
P(srcLOD);
P(srcMemoryType);
P(srcHost);
P(srcDevice);
P(srcArray);
P(srcContext);
P(srcPitch);
P(srcHeight);
P(dstXInBytes);
P(dstY);
P(dstZ);
P(dstLOD);
P(dstMemoryType);
P(dstHost);
P(dstDevice);
P(dstArray);
P(dstContext);
P(dstPitch);
P(dstHeight);
P(WidthInBytes);
P(Height);
P(Depth);
#undef P
#define P(member) VGPU_SAME_PLACE(CUmemPoolProps, member)
P(allocType);
P(handleTypes);
P(location);
P(win32SecurityAttributes);
P(maxSize);
P(usage);
P(reserved);
#undef P
#define P(member) VGPU_SAME_PLACE(CUDA_MEMCPY3D_BATCH_OP, member)
P(src);
P(dst);
P(extent);
P(srcAccessOrder);
P(flags);
#undef P
VGPU_SAME_PLACE(CUmemcpyAttributes, srcAccessOrder);
VGPU_SAME_PLACE(CUmemcpyAttributes, srcLocHint);
VGPU_SAME_PLACE(CUmemcpyAttributes, dstLocHint);
VGPU_SAME_PLACE(CUmemcpyAttributes, flags);
VGPU_SAME_PLACE(CUmemcpy3DOperand, type);
VGPU_SAME_PLACE(CUmemcpy3DOperand, op);
VGPU_SAME_PLACE(CUmemAccessDesc, flags);
VGPU_SAME_PLACE(CUlaunchConfig, hStream);
VGPU_SAME_PLACE(CUlaunchConfig, attrs);
VGPU_SAME_PLACE(CUlaunchAttribute, value);
static_assert(offsetof(::CUstreamBatchMemOpParams, waitValue.address) ==
              offsetof(ours::CUstreamBatchMemOpParams, waitValue.address));
static_assert(offsetof(::CUstreamBatchMemOpParams, waitValue.value) ==
              offsetof(ours::CUstreamBatchMemOpParams, waitValue.value));
static_assert(offsetof(::CUstreamBatchMemOpParams, waitValue.flags) ==
              offsetof(ours::CUstreamBatchMemOpParams, waitValue.flags));

#define V(name) static_assert(static_cast<long long>(::name) == static_cast<long long>(ours::name));
#define VGPU_SAME_RESULT(name, value, message) V(name)
VGPU_CUDA_RESULTS(VGPU_SAME_RESULT)
// clang-format off
V(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK) V(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X)
V(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y) V(CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z) V(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X)
V(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y) V(CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z)
V(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK) V(CU_DEVICE_ATTRIBUTE_SHARED_MEMORY_PER_BLOCK)
V(CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY) V(CU_DEVICE_ATTRIBUTE_WARP_SIZE) V(CU_DEVICE_ATTRIBUTE_MAX_PITCH)
V(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK) V(CU_DEVICE_ATTRIBUTE_REGISTERS_PER_BLOCK)
V(CU_DEVICE_ATTRIBUTE_CLOCK_RATE) V(CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT) V(CU_DEVICE_ATTRIBUTE_GPU_OVERLAP)
V(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT) V(CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT)
V(CU_DEVICE_ATTRIBUTE_INTEGRATED) V(CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY) V(CU_DEVICE_ATTRIBUTE_COMPUTE_MODE)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_WIDTH) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_HEIGHT) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_WIDTH) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_HEIGHT)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_LAYERS) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_ARRAY_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_ARRAY_HEIGHT) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_ARRAY_NUMSLICES)
V(CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT) V(CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS) V(CU_DEVICE_ATTRIBUTE_ECC_ENABLED)
V(CU_DEVICE_ATTRIBUTE_PCI_BUS_ID) V(CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID) V(CU_DEVICE_ATTRIBUTE_TCC_DRIVER)
V(CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE) V(CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH)
V(CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE) V(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR)
V(CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT) V(CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_WIDTH) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_LAYERS)
V(CU_DEVICE_ATTRIBUTE_CAN_TEX2D_GATHER) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_HEIGHT) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH_ALTERNATE)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT_ALTERNATE) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH_ALTERNATE)
V(CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID) V(CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_WIDTH) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_LAYERS) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_WIDTH) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_HEIGHT)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_WIDTH) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_HEIGHT)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_DEPTH) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_LAYERS) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_HEIGHT) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_LAYERS)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_WIDTH) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_LAYERS) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_WIDTH) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_HEIGHT)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_PITCH) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_WIDTH)
V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_HEIGHT) V(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
V(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR) V(CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_MIPMAPPED_WIDTH)
V(CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR)
V(CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR) V(CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY)
V(CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD) V(CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD_GROUP_ID)
V(CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO)
V(CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS) V(CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS)
V(CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM)
V(CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_MEM_OPS_V1) V(CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS_V1)
V(CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR_V1) V(CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH)
V(CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH) V(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN)
V(CU_DEVICE_ATTRIBUTE_CAN_FLUSH_REMOTE_WRITES) V(CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS_USES_HOST_PAGE_TABLES)
V(CU_DEVICE_ATTRIBUTE_DIRECT_MANAGED_MEM_ACCESS_FROM_HOST)
V(CU_DEVICE_ATTRIBUTE_VIRTUAL_ADDRESS_MANAGEMENT_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_WIN32_HANDLE_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_WIN32_KMT_HANDLE_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR)
V(CU_DEVICE_ATTRIBUTE_GENERIC_COMPRESSION_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE)
V(CU_DEVICE_ATTRIBUTE_MAX_ACCESS_POLICY_WINDOW_SIZE) V(CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WITH_CUDA_VMM_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK) V(CU_DEVICE_ATTRIBUTE_SPARSE_CUDA_ARRAY_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_FLUSH_WRITES_OPTIONS) V(CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WRITES_ORDERING)
V(CU_DEVICE_ATTRIBUTE_MEMPOOL_SUPPORTED_HANDLE_TYPES) V(CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH)
V(CU_DEVICE_ATTRIBUTE_DEFERRED_MAPPING_CUDA_ARRAY_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS)
V(CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR) V(CU_DEVICE_ATTRIBUTE_DMA_BUF_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_MEM_SYNC_DOMAIN_COUNT)
V(CU_DEVICE_ATTRIBUTE_TENSOR_MAP_ACCESS_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_FABRIC_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_UNIFIED_FUNCTION_POINTERS) V(CU_DEVICE_ATTRIBUTE_NUMA_CONFIG) V(CU_DEVICE_ATTRIBUTE_NUMA_ID)
V(CU_DEVICE_ATTRIBUTE_MULTICAST_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_MPS_ENABLED) V(CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID)
V(CU_DEVICE_ATTRIBUTE_D3D12_CIG_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_ALGORITHM_MASK)
V(CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_MAXIMUM_LENGTH) V(CU_DEVICE_ATTRIBUTE_VULKAN_CIG_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_GPU_PCI_DEVICE_ID) V(CU_DEVICE_ATTRIBUTE_GPU_PCI_SUBSYSTEM_ID)
V(CU_DEVICE_ATTRIBUTE_HOST_NUMA_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_HOST_NUMA_MEMORY_POOLS_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_HOST_NUMA_MULTINODE_IPC_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_HOST_MEMORY_POOLS_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_HOST_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_HOST_ALLOC_DMA_BUF_SUPPORTED) V(CU_DEVICE_ATTRIBUTE_ONLY_PARTIAL_HOST_NATIVE_ATOMIC_SUPPORTED)
V(CU_DEVICE_ATTRIBUTE_MAX) V(CU_POINTER_ATTRIBUTE_CONTEXT) V(CU_POINTER_ATTRIBUTE_MEMORY_TYPE)
V(CU_POINTER_ATTRIBUTE_DEVICE_POINTER) V(CU_POINTER_ATTRIBUTE_HOST_POINTER) V(CU_POINTER_ATTRIBUTE_P2P_TOKENS)
V(CU_POINTER_ATTRIBUTE_SYNC_MEMOPS) V(CU_POINTER_ATTRIBUTE_BUFFER_ID) V(CU_POINTER_ATTRIBUTE_IS_MANAGED)
V(CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL) V(CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE)
V(CU_POINTER_ATTRIBUTE_RANGE_START_ADDR) V(CU_POINTER_ATTRIBUTE_RANGE_SIZE) V(CU_POINTER_ATTRIBUTE_MAPPED)
V(CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES) V(CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE)
V(CU_POINTER_ATTRIBUTE_ACCESS_FLAGS) V(CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE) V(CU_POINTER_ATTRIBUTE_MAPPING_SIZE)
V(CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR) V(CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID)
V(CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE) V(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK)
V(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES) V(CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES) V(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES)
V(CU_FUNC_ATTRIBUTE_NUM_REGS) V(CU_FUNC_ATTRIBUTE_PTX_VERSION) V(CU_FUNC_ATTRIBUTE_BINARY_VERSION)
V(CU_FUNC_ATTRIBUTE_CACHE_MODE_CA) V(CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)
V(CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) V(CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET)
V(CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH) V(CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT)
V(CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH) V(CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED)
V(CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE) V(CU_FUNC_ATTRIBUTE_MAX) V(CU_LIMIT_STACK_SIZE)
V(CU_LIMIT_PRINTF_FIFO_SIZE) V(CU_LIMIT_MALLOC_HEAP_SIZE) V(CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH)
V(CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT) V(CU_LIMIT_MAX_L2_FETCH_GRANULARITY)
V(CU_LIMIT_PERSISTING_L2_CACHE_SIZE) V(CU_LIMIT_SHMEM_SIZE) V(CU_LIMIT_CIG_ENABLED)
V(CU_LIMIT_CIG_SHMEM_FALLBACK_ENABLED) V(CU_LIMIT_MAX) V(CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES)
V(CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC) V(CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES)
V(CU_MEMPOOL_ATTR_RELEASE_THRESHOLD) V(CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT) V(CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH)
V(CU_MEMPOOL_ATTR_USED_MEM_CURRENT) V(CU_MEMPOOL_ATTR_USED_MEM_HIGH) V(CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY)
V(CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION) V(CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY)
V(CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION) V(CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE)
V(CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID) V(CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE)
V(CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID) V(CU_MEM_ADVISE_SET_READ_MOSTLY)
V(CU_MEM_ADVISE_UNSET_READ_MOSTLY) V(CU_MEM_ADVISE_SET_PREFERRED_LOCATION) V(CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION)
V(CU_MEM_ADVISE_SET_ACCESSED_BY) V(CU_MEM_ADVISE_UNSET_ACCESSED_BY) V(CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK)
V(CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED) V(CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED)
V(CU_DEVICE_P2P_ATTRIBUTE_ACCESS_ACCESS_SUPPORTED) V(CU_DEVICE_P2P_ATTRIBUTE_CUDA_ARRAY_ACCESS_SUPPORTED)
V(CU_DEVICE_P2P_ATTRIBUTE_ONLY_PARTIAL_NATIVE_ATOMIC_SUPPORTED) V(CU_MEM_LOCATION_TYPE_INVALID)
V(CU_MEM_LOCATION_TYPE_NONE) V(CU_MEM_LOCATION_TYPE_DEVICE) V(CU_MEM_LOCATION_TYPE_HOST)
V(CU_MEM_LOCATION_TYPE_HOST_NUMA) V(CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT) V(CU_MEM_LOCATION_TYPE_MAX)
V(CU_MEM_ALLOCATION_TYPE_INVALID) V(CU_MEM_ALLOCATION_TYPE_PINNED) V(CU_MEM_ALLOCATION_TYPE_MANAGED)
V(CU_MEM_ALLOCATION_TYPE_MAX) V(CU_MEMORYTYPE_HOST) V(CU_MEMORYTYPE_DEVICE) V(CU_MEMORYTYPE_ARRAY)
V(CU_MEMORYTYPE_UNIFIED) V(CU_STREAM_MEM_OP_WAIT_VALUE_32) V(CU_STREAM_MEM_OP_WRITE_VALUE_32)
V(CU_STREAM_MEM_OP_WAIT_VALUE_64) V(CU_STREAM_MEM_OP_WRITE_VALUE_64) V(CU_STREAM_MEM_OP_BARRIER)
V(CU_STREAM_MEM_OP_FLUSH_REMOTE_WRITES) V(CU_GET_PROC_ADDRESS_SUCCESS) V(CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND)
V(CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT) V(CU_MODULE_EAGER_LOADING) V(CU_MODULE_LAZY_LOADING)
V(CU_STREAM_CAPTURE_STATUS_NONE) V(CU_STREAM_CAPTURE_STATUS_ACTIVE) V(CU_STREAM_CAPTURE_STATUS_INVALIDATED)
V(CU_LAUNCH_ATTRIBUTE_IGNORE) V(CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW) V(CU_LAUNCH_ATTRIBUTE_COOPERATIVE)
V(CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY) V(CU_LAUNCH_ATTRIBUTE_PRIORITY)
V(CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP) V(CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN) V(CU_FUNC_CACHE_PREFER_NONE)
V(CU_FUNC_CACHE_PREFER_SHARED) V(CU_FUNC_CACHE_PREFER_L1) V(CU_FUNC_CACHE_PREFER_EQUAL)
// clang-format on

#define S(theirs, ours_name) \
  static_assert(static_cast<unsigned long long>(theirs) == static_cast<unsigned long long>(ours::ours_name));
                                                                                                                                                                                                                                                        S(CU_STREAM_NON_BLOCKING, kStreamNonBlocking) S(CU_EVENT_BLOCKING_SYNC, kEventBlockingSync) S(CU_EVENT_DISABLE_TIMING, kEventDisableTiming) S(CU_EVENT_INTERPROCESS,
                                                                                                                                                                                                                                                                                                                                                                                                      kEventInterprocess) S(CU_CTX_SCHED_MASK, kContextScheduleMask) S(CU_CTX_MAP_HOST,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                       kContextMapHost) S(CU_CTX_LMEM_RESIZE_TO_MAX, kContextLmemResizeToMax) S(CU_CTX_COREDUMP_ENABLE,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                kContextCoredumpEnable) S(CU_CTX_USER_COREDUMP_ENABLE,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          kContextUserCoredumpEnable) S(CU_CTX_SYNC_MEMOPS, kContextSyncMemops) S(CU_CTX_FLAGS_MASK, kContextFlagsMask) S(CU_MEMHOSTALLOC_PORTABLE, kHostAllocPortable) S(CU_MEMHOSTALLOC_DEVICEMAP,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                          kHostAllocDeviceMap) S(CU_MEMHOSTALLOC_WRITECOMBINED, kHostAllocWriteCombined) S(CU_MEMHOSTREGISTER_PORTABLE,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                           kHostRegisterPortable) S(CU_MEMHOSTREGISTER_DEVICEMAP, kHostRegisterDeviceMap) S(CU_MEMHOSTREGISTER_IOMEMORY, kHostRegisterIoMemory) S(CU_MEMHOSTREGISTER_READ_ONLY,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  kHostRegisterReadOnly) S(CU_MEM_ATTACH_GLOBAL, kAttachGlobal) S(CU_MEM_ATTACH_HOST,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  kAttachHost) S(CU_MEM_ATTACH_SINGLE, kAttachSingle) S(CU_GET_PROC_ADDRESS_LEGACY_STREAM,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                        kProcAddressLegacyStream) S(CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM, kProcAddressPerThreadStream) S(CU_STREAM_WAIT_VALUE_GEQ,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                  kWaitValueGeq) S(CU_STREAM_WAIT_VALUE_EQ,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   kWaitValueEq) S(CU_STREAM_WAIT_VALUE_AND,
                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                   kWaitValueAnd)
                                                                                                                                                                                                                                                            S(CU_STREAM_WAIT_VALUE_NOR,
                                                                                                                                                                                                                                                              kWaitValueNor)
                                                                                                                                                                                                                                                                S(CU_STREAM_WAIT_VALUE_FLUSH,
                                                                                                                                                                                                                                                                  kWaitValueFlush)
