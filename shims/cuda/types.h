// The ABI of the CUDA Driver API as far as the shim reads or writes it: handles, structures, constants, version 13.0.
// Our own declarations, so that no toolkit is needed; the layouts are asserted here, and compared with the toolkit's
// header by tests/gpu/driver_header.cpp where there is one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shims/cuda/enums.h"
#include "shims/cuda/results.h"

namespace vgpu::cuda {

using CUdevice = int;
using CUdeviceptr = unsigned long long;

// Opaque handles. The shim never dereferences one that a program hands in: shims/device/handles.h looks it up.
using CUcontext = struct CUctx_st*;
using CUmodule = struct CUmod_st*;
using CUfunction = struct CUfunc_st*;
using CUlibrary = struct CUlib_st*;
using CUkernel = struct CUkern_st*;
using CUarray = struct CUarray_st*;
using CUevent = struct CUevent_st*;
using CUstream = struct CUstream_st*;
using CUmemoryPool = struct CUmemPoolHandle_st*;
using CUgreenCtx = struct CUgreenCtx_st*;
using CUgraph = struct CUgraph_st*;
using CUgraphNode = struct CUgraphNode_st*;

using CUhostFn = void (*)(void* data);
using CUstreamCallback = void (*)(CUstream stream, CUresult status, void* data);
using CUoccupancyB2DSize = std::size_t (*)(int block_size);

struct CUuuid {
  char bytes[16];
};

inline constexpr unsigned kStreamNonBlocking = 0x1;
inline constexpr std::uintptr_t kStreamLegacy = 0x1;     // CU_STREAM_LEGACY
inline constexpr std::uintptr_t kStreamPerThread = 0x2;  // CU_STREAM_PER_THREAD

inline constexpr unsigned kEventBlockingSync = 0x1;
inline constexpr unsigned kEventDisableTiming = 0x2;
inline constexpr unsigned kEventInterprocess = 0x4;

inline constexpr unsigned kContextScheduleMask = 0x07;
inline constexpr unsigned kContextMapHost = 0x08;
inline constexpr unsigned kContextLmemResizeToMax = 0x10;
inline constexpr unsigned kContextCoredumpEnable = 0x20;
inline constexpr unsigned kContextUserCoredumpEnable = 0x40;
inline constexpr unsigned kContextSyncMemops = 0x80;
inline constexpr unsigned kContextFlagsMask = 0xff;

inline constexpr unsigned kHostAllocPortable = 0x01;
inline constexpr unsigned kHostAllocDeviceMap = 0x02;
inline constexpr unsigned kHostAllocWriteCombined = 0x04;
inline constexpr unsigned kHostRegisterPortable = 0x01;
inline constexpr unsigned kHostRegisterDeviceMap = 0x02;
inline constexpr unsigned kHostRegisterIoMemory = 0x04;
inline constexpr unsigned kHostRegisterReadOnly = 0x08;

inline constexpr unsigned kAttachGlobal = 0x1;
inline constexpr unsigned kAttachHost = 0x2;
inline constexpr unsigned kAttachSingle = 0x4;

inline constexpr std::uint64_t kProcAddressLegacyStream = 1;     // CU_GET_PROC_ADDRESS_LEGACY_STREAM
inline constexpr std::uint64_t kProcAddressPerThreadStream = 2;  // CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM

inline constexpr unsigned kWaitValueGeq = 0x0;
inline constexpr unsigned kWaitValueEq = 0x1;
inline constexpr unsigned kWaitValueAnd = 0x2;
inline constexpr unsigned kWaitValueNor = 0x3;
inline constexpr unsigned kWaitValueFlush = 1U << 30;

struct CUdevprop {
  int maxThreadsPerBlock;
  int maxThreadsDim[3];
  int maxGridSize[3];
  int sharedMemPerBlock;
  int totalConstantMemory;
  int SIMDWidth;
  int memPitch;
  int regsPerBlock;
  int clockRate;
  int textureAlign;
};
static_assert(sizeof(CUdevprop) == 56);

struct CUDA_MEMCPY2D {
  std::size_t srcXInBytes;
  std::size_t srcY;
  CUmemorytype srcMemoryType;
  const void* srcHost;
  CUdeviceptr srcDevice;
  CUarray srcArray;
  std::size_t srcPitch;
  std::size_t dstXInBytes;
  std::size_t dstY;
  CUmemorytype dstMemoryType;
  void* dstHost;
  CUdeviceptr dstDevice;
  CUarray dstArray;
  std::size_t dstPitch;
  std::size_t WidthInBytes;
  std::size_t Height;
};
static_assert(sizeof(CUDA_MEMCPY2D) == 128 && offsetof(CUDA_MEMCPY2D, WidthInBytes) == 112);

// The same layout serves cuMemcpy3D (contexts are reserved fields there) and cuMemcpy3DPeer.
struct CUDA_MEMCPY3D_PEER {
  std::size_t srcXInBytes;
  std::size_t srcY;
  std::size_t srcZ;
  std::size_t srcLOD;
  CUmemorytype srcMemoryType;
  const void* srcHost;
  CUdeviceptr srcDevice;
  CUarray srcArray;
  CUcontext srcContext;
  std::size_t srcPitch;
  std::size_t srcHeight;
  std::size_t dstXInBytes;
  std::size_t dstY;
  std::size_t dstZ;
  std::size_t dstLOD;
  CUmemorytype dstMemoryType;
  void* dstHost;
  CUdeviceptr dstDevice;
  CUarray dstArray;
  CUcontext dstContext;
  std::size_t dstPitch;
  std::size_t dstHeight;
  std::size_t WidthInBytes;
  std::size_t Height;
  std::size_t Depth;
};
using CUDA_MEMCPY3D = CUDA_MEMCPY3D_PEER;
static_assert(sizeof(CUDA_MEMCPY3D) == 200 && offsetof(CUDA_MEMCPY3D, Depth) == 192);

struct CUmemLocation {
  CUmemLocationType type;
  int id;
};
static_assert(sizeof(CUmemLocation) == 8);

struct CUmemPoolProps {
  CUmemAllocationType allocType;
  int handleTypes;
  CUmemLocation location;
  void* win32SecurityAttributes;
  std::size_t maxSize;
  unsigned short usage;
  unsigned char reserved[54];
};
static_assert(sizeof(CUmemPoolProps) == 88 && offsetof(CUmemPoolProps, maxSize) == 24);

struct CUmemAccessDesc {
  CUmemLocation location;
  int flags;
};
static_assert(sizeof(CUmemAccessDesc) == 12);

struct CUmemcpyAttributes {
  int srcAccessOrder;
  CUmemLocation srcLocHint;
  CUmemLocation dstLocHint;
  unsigned flags;
};
static_assert(sizeof(CUmemcpyAttributes) == 24);

struct CUmemcpy3DOperand {
  int type;  // 1: pointer, 2: array
  union {
    struct {
      CUdeviceptr ptr;
      std::size_t rowLength;
      std::size_t layerHeight;
      CUmemLocation locHint;
    } ptr;
    struct {
      CUarray array;
      std::size_t offset[3];
    } array;
  } op;
};
static_assert(sizeof(CUmemcpy3DOperand) == 40);

struct CUDA_MEMCPY3D_BATCH_OP {
  CUmemcpy3DOperand src;
  CUmemcpy3DOperand dst;
  struct {
    std::size_t width;
    std::size_t height;
    std::size_t depth;
  } extent;
  int srcAccessOrder;
  unsigned flags;
};
static_assert(sizeof(CUDA_MEMCPY3D_BATCH_OP) == 112);

union CUstreamBatchMemOpParams {
  CUstreamBatchMemOpType operation;
  struct Value {
    CUstreamBatchMemOpType operation;
    CUdeviceptr address;
    union {
      std::uint32_t value;
      std::uint64_t value64;
    };
    unsigned flags;
    CUdeviceptr alias;
  } waitValue, writeValue;
  struct Flagged {
    CUstreamBatchMemOpType operation;
    unsigned flags;
  } flushRemoteWrites, memoryBarrier;
  std::uint64_t pad[6];
};
static_assert(sizeof(CUstreamBatchMemOpParams) == 48);

union CUlaunchAttributeValue {
  char pad[64];
  int priority;
  int syncPolicy;
};

struct CUlaunchAttribute {
  int id;
  char pad[4];
  CUlaunchAttributeValue value;
};
static_assert(sizeof(CUlaunchAttribute) == 72);

struct CUlaunchConfig {
  unsigned gridDimX, gridDimY, gridDimZ;
  unsigned blockDimX, blockDimY, blockDimZ;
  unsigned sharedMemBytes;
  CUstream hStream;
  CUlaunchAttribute* attrs;
  unsigned numAttrs;
};
static_assert(sizeof(CUlaunchConfig) == 56 && offsetof(CUlaunchConfig, hStream) == 32);

struct CUDA_LAUNCH_PARAMS {
  CUfunction function;
  unsigned gridDimX, gridDimY, gridDimZ;
  unsigned blockDimX, blockDimY, blockDimZ;
  unsigned sharedMemBytes;
  CUstream hStream;
  void** kernelParams;
};
static_assert(sizeof(CUDA_LAUNCH_PARAMS) == 56);

struct CUexecAffinityParam {
  int type;
  unsigned sm_count;
};

struct CUctxCreateParams {
  CUexecAffinityParam* execAffinityParams;
  int numExecAffinityParams;
  void* cigParams;
};
static_assert(sizeof(CUctxCreateParams) == 24);

}  // namespace vgpu::cuda
