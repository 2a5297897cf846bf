// The functions of the Driver API that the runtime stands on, found by name when they are first needed.
// Whatever answers to cuInit in this process is the driver: a preloaded shim, a library that the program
// brought, or libcuda.so.1.
#pragma once

#include "shims/cudart/types.h"

namespace vgpu::cudart {

using cuda::CUcontext;
using cuda::CUdevice;
using cuda::CUdeviceptr;
using cuda::CUfunction;
using cuda::CUmodule;
using cuda::CUresult;
using cuda::CUstream;

// NAME as in this table, SYMBOL as exported, PARAMETERS. Handles and structures pass as they came from the
// program.
#define VGPU_DRIVER_FUNCTIONS(F)                                                                                       \
  F(Init, cuInit, (unsigned flags))                                                                                    \
  F(DriverGetVersion, cuDriverGetVersion, (int* version))                                                              \
  F(DeviceGetCount, cuDeviceGetCount, (int* count))                                                                    \
  F(DeviceGet, cuDeviceGet, (CUdevice * device, int ordinal))                                                          \
  F(DeviceGetName, cuDeviceGetName, (char* name, int size, CUdevice device))                                           \
  F(DeviceGetUuid, cuDeviceGetUuid_v2, (cudaUUID * uuid, CUdevice device))                                             \
  F(DeviceGetLuid, cuDeviceGetLuid, (char* luid, unsigned* node_mask, CUdevice device))                                \
  F(DeviceTotalMem, cuDeviceTotalMem_v2, (std::size_t * bytes, CUdevice device))                                       \
  F(DeviceGetAttribute, cuDeviceGetAttribute, (int* value, int attribute, CUdevice device))                            \
  F(DeviceGetPCIBusId, cuDeviceGetPCIBusId, (char* text, int size, CUdevice device))                                   \
  F(DeviceGetByPCIBusId, cuDeviceGetByPCIBusId, (CUdevice * device, const char* text))                                 \
  F(DeviceGetDefaultMemPool, cuDeviceGetDefaultMemPool, (cudaMemPool_t * pool, CUdevice device))                       \
  F(DeviceGetMemPool, cuDeviceGetMemPool, (cudaMemPool_t * pool, CUdevice device))                                     \
  F(DeviceSetMemPool, cuDeviceSetMemPool, (CUdevice device, cudaMemPool_t pool))                                       \
  F(DeviceCanAccessPeer, cuDeviceCanAccessPeer, (int* can, CUdevice device, CUdevice peer))                            \
  F(DeviceGetP2PAttribute, cuDeviceGetP2PAttribute, (int* value, int attribute, CUdevice from, CUdevice to))           \
  F(PrimaryRetain, cuDevicePrimaryCtxRetain, (CUcontext * context, CUdevice device))                                   \
  F(PrimaryRelease, cuDevicePrimaryCtxRelease_v2, (CUdevice device))                                                   \
  F(PrimaryReset, cuDevicePrimaryCtxReset_v2, (CUdevice device))                                                       \
  F(PrimarySetFlags, cuDevicePrimaryCtxSetFlags_v2, (CUdevice device, unsigned flags))                                 \
  F(PrimaryGetState, cuDevicePrimaryCtxGetState, (CUdevice device, unsigned* flags, int* active))                      \
  F(CtxGetCurrent, cuCtxGetCurrent, (CUcontext * context))                                                             \
  F(CtxSetCurrent, cuCtxSetCurrent, (CUcontext context))                                                               \
  F(CtxPushCurrent, cuCtxPushCurrent_v2, (CUcontext context))                                                          \
  F(CtxPopCurrent, cuCtxPopCurrent_v2, (CUcontext * context))                                                          \
  F(CtxGetDevice, cuCtxGetDevice, (CUdevice * device))                                                                 \
  F(CtxGetFlags, cuCtxGetFlags, (unsigned* flags))                                                                     \
  F(CtxSynchronize, cuCtxSynchronize, ())                                                                              \
  F(CtxGetLimit, cuCtxGetLimit, (std::size_t * value, int limit))                                                      \
  F(CtxSetLimit, cuCtxSetLimit, (int limit, std::size_t value))                                                        \
  F(CtxGetCacheConfig, cuCtxGetCacheConfig, (int* config))                                                             \
  F(CtxSetCacheConfig, cuCtxSetCacheConfig, (int config))                                                              \
  F(CtxGetSharedMemConfig, cuCtxGetSharedMemConfig, (int* config))                                                     \
  F(CtxSetSharedMemConfig, cuCtxSetSharedMemConfig, (int config))                                                      \
  F(CtxGetStreamPriorityRange, cuCtxGetStreamPriorityRange, (int* least, int* greatest))                               \
  F(CtxResetPersistingL2Cache, cuCtxResetPersistingL2Cache, ())                                                        \
  F(CtxEnablePeerAccess, cuCtxEnablePeerAccess, (CUcontext peer, unsigned flags))                                      \
  F(CtxDisablePeerAccess, cuCtxDisablePeerAccess, (CUcontext peer))                                                    \
  F(MemGetInfo, cuMemGetInfo_v2, (std::size_t * free, std::size_t * total))                                            \
  F(MemAlloc, cuMemAlloc_v2, (CUdeviceptr * pointer, std::size_t size))                                                \
  F(MemAllocPitch, cuMemAllocPitch_v2,                                                                                 \
    (CUdeviceptr * pointer, std::size_t * pitch, std::size_t width, std::size_t height, unsigned element))             \
  F(MemAllocManaged, cuMemAllocManaged, (CUdeviceptr * pointer, std::size_t size, unsigned flags))                     \
  F(MemFree, cuMemFree_v2, (CUdeviceptr pointer))                                                                      \
  F(MemHostAlloc, cuMemHostAlloc, (void** pointer, std::size_t size, unsigned flags))                                  \
  F(MemFreeHost, cuMemFreeHost, (void* pointer))                                                                       \
  F(MemHostRegister, cuMemHostRegister_v2, (void* pointer, std::size_t size, unsigned flags))                          \
  F(MemHostUnregister, cuMemHostUnregister, (void* pointer))                                                           \
  F(MemHostGetDevicePointer, cuMemHostGetDevicePointer_v2, (CUdeviceptr * device, void* host, unsigned flags))         \
  F(MemHostGetFlags, cuMemHostGetFlags, (unsigned* flags, void* host))                                                 \
  F(MemAllocAsync, cuMemAllocAsync, (CUdeviceptr * pointer, std::size_t size, CUstream stream))                        \
  F(MemFreeAsync, cuMemFreeAsync, (CUdeviceptr pointer, CUstream stream))                                              \
  F(MemAllocFromPoolAsync, cuMemAllocFromPoolAsync,                                                                    \
    (CUdeviceptr * pointer, std::size_t size, cudaMemPool_t pool, CUstream stream))                                    \
  F(MemPoolCreate, cuMemPoolCreate, (cudaMemPool_t * pool, const cuda::CUmemPoolProps* properties))                    \
  F(MemPoolDestroy, cuMemPoolDestroy, (cudaMemPool_t pool))                                                            \
  F(MemPoolTrimTo, cuMemPoolTrimTo, (cudaMemPool_t pool, std::size_t keep))                                            \
  F(MemPoolSetAttribute, cuMemPoolSetAttribute, (cudaMemPool_t pool, int attribute, void* value))                      \
  F(MemPoolGetAttribute, cuMemPoolGetAttribute, (cudaMemPool_t pool, int attribute, void* value))                      \
  F(MemPoolSetAccess, cuMemPoolSetAccess,                                                                              \
    (cudaMemPool_t pool, const cuda::CUmemAccessDesc* access, std::size_t count))                                      \
  F(MemPoolGetAccess, cuMemPoolGetAccess, (int* flags, cudaMemPool_t pool, cudaMemLocation* location))                 \
  F(MemGetDefaultMemPool, cuMemGetDefaultMemPool, (cudaMemPool_t * pool, cudaMemLocation * location, int type))        \
  F(MemGetMemPool, cuMemGetMemPool, (cudaMemPool_t * pool, cudaMemLocation * location, int type))                      \
  F(MemSetMemPool, cuMemSetMemPool, (cudaMemLocation * location, int type, cudaMemPool_t pool))                        \
  F(MemPrefetchAsync, cuMemPrefetchAsync_v2,                                                                           \
    (CUdeviceptr pointer, std::size_t size, cudaMemLocation location, unsigned flags, CUstream stream))                \
  F(MemAdvise, cuMemAdvise_v2, (CUdeviceptr pointer, std::size_t size, int advice, cudaMemLocation location))          \
  F(MemRangeGetAttribute, cuMemRangeGetAttribute,                                                                      \
    (void* data, std::size_t size, int attribute, CUdeviceptr pointer, std::size_t count))                             \
  F(MemRangeGetAttributes, cuMemRangeGetAttributes,                                                                    \
    (void** data, std::size_t* sizes, int* attributes, std::size_t n, CUdeviceptr pointer, std::size_t count))         \
  F(PointerGetAttribute, cuPointerGetAttribute, (void* data, int attribute, CUdeviceptr pointer))                      \
  F(PointerGetAttributes, cuPointerGetAttributes, (unsigned count, int* attributes, void** data, CUdeviceptr pointer)) \
  F(Memcpy, cuMemcpy, (CUdeviceptr to, CUdeviceptr from, std::size_t size))                                            \
  F(MemcpyAsync, cuMemcpyAsync, (CUdeviceptr to, CUdeviceptr from, std::size_t size, CUstream stream))                 \
  F(MemcpyHtoD, cuMemcpyHtoD_v2, (CUdeviceptr to, const void* from, std::size_t size))                                 \
  F(MemcpyHtoDAsync, cuMemcpyHtoDAsync_v2, (CUdeviceptr to, const void* from, std::size_t size, CUstream stream))      \
  F(MemcpyDtoH, cuMemcpyDtoH_v2, (void* to, CUdeviceptr from, std::size_t size))                                       \
  F(MemcpyDtoHAsync, cuMemcpyDtoHAsync_v2, (void* to, CUdeviceptr from, std::size_t size, CUstream stream))            \
  F(MemcpyDtoD, cuMemcpyDtoD_v2, (CUdeviceptr to, CUdeviceptr from, std::size_t size))                                 \
  F(MemcpyDtoDAsync, cuMemcpyDtoDAsync_v2, (CUdeviceptr to, CUdeviceptr from, std::size_t size, CUstream stream))      \
  F(MemcpyPeer, cuMemcpyPeer,                                                                                          \
    (CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, std::size_t size))                \
  F(MemcpyPeerAsync, cuMemcpyPeerAsync,                                                                                \
    (CUdeviceptr to, CUcontext to_context, CUdeviceptr from, CUcontext from_context, std::size_t size,                 \
     CUstream stream))                                                                                                 \
  F(Memcpy2D, cuMemcpy2DUnaligned_v2, (const cuda::CUDA_MEMCPY2D* copy))                                               \
  F(Memcpy2DAsync, cuMemcpy2DAsync_v2, (const cuda::CUDA_MEMCPY2D* copy, CUstream stream))                             \
  F(Memcpy3D, cuMemcpy3D_v2, (const cuda::CUDA_MEMCPY3D* copy))                                                        \
  F(Memcpy3DAsync, cuMemcpy3DAsync_v2, (const cuda::CUDA_MEMCPY3D* copy, CUstream stream))                             \
  F(Memcpy3DPeer, cuMemcpy3DPeer, (const cuda::CUDA_MEMCPY3D_PEER* copy))                                              \
  F(Memcpy3DPeerAsync, cuMemcpy3DPeerAsync, (const cuda::CUDA_MEMCPY3D_PEER* copy, CUstream stream))                   \
  F(MemsetD8, cuMemsetD8_v2, (CUdeviceptr to, unsigned char value, std::size_t count))                                 \
  F(MemsetD8Async, cuMemsetD8Async, (CUdeviceptr to, unsigned char value, std::size_t count, CUstream stream))         \
  F(MemsetD2D8, cuMemsetD2D8_v2,                                                                                       \
    (CUdeviceptr to, std::size_t pitch, unsigned char value, std::size_t width, std::size_t height))                   \
  F(MemsetD2D8Async, cuMemsetD2D8Async,                                                                                \
    (CUdeviceptr to, std::size_t pitch, unsigned char value, std::size_t width, std::size_t height, CUstream stream))  \
  F(StreamCreate, cuStreamCreateWithPriority, (CUstream * stream, unsigned flags, int priority))                       \
  F(StreamDestroy, cuStreamDestroy_v2, (CUstream stream))                                                              \
  F(StreamSynchronize, cuStreamSynchronize, (CUstream stream))                                                         \
  F(StreamQuery, cuStreamQuery, (CUstream stream))                                                                     \
  F(StreamWaitEvent, cuStreamWaitEvent, (CUstream stream, cudaEvent_t event, unsigned flags))                          \
  F(StreamAddCallback, cuStreamAddCallback,                                                                            \
    (CUstream stream, cuda::CUstreamCallback callback, void* data, unsigned flags))                                    \
  F(StreamGetPriority, cuStreamGetPriority, (CUstream stream, int* priority))                                          \
  F(StreamGetFlags, cuStreamGetFlags, (CUstream stream, unsigned* flags))                                              \
  F(StreamGetId, cuStreamGetId, (CUstream stream, unsigned long long* id))                                             \
  F(StreamGetCtx, cuStreamGetCtx, (CUstream stream, CUcontext * context))                                              \
  F(StreamAttachMemAsync, cuStreamAttachMemAsync,                                                                      \
    (CUstream stream, CUdeviceptr pointer, std::size_t size, unsigned flags))                                          \
  F(StreamCopyAttributes, cuStreamCopyAttributes, (CUstream to, CUstream from))                                        \
  F(StreamGetAttribute, cuStreamGetAttribute, (CUstream stream, int attribute, cuda::CUlaunchAttributeValue* value))   \
  F(StreamSetAttribute, cuStreamSetAttribute,                                                                          \
    (CUstream stream, int attribute, const cuda::CUlaunchAttributeValue* value))                                       \
  F(LaunchHostFunc, cuLaunchHostFunc, (CUstream stream, cudaHostFn_t function, void* data))                            \
  F(EventCreate, cuEventCreate, (cudaEvent_t * event, unsigned flags))                                                 \
  F(EventRecord, cuEventRecord, (cudaEvent_t event, CUstream stream))                                                  \
  F(EventRecordWithFlags, cuEventRecordWithFlags, (cudaEvent_t event, CUstream stream, unsigned flags))                \
  F(EventQuery, cuEventQuery, (cudaEvent_t event))                                                                     \
  F(EventSynchronize, cuEventSynchronize, (cudaEvent_t event))                                                         \
  F(EventDestroy, cuEventDestroy_v2, (cudaEvent_t event))                                                              \
  F(EventElapsedTime, cuEventElapsedTime, (float* milliseconds, cudaEvent_t start, cudaEvent_t end))                   \
  F(ModuleLoadFatBinary, cuModuleLoadFatBinary, (CUmodule * module, const void* image))                                \
  F(ModuleGetFunction, cuModuleGetFunction, (CUfunction * function, CUmodule module, const char* name))                \
  F(ModuleGetGlobal, cuModuleGetGlobal_v2,                                                                             \
    (CUdeviceptr * pointer, std::size_t * size, CUmodule module, const char* name))                                    \
  F(FuncGetAttribute, cuFuncGetAttribute, (int* value, int attribute, CUfunction function))                            \
  F(FuncSetAttribute, cuFuncSetAttribute, (CUfunction function, int attribute, int value))                             \
  F(FuncSetCacheConfig, cuFuncSetCacheConfig, (CUfunction function, int config))                                       \
  F(FuncSetSharedMemConfig, cuFuncSetSharedMemConfig, (CUfunction function, int config))                               \
  F(FuncGetParamInfo, cuFuncGetParamInfo,                                                                              \
    (CUfunction function, std::size_t index, std::size_t * offset, std::size_t * size))                                \
  F(LaunchKernelEx, cuLaunchKernelEx,                                                                                  \
    (const cuda::CUlaunchConfig* config, CUfunction function, void** arguments, void** extra))                         \
  F(OccupancyBlocks, cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags,                                             \
    (int* blocks, CUfunction function, int block_size, std::size_t shared, unsigned flags))                            \
  F(OccupancyAvailableShared, cuOccupancyAvailableDynamicSMemPerBlock,                                                 \
    (std::size_t * shared, CUfunction function, int blocks, int block_size))                                           \
  F(OccupancyClusterSize, cuOccupancyMaxPotentialClusterSize,                                                          \
    (int* size, CUfunction function, const cuda::CUlaunchConfig* config))                                              \
  F(OccupancyClusters, cuOccupancyMaxActiveClusters,                                                                   \
    (int* clusters, CUfunction function, const cuda::CUlaunchConfig* config))                                          \
  F(GetProcAddress, cuGetProcAddress_v2,                                                                               \
    (const char* symbol, void** function, int version, std::uint64_t flags, int* status))

// One pointer for each. A function that the driver does not have answers CUDA_ERROR_NOT_SUPPORTED, so none is
// null.
struct Driver {
#define VGPU_DRIVER_MEMBER(name, symbol, parameters) CUresult(*name) parameters;
  VGPU_DRIVER_FUNCTIONS(VGPU_DRIVER_MEMBER)
#undef VGPU_DRIVER_MEMBER
};

// Where cuInit comes from: null when there is none. dlsym(3) with RTLD_DEFAULT sees every library of the
// program's global scope, whatever the load order; otherwise libcuda.so.1 is opened as the real runtime does
// it.
void* find_cu_init();

// Fills `driver`; false when there is no cuInit.
bool find_driver(Driver& driver);

}  // namespace vgpu::cudart
