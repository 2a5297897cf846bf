// Functions: attributes, occupancy, and launches that are checked and then refused.
#include "tests/gpu/driver_image.h"
#include "tests/gpu/driver_test.h"

using namespace vgpu::cuda;
using namespace vgpu::test;

namespace {

// The kernels of cubin() on an H100: 40 registers, 256 bytes of shared memory; nothing known of "other".
struct Kernels {
  Kernels() {
    const Bytes image = cubin();
    CHECK_OK("cuModuleLoadData", &module, static_cast<const void*>(image.data()));
    CHECK_OK("cuModuleGetFunction", &scale, module, "scale");
    CHECK_OK("cuModuleGetFunction", &other, module, "other");
  }
  CurrentContext context;
  CUmodule module = nullptr;
  CUfunction scale = nullptr;
  CUfunction other = nullptr;
};

int attribute(CUfunction function, int which) {
  int value = -7;
  CHECK_OK("cuFuncGetAttribute", &value, which, function);
  return value;
}

int blocks(CUfunction function, int threads, std::size_t shared) {
  int count = -7;
  CHECK_OK("cuOccupancyMaxActiveBlocksPerMultiprocessor", &count, function, threads, shared);
  return count;
}

CUresult launch(CUfunction function, unsigned grid, unsigned block, unsigned shared = 0, CUstream stream = nullptr) {
  void** const none = nullptr;
  return call("cuLaunchKernel", function, grid, 1U, 1U, block, 1U, 1U, shared, stream, none, none);
}

}  // namespace

TEST_CASE("attributes come from the image and the device, and some can be set") {
  const Kernels kernels;
  CHECK(attribute(kernels.scale, CU_FUNC_ATTRIBUTE_NUM_REGS) == 40);
  CHECK(attribute(kernels.scale, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES) == 256);
  CHECK(attribute(kernels.scale, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) == 48 * 1024 - 256);
  CHECK(attribute(kernels.scale, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK) == 1024);
  CHECK(attribute(kernels.scale, CU_FUNC_ATTRIBUTE_BINARY_VERSION) == 90);
  CHECK(attribute(kernels.scale, CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) == -1);
  CHECK(attribute(kernels.other, CU_FUNC_ATTRIBUTE_NUM_REGS) > 0);  // programs divide by it
  CHECK_OK("cuFuncSetAttribute", kernels.scale, int{CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES}, 232448 - 256);
  CHECK(attribute(kernels.scale, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) == 232448 - 256);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuFuncSetAttribute", kernels.scale,
               int{CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES}, 232448);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuFuncSetAttribute", kernels.scale, int{CU_FUNC_ATTRIBUTE_NUM_REGS}, 1);
  CHECK_OK("cuFuncSetCacheConfig", kernels.scale, 2);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuFuncSetCacheConfig", kernels.scale, 4);
  int value = 0;
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuFuncGetAttribute", &value, 99, kernels.scale);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuFuncGetAttribute", &value, 0, CUfunction{nullptr});
}

TEST_CASE("parameters are told where the image tells them") {
  const Kernels kernels;
  std::size_t offset = 99;
  std::size_t size = 99;
  CHECK_OK("cuFuncGetParamInfo", kernels.scale, std::size_t{1}, &offset, &size);
  CHECK(offset == 8);
  CHECK(size == 4);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuFuncGetParamInfo", kernels.scale, std::size_t{2}, &offset, &size);
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  const std::string text =
      ".version 8.0\n.target sm_80\n.entry f(.param .u8 a, .param .align 16 .b8 b[20], .param .f64 c) { ret; }\n";
  CHECK_OK("cuModuleLoadData", &module, static_cast<const void*>(text.c_str()));
  CHECK_OK("cuModuleGetFunction", &function, module, "f");
  const std::size_t expected[][2] = {{0, 1}, {16, 20}, {40, 8}};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK_OK("cuFuncGetParamInfo", function, i, &offset, &size);
    CHECK(offset == expected[i][0]);
    CHECK(size == expected[i][1]);
  }
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuFuncGetParamInfo", function, std::size_t{3}, &offset, &size);
}

TEST_CASE("occupancy is NVIDIA's arithmetic over the device's figures") {
  const Kernels kernels;
  // 40 registers: 1280 a warp, 12 warps of a quarter's 16384, 48 in all.
  CHECK(blocks(kernels.scale, 128, 0) == 12);
  CHECK(blocks(kernels.scale, 32, 0) == 32);  // blocks of a multiprocessor
  CHECK(blocks(kernels.scale, 1024, 0) == 1);
  CHECK(blocks(kernels.scale, 1000, 0) == 1);
  CHECK(blocks(kernels.scale, 1025, 0) == 0);
  // 256 static + 40000 dynamic + 1024 of the system = 41280, rounded to 41344: five of 233472.
  CHECK(blocks(kernels.scale, 128, 40000) == 5);
  CHECK(blocks(kernels.scale, 128, 48 * 1024) == 0);  // more than was allowed
  CHECK_OK("cuFuncSetAttribute", kernels.scale, int{CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES}, 200000);
  CHECK(blocks(kernels.scale, 128, 200000) == 1);
  int count = 0;
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuOccupancyMaxActiveBlocksPerMultiprocessor", &count, kernels.scale, 0,
               std::size_t{0});
  int grid = 0;
  int block = 0;
  CUoccupancyB2DSize const none = nullptr;
  CHECK_OK("cuOccupancyMaxPotentialBlockSize", &grid, &block, kernels.scale, none, std::size_t{0}, 0);
  CHECK(block * blocks(kernels.scale, block, 0) == 1536);
  CHECK(grid == blocks(kernels.scale, block, 0) * 132);
  CHECK_OK("cuOccupancyMaxPotentialBlockSize", &grid, &block, kernels.scale, none, std::size_t{0}, 100);
  CHECK(block <= 100);
  CUoccupancyB2DSize const half_of_it = [](int size) { return static_cast<std::size_t>(size) * 64; };
  CHECK_OK("cuOccupancyMaxPotentialBlockSize", &grid, &block, kernels.scale, half_of_it, std::size_t{0}, 0);
  CHECK(grid > 0);
  std::size_t shared = 0;
  CHECK_OK("cuOccupancyAvailableDynamicSMemPerBlock", &shared, kernels.scale, 4, 128);
  CHECK(shared == 58368 - 1024 - 256);
  CHECK_OK("cuOccupancyAvailableDynamicSMemPerBlock", &shared, kernels.scale, 1, 128);
  CHECK(shared == 232448 - 256);
  CHECK(blocks(kernels.scale, 128, 0) >= 4);
}

TEST_CASE("a launch is checked as a driver checks it, and then refused") {
  const Kernels kernels;
  CHECK(launch(kernels.scale, 1, 1) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(launch(kernels.scale, 2147483647, 1024) == CUDA_ERROR_NOT_SUPPORTED);
  CHECK(launch(kernels.scale, 0, 1) == CUDA_ERROR_INVALID_VALUE);
  CHECK(launch(kernels.scale, 1, 0) == CUDA_ERROR_INVALID_VALUE);
  CHECK(launch(kernels.scale, 1, 1025) == CUDA_ERROR_INVALID_VALUE);
  CHECK(launch(kernels.scale, 1, 1, 49152) == CUDA_ERROR_INVALID_VALUE);
  CHECK(launch(nullptr, 1, 1) == CUDA_ERROR_INVALID_HANDLE);
  CHECK(launch(kernels.scale, 1, 1, 0, reinterpret_cast<CUstream>(kernels.module)) == CUDA_ERROR_INVALID_HANDLE);
  const CUstream stream = nullptr;
  void** const none = nullptr;
  void* arguments[] = {nullptr};
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuLaunchKernel", kernels.scale, 1U, 1U, 1U, 1U, 1U, 1U, 0U, stream,
               &arguments[0], &arguments[0]);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuLaunchKernel", kernels.scale, 1U, 65536U, 1U, 1U, 1U, 1U, 0U, stream, none,
               none);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuLaunchKernel", kernels.scale, 1U, 1U, 1U, 1U, 1U, 65U, 0U, stream, none,
               none);
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuLaunchKernel_ptsz", kernels.scale, 1U, 1U, 1U, 1U, 1U, 1U, 0U, stream, none,
               none);
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuLaunchCooperativeKernel", kernels.scale, 132U, 1U, 1U, 128U, 1U, 1U, 0U,
               stream, none);
  CHECK_RESULT(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE, "cuLaunchCooperativeKernel", kernels.scale, 132 * 12 + 1U, 1U,
               1U, 128U, 1U, 1U, 0U, stream, none);
  CUlaunchConfig config = {1, 1, 1, 32, 1, 1, 0, nullptr, nullptr, 0};
  const CUlaunchConfig* const wanted = &config;
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuLaunchKernelEx", wanted, kernels.scale, none, none);
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuLaunchKernelEx_ptsz", wanted, kernels.scale, none, none);
  config.numAttrs = 1;
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuLaunchKernelEx", wanted, kernels.scale, none, none);
  const CurrentContext other;  // not the function's
  CHECK(launch(kernels.scale, 1, 1) == CUDA_ERROR_INVALID_HANDLE);
}

TEST_CASE("the launch calls of CUDA 2 end in the same refusal") {
  const Kernels kernels;
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuLaunch", kernels.scale);  // without a block shape
  CHECK_OK("cuFuncSetBlockShape", kernels.scale, 32, 4, 1);
  CHECK_OK("cuFuncSetSharedSize", kernels.scale, 1024U);
  CHECK_OK("cuParamSetSize", kernels.scale, 12U);
  CHECK_OK("cuParamSeti", kernels.scale, 8, 7U);
  CHECK_OK("cuParamSetf", kernels.scale, 8, 7.0F);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuParamSeti", kernels.scale, -1, 7U);
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuLaunch", kernels.scale);
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuLaunchGrid", kernels.scale, 4, 4);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuLaunchGrid", kernels.scale, 0, 4);
  CHECK_OK("cuFuncSetBlockShape", kernels.scale, 32, 64, 1);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuLaunchGrid", kernels.scale, 4, 4);
}

TEST_CASE("a variable's memory is the module's to free") {
  const Kernels kernels;
  CUdeviceptr table = 0;
  std::size_t size = 0;
  CHECK_OK("cuModuleGetGlobal_v2", &table, &size, kernels.module, "table");
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemFree_v2", table);
  CHECK_OK("cuMemsetD32_v2", table, 7U, std::size_t{4});
  CHECK_OK("cuModuleGetGlobal_v2", &table, &size, kernels.module, "man");
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemFree_v2", table);
}
