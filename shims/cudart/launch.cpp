// Kernels: their attributes, their occupancy and their launch. All of it is the driver's answer; on the
// emulated device that is "not supported" for whatever needs device code to run.
#include "shims/cudart/registry.h"

namespace vgpu::cudart {
namespace {

struct Launch {
  dim3 grid;
  dim3 block;
  std::size_t shared;  // bytes
  cudaStream_t stream;
  cuda::CUlaunchAttribute* attributes;
  unsigned attribute_count;
};

cuda::CUlaunchConfig for_driver(const Launch& launch) {
  cuda::CUlaunchConfig config = {};
  config.gridDimX = launch.grid.x;
  config.gridDimY = launch.grid.y;
  config.gridDimZ = launch.grid.z;
  config.blockDimX = launch.block.x;
  config.blockDimY = launch.block.y;
  config.blockDimZ = launch.block.z;
  config.sharedMemBytes = static_cast<unsigned>(launch.shared);
  config.hStream = launch.stream;
  config.attrs = launch.attributes;
  config.numAttrs = launch.attribute_count;
  return config;
}

bool none(const dim3& size) { return size.x == 0 || size.y == 0 || size.z == 0; }

Entry* find_kernel(const void* host) {
  Entry* entry = find_entry(host);
  return entry != nullptr && entry->kind == Kind::function ? entry : nullptr;
}

// What is not a registered kernel is taken for a handle that is not one; only null is called a bad function.
cudaError_t not_a_kernel(const void* host) {
  return host == nullptr ? cudaErrorInvalidDeviceFunction : cudaErrorInvalidResourceHandle;
}

// Finds the kernel that the program knows by `host` and runs `body(driver, function)`.
template <class Body>
cudaError_t with_function(const void* host, Body&& body) {
  return with_context([&](const Driver& driver) {
    Entry* entry = find_kernel(host);
    if (entry == nullptr) return not_a_kernel(host);
    CUfunction function = nullptr;
    if (const cudaError_t error = function_of(driver, *entry, function); error != cudaSuccess) return error;
    return from_driver(body(driver, function));
  });
}

constexpr cudaError_t kBadSize = VGPU_CUDART_MAJOR == 12 ? cudaErrorInvalidConfiguration : cudaErrorInvalidValue;

cudaError_t start(const void* host, const Launch& launch, void** arguments) {
  const Entry* entry = find_kernel(host);
  if (entry == nullptr) return record(not_a_kernel(host));
  if (none(launch.grid) || none(launch.block)) return record(kBadSize);
  // The driver refuses, and says so in the log at any level.
  return with_function(host, [&](const Driver& driver, CUfunction function) {
    const cuda::CUlaunchConfig config = for_driver(launch);
    return driver.LaunchKernelEx(&config, function, arguments, nullptr);
  });
}

cudaError_t start_cooperative(const void* host, Launch launch, void** arguments) {
  constexpr int kCooperative = 2;  // CU_LAUNCH_ATTRIBUTE_COOPERATIVE
  cuda::CUlaunchAttribute attribute = {};
  attribute.id = kCooperative;
  attribute.value.pad[0] = 1;
  launch.attributes = &attribute;
  launch.attribute_count = 1;
  return start(host, launch, arguments);
}

cudaError_t start_configured(const cudaLaunchConfig* config, const void* host, void** arguments, bool own_stream) {
  if (config == nullptr) return record(cudaErrorInvalidConfiguration);
  const cudaStream_t stream = own_stream ? per_thread(config->stream) : config->stream;
  return start(host,
               {config->gridDim, config->blockDim, config->dynamicSmemBytes, stream, config->attrs, config->numAttrs},
               arguments);
}

// A kernel's handle is its registration.
cudaError_t get_kernel(cudaKernel_t* kernel, const void* host) {
  if (kernel == nullptr) return record(cudaErrorInvalidValue);
  Entry* entry = find_kernel(host);
  if (entry == nullptr) return record(cudaErrorInvalidDeviceFunction);
  *kernel = reinterpret_cast<cudaKernel_t>(entry);
  return cudaSuccess;
}

cudaError_t start_kernel(cudaKernel_t kernel, const Launch& launch, void** arguments) {
  if (kernel == nullptr) return record(cudaErrorInvalidResourceHandle);
  return start(reinterpret_cast<const Entry*>(kernel)->host, launch, arguments);
}

CUresult read_attributes(const Driver& driver, CUfunction function, cudaFuncAttributes& answer) {
  struct Source {
    int attribute;
    int cudaFuncAttributes::*member;
  };
  constexpr Source kSources[] = {
      {cuda::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, &cudaFuncAttributes::maxThreadsPerBlock},
      {cuda::CU_FUNC_ATTRIBUTE_NUM_REGS, &cudaFuncAttributes::numRegs},
      {cuda::CU_FUNC_ATTRIBUTE_PTX_VERSION, &cudaFuncAttributes::ptxVersion},
      {cuda::CU_FUNC_ATTRIBUTE_BINARY_VERSION, &cudaFuncAttributes::binaryVersion},
      {cuda::CU_FUNC_ATTRIBUTE_CACHE_MODE_CA, &cudaFuncAttributes::cacheModeCA},
      {cuda::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, &cudaFuncAttributes::maxDynamicSharedSizeBytes},
      {cuda::CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT, &cudaFuncAttributes::preferredShmemCarveout},
      {cuda::CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET, &cudaFuncAttributes::clusterDimMustBeSet},
      {cuda::CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH, &cudaFuncAttributes::requiredClusterWidth},
      {cuda::CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT, &cudaFuncAttributes::requiredClusterHeight},
      {cuda::CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH, &cudaFuncAttributes::requiredClusterDepth},
      {cuda::CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE,
       &cudaFuncAttributes::clusterSchedulingPolicyPreference},
      {cuda::CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, &cudaFuncAttributes::nonPortableClusterSizeAllowed},
  };
  answer = {};
  for (const Source& source : kSources) {
    const CUresult result = driver.FuncGetAttribute(&(answer.*source.member), source.attribute, function);
    if (result != cuda::CUDA_SUCCESS) return result;
  }
  struct Size {
    int attribute;
    std::size_t cudaFuncAttributes::*member;
  };
  constexpr Size kSizes[] = {
      {cuda::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, &cudaFuncAttributes::sharedSizeBytes},
      {cuda::CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES, &cudaFuncAttributes::constSizeBytes},
      {cuda::CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, &cudaFuncAttributes::localSizeBytes},
  };
  for (const Size& size : kSizes) {
    int value = 0;
    const CUresult result = driver.FuncGetAttribute(&value, size.attribute, function);
    if (result != cuda::CUDA_SUCCESS) return result;
    answer.*size.member = static_cast<std::size_t>(value);
  }
  return cuda::CUDA_SUCCESS;
}

// cudaLaunchConfig_t counts the shared memory in a size_t where the driver has an unsigned.
cuda::CUlaunchConfig for_driver(const cudaLaunchConfig& config) {
  return for_driver(
      Launch{config.gridDim, config.blockDim, config.dynamicSmemBytes, config.stream, config.attrs, config.numAttrs});
}

}  // namespace
}  // namespace vgpu::cudart

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

VGPU_API cudaError_t cudaLaunchKernel(const void* host, dim3 grid, dim3 block, void** arguments, std::size_t shared,
                                      cudaStream_t stream) {
  return start(host, {grid, block, shared, stream, nullptr, 0}, arguments);
}

VGPU_API cudaError_t cudaLaunchKernel_ptsz(const void* host, dim3 grid, dim3 block, void** arguments,
                                           std::size_t shared, cudaStream_t stream) {
  return start(host, {grid, block, shared, per_thread(stream), nullptr, 0}, arguments);
}

VGPU_API cudaError_t __cudaLaunchKernel(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments,
                                        std::size_t shared, cudaStream_t stream) {
  return start_kernel(kernel, {grid, block, shared, stream, nullptr, 0}, arguments);
}

VGPU_API cudaError_t __cudaLaunchKernel_ptsz(cudaKernel_t kernel, dim3 grid, dim3 block, void** arguments,
                                             std::size_t shared, cudaStream_t stream) {
  return start_kernel(kernel, {grid, block, shared, per_thread(stream), nullptr, 0}, arguments);
}

VGPU_API cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig* config, const void* host, void** arguments) {
  return start_configured(config, host, arguments, false);
}

VGPU_API cudaError_t cudaLaunchKernelExC_ptsz(const cudaLaunchConfig* config, const void* host, void** arguments) {
  return start_configured(config, host, arguments, true);
}

VGPU_API cudaError_t cudaLaunchCooperativeKernel(const void* host, dim3 grid, dim3 block, void** arguments,
                                                 std::size_t shared, cudaStream_t stream) {
  return start_cooperative(host, {grid, block, shared, stream, nullptr, 0}, arguments);
}

VGPU_API cudaError_t cudaLaunchCooperativeKernel_ptsz(const void* host, dim3 grid, dim3 block, void** arguments,
                                                      std::size_t shared, cudaStream_t stream) {
  return start_cooperative(host, {grid, block, shared, per_thread(stream), nullptr, 0}, arguments);
}

VGPU_API cudaError_t cudaGetKernel(cudaKernel_t* kernel, const void* host) { return get_kernel(kernel, host); }
VGPU_API cudaError_t __cudaGetKernel(cudaKernel_t* kernel, const void* host) { return get_kernel(kernel, host); }

VGPU_API cudaError_t cudaGetFuncBySymbol(cudaFunction_t* answer, const void* host) {
  if (find_kernel(host) == nullptr) return record(cudaErrorInvalidDeviceFunction);
  return with_function(host, [&](const Driver&, CUfunction function) {
    if (answer == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    *answer = function;
    return CUresult{cuda::CUDA_SUCCESS};
  });
}

VGPU_API cudaError_t cudaFuncGetName(const char** name, const void* host) {
  if (name == nullptr) return record(cudaErrorInvalidValue);
  const Entry* entry = find_kernel(host);
  if (entry == nullptr) return record(not_a_kernel(host));
  *name = entry->name;
  return cudaSuccess;
}

VGPU_API cudaError_t cudaFuncGetParamInfo(const void* host, std::size_t index, std::size_t* offset, std::size_t* size) {
  return with_function(host, [&](const Driver& driver, CUfunction function) {
    return driver.FuncGetParamInfo(function, index, offset, size);
  });
}

VGPU_API cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* answer, const void* host) {
  return with_function(host, [&](const Driver& driver, CUfunction function) {
    if (answer == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    return read_attributes(driver, function, *answer);
  });
}

VGPU_API cudaError_t cudaFuncSetAttribute(const void* host, int attribute, int value) {
  return with_function(host, [&](const Driver& driver, CUfunction function) {
    return driver.FuncSetAttribute(function, attribute, value);
  });
}

VGPU_API cudaError_t cudaFuncSetCacheConfig(const void* host, int config) {
  return with_function(
      host, [&](const Driver& driver, CUfunction function) { return driver.FuncSetCacheConfig(function, config); });
}

VGPU_API cudaError_t cudaFuncSetSharedMemConfig(const void* host, int config) {
  return with_function(
      host, [&](const Driver& driver, CUfunction function) { return driver.FuncSetSharedMemConfig(function, config); });
}

VGPU_API cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* host, int block_size,
                                                                   std::size_t shared) {
  return with_function(host, [&](const Driver& driver, CUfunction function) {
    return driver.OccupancyBlocks(blocks, function, block_size, shared, 0);
  });
}

VGPU_API cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* host,
                                                                            int block_size, std::size_t shared,
                                                                            unsigned flags) {
  return with_function(host, [&](const Driver& driver, CUfunction function) {
    return driver.OccupancyBlocks(blocks, function, block_size, shared, flags);
  });
}

VGPU_API cudaError_t cudaOccupancyAvailableDynamicSMemPerBlock(std::size_t* shared, const void* host, int blocks,
                                                               int block_size) {
  return with_function(host, [&](const Driver& driver, CUfunction function) {
    return driver.OccupancyAvailableShared(shared, function, blocks, block_size);
  });
}

VGPU_API cudaError_t cudaOccupancyMaxPotentialClusterSize(int* size, const void* host, const cudaLaunchConfig* config) {
  return with_function(host, [&](const Driver& driver, CUfunction function) {
    if (config == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    const cuda::CUlaunchConfig request = for_driver(*config);
    return driver.OccupancyClusterSize(size, function, &request);
  });
}

VGPU_API cudaError_t cudaOccupancyMaxActiveClusters(int* clusters, const void* host, const cudaLaunchConfig* config) {
  return with_function(host, [&](const Driver& driver, CUfunction function) {
    if (config == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    const cuda::CUlaunchConfig request = for_driver(*config);
    return driver.OccupancyClusters(clusters, function, &request);
  });
}
