// Contexts' settings, peers, and what is not there.
#include <atomic>
#include <chrono>
#include <thread>

#include "tests/gpu/driver_test.h"

using namespace vgpu::cuda;
using namespace vgpu::test;

namespace {

// By value, as the API hands its enumerations.
std::size_t limit(int which) {
  std::size_t value = 0;
  CHECK_OK("cuCtxGetLimit", &value, which);
  return value;
}

}  // namespace

TEST_CASE("limits are told, set and cut") {
  const CurrentContext context;
  CHECK(limit(CU_LIMIT_STACK_SIZE) == 1024);
  CHECK_OK("cuCtxSetLimit", int{CU_LIMIT_STACK_SIZE}, std::size_t{1000});
  CHECK(limit(CU_LIMIT_STACK_SIZE) == 1008);
  CHECK_OK("cuCtxSetLimit", int{CU_LIMIT_MALLOC_HEAP_SIZE}, std::size_t{1} << 30);
  CHECK(limit(CU_LIMIT_MALLOC_HEAP_SIZE) == std::size_t{1} << 30);
  std::size_t value = 0;
  CHECK_RESULT(CUDA_ERROR_UNSUPPORTED_LIMIT, "cuCtxGetLimit", &value,
               int{CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH});  // since 9.0
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuCtxGetLimit", &value, 99);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuCtxSetLimit", 99, std::size_t{1});
  int most = 0;
  CHECK_OK("cuDeviceGetAttribute", &most, int{CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE}, 0);
  CHECK_OK("cuCtxSetLimit", int{CU_LIMIT_PERSISTING_L2_CACHE_SIZE}, std::size_t{1} << 40);
  CHECK(limit(CU_LIMIT_PERSISTING_L2_CACHE_SIZE) == static_cast<std::size_t>(most));
  const CurrentContext other;
  CHECK(limit(CU_LIMIT_STACK_SIZE) == 1024);
}

TEST_CASE("preferences and flags are kept by each context") {
  const CurrentContext context;
  int value = 0;
  CHECK_OK("cuCtxSetCacheConfig", 2);
  CHECK_OK("cuCtxGetCacheConfig", &value);
  CHECK(value == 2);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuCtxSetCacheConfig", 4);
  CHECK_OK("cuCtxSetSharedMemConfig", 2);
  CHECK_OK("cuCtxGetSharedMemConfig", &value);
  CHECK(value == 1);  // four bytes, whatever was asked for
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuCtxSetSharedMemConfig", 3);
  unsigned flags = 0;
  CHECK_OK("cuCtxGetFlags", &flags);
  CHECK(flags == 0);
  CHECK_OK("cuCtxSetFlags", kContextSyncMemops);
  CHECK_OK("cuCtxGetFlags", &flags);
  CHECK(flags == kContextSyncMemops);
  CHECK_OK("cuCtxSetFlags", 4U);
  CHECK_OK("cuCtxGetFlags", &flags);
  CHECK(flags == 4);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuCtxSetFlags", 7U);
  int least = 99;
  int greatest = 99;
  CHECK_OK("cuCtxGetStreamPriorityRange", &least, &greatest);
  CHECK(least == 0);
  CHECK(greatest < least);
}

TEST_CASE("events of a whole context") {
  const CurrentContext context;
  CUevent event = nullptr;
  CHECK_OK("cuEventCreate", &event, 0U);
  CHECK_OK("cuCtxRecordEvent", context.get(), event);
  CHECK_OK("cuEventQuery", event);
  CHECK_OK("cuCtxWaitEvent", context.get(), event);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuCtxRecordEvent", context.get(), CUevent{nullptr});
  const CurrentContext other;
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuCtxRecordEvent", other.get(), event);
  CHECK_OK("cuCtxWaitEvent", other.get(), event);
}

namespace {

struct Door {
  std::atomic<bool> open{false};
};

void wait_for(void* door) {
  while (!static_cast<Door*>(door)->open) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

TEST_CASE("a record of the context is behind all its streams, and a wait of the context in front of what comes next") {
  Door door;
  const CurrentContext context;
  CUstream first = nullptr;
  CUstream second = nullptr;
  CUevent event = nullptr;
  CUdeviceptr memory = 0;
  CHECK_OK("cuMemAlloc_v2", &memory, std::size_t{4});
  CHECK_OK("cuMemsetD8_v2", memory, static_cast<unsigned char>(0), std::size_t{4});
  CHECK_OK("cuStreamCreate", &first, 1U);
  CHECK_OK("cuStreamCreate", &second, 1U);
  CHECK_OK("cuEventCreate", &event, 0U);
  CHECK_OK("cuLaunchHostFunc", first, &wait_for, static_cast<void*>(&door));
  CHECK_OK("cuCtxRecordEvent", context.get(), event);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuEventQuery", event);
  CHECK_OK("cuCtxWaitEvent", context.get(), event);
  CHECK_OK("cuStreamQuery", second);  // nothing was asked of it yet
  CHECK_OK("cuStreamSynchronize", second);
  CHECK_OK("cuMemsetD8Async", memory, static_cast<unsigned char>(5), std::size_t{4}, second);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", second);
  CHECK(*reinterpret_cast<const volatile unsigned char*>(memory) == 0);
  door.open = true;
  CHECK_OK("cuStreamSynchronize", second);
  CHECK_OK("cuEventQuery", event);
  unsigned char value = 0;
  CHECK_OK("cuMemcpyDtoH_v2", static_cast<void*>(&value), memory, std::size_t{1});
  CHECK(value == 5);
  CHECK_OK("cuCtxSynchronize");
  CHECK_RESULT(CUDA_ERROR_INVALID_CONTEXT, "cuCtxRecordEvent", CUcontext{nullptr}, event);
  CHECK_RESULT(CUDA_ERROR_INVALID_CONTEXT, "cuCtxWaitEvent", CUcontext{nullptr}, event);
}

TEST_CASE("two devices reach each other's memory, and say so everywhere") {
  CHECK_OK("cuInit", 0U);
  int can = -7;
  CHECK_OK("cuDeviceCanAccessPeer", &can, 0, 1);
  CHECK(can == 1);
  CHECK_OK("cuDeviceCanAccessPeer", &can, 0, 0);
  CHECK(can == 0);
  CHECK_RESULT(CUDA_ERROR_INVALID_DEVICE, "cuDeviceCanAccessPeer", &can, 0, 2);
  int value = -7;
  CHECK_OK("cuDeviceGetP2PAttribute", &value, int{CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED}, 0, 1);
  CHECK(value == 1);
  CHECK_OK("cuDeviceGetP2PAttribute", &value, int{CU_DEVICE_P2P_ATTRIBUTE_CUDA_ARRAY_ACCESS_SUPPORTED}, 1, 0);
  CHECK(value == 0);
  CHECK_RESULT(CUDA_ERROR_INVALID_DEVICE, "cuDeviceGetP2PAttribute", &value, 2, 1, 1);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuDeviceGetP2PAttribute", &value, 99, 0, 1);

  const CurrentContext second(1);
  const CurrentContext first(0);
  CHECK_RESULT(CUDA_ERROR_PEER_ACCESS_NOT_ENABLED, "cuCtxDisablePeerAccess", second.get());
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuCtxEnablePeerAccess", second.get(), 1U);
  CHECK_OK("cuCtxEnablePeerAccess", second.get(), 0U);
  CHECK_RESULT(CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED, "cuCtxEnablePeerAccess", second.get(), 0U);
  CHECK_OK("cuCtxDisablePeerAccess", second.get());
  CHECK_RESULT(CUDA_ERROR_PEER_ACCESS_UNSUPPORTED, "cuCtxEnablePeerAccess", first.get(), 0U);
  CHECK_RESULT(CUDA_ERROR_INVALID_CONTEXT, "cuCtxEnablePeerAccess", CUcontext{nullptr}, 0U);
}

TEST_CASE("what is not there says so, and its attribute does too") {
  const CurrentContext context;
  void* out = nullptr;
  for (const char* name : {"cuGraphCreate",
                           "cuGraphInstantiateWithFlags",
                           "cuGraphLaunch",
                           "cuTexObjectCreate",
                           "cuSurfObjectCreate",
                           "cuArrayCreate_v2",
                           "cuArray3DCreate_v2",
                           "cuMipmappedArrayCreate",
                           "cuMemCreate",
                           "cuMemMap",
                           "cuMemAddressReserve",
                           "cuMemGetAllocationGranularity",
                           "cuMulticastCreate",
                           "cuImportExternalMemory",
                           "cuImportExternalSemaphore",
                           "cuGreenCtxCreate",
                           "cuTensorMapEncodeTiled",
                           "cuGraphicsMapResources",
                           "cuCoredumpGetAttribute",
                           "cuCheckpointProcessLock",
                           "cuDeviceGetGraphMemAttribute",
                           "cuLogsCurrent",
                           "cuFlushGPUDirectRDMAWrites",
                           "cuDeviceGetNvSciSyncAttributes",
                           "cuDeviceGetDevResource"}) {
    CAPTURE(name);
    CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, name, &out, std::size_t{0}, std::size_t{0}, std::size_t{0});
    CHECK(out == nullptr);
  }
  for (const int attribute :
       {int{CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED}, int{CU_DEVICE_ATTRIBUTE_MULTICAST_SUPPORTED},
        int{CU_DEVICE_ATTRIBUTE_SPARSE_CUDA_ARRAY_SUPPORTED}, int{CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_SUPPORTED},
        int{CU_DEVICE_ATTRIBUTE_TENSOR_MAP_ACCESS_SUPPORTED}, int{CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH},
        int{CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH},
        int{CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED}}) {
    int value = -7;
    CHECK_OK("cuDeviceGetAttribute", &value, attribute, 0);
    CHECK(value == 0);
  }
  int supported = -7;
  CHECK_OK("cuDeviceGetExecAffinitySupport", &supported, 0, 0);
  CHECK(supported == 0);
  CUexecAffinityParam affinity = {};
  CHECK_OK("cuCtxGetExecAffinity", &affinity, 0);
  int sms = 0;
  CHECK_OK("cuDeviceGetAttribute", &sms, int{CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT}, 0);
  CHECK(affinity.sm_count == static_cast<unsigned>(sms));
  CHECK_RESULT(CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY, "cuCtxGetExecAffinity", &affinity, 1);
  unsigned mask = 0;
  char luid[8];
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuDeviceGetLuid", luid, &mask, 0);
  CHECK_OK("cuProfilerStart");
  CHECK_OK("cuProfilerStop");
}
