// driver_code_behaviour: functions and their launches. Valid launches are left out: there our answer is another on
// purpose.
#include "tests/gpu/driver_code_behaviour.h"

namespace vgpu::test {

using namespace cuda;

namespace {

void ask_attributes(CUfunction function) {
  int number = 0;
  for (int attribute = -1; attribute <= 16; ++attribute) {
    char what[64];
    std::snprintf(what, sizeof what, "cuFuncGetAttribute %d", attribute);
    SHOW(what, "cuFuncGetAttribute", &number, attribute, function);
    const bool of_device = attribute == CU_FUNC_ATTRIBUTE_NUM_REGS || attribute == CU_FUNC_ATTRIBUTE_BINARY_VERSION;
    if (!of_device && attribute >= 0 && attribute < 16) value("value", number);
  }
  SHOW("cuFuncGetAttribute null", "cuFuncGetAttribute", static_cast<int*>(nullptr), 0, function);
  SHOW("cuFuncGetAttribute of no function", "cuFuncGetAttribute", &number, 0, CUfunction{nullptr});
  for (int attribute = 0; attribute <= 16; ++attribute) {
    char what[64];
    std::snprintf(what, sizeof what, "cuFuncSetAttribute %d to 1", attribute);
    SHOW(what, "cuFuncSetAttribute", function, attribute, 1);
  }
  SHOW("cuFuncSetAttribute of dynamic shared memory to 1 GiB", "cuFuncSetAttribute", function, 8, 1 << 30);
  SHOW("cuFuncSetAttribute of dynamic shared memory to -1", "cuFuncSetAttribute", function, 8, -1);
  SHOW("cuFuncSetAttribute of dynamic shared memory to 48 KiB", "cuFuncSetAttribute", function, 8, 49152);
  SHOW("cuFuncSetAttribute of the carveout to 101", "cuFuncSetAttribute", function, 9, 101);
  SHOW("cuFuncSetAttribute of the carveout to -2", "cuFuncSetAttribute", function, 9, -2);
  SHOW("cuFuncSetCacheConfig 4", "cuFuncSetCacheConfig", function, 4);
  SHOW("cuFuncSetCacheConfig 2", "cuFuncSetCacheConfig", function, 2);
  SHOW("cuFuncSetSharedMemConfig 3", "cuFuncSetSharedMemConfig", function, 3);
}

void ask_occupancy(CUfunction function) {
  int blocks = -7;
  int grid = -7;
  std::size_t size = 0;
  const auto question = [&](const char* what, int block_size, std::size_t dynamic) {
    blocks = -7;
    SHOW(what, "cuOccupancyMaxActiveBlocksPerMultiprocessor", &blocks, function, block_size, dynamic);
    value("blocks", blocks > 0 ? "some" : blocks == 0 ? "none" : "as it was");
  };
  question("cuOccupancy of 128 threads", 128, 0);
  question("cuOccupancy of 1 thread", 1, 0);
  question("cuOccupancy of 0 threads", 0, 0);
  question("cuOccupancy of -1 threads", -1, 0);
  question("cuOccupancy of 1025 threads", 1025, 0);
  question("cuOccupancy with 1 GiB of shared memory", 128, std::size_t{1} << 30);
  SHOW("cuOccupancy with flags 2", "cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags", &blocks, function, 128,
       std::size_t{0}, 2U);
  SHOW("cuOccupancy without a place", "cuOccupancyMaxActiveBlocksPerMultiprocessor", static_cast<int*>(nullptr),
       function, 128, std::size_t{0});
  SHOW("cuOccupancyMaxPotentialBlockSize", "cuOccupancyMaxPotentialBlockSize", &grid, &blocks, function,
       CUoccupancyB2DSize{nullptr}, std::size_t{0}, 0);
  value("block", blocks);
  SHOW("cuOccupancyMaxPotentialBlockSize up to 100", "cuOccupancyMaxPotentialBlockSize", &grid, &blocks, function,
       CUoccupancyB2DSize{nullptr}, std::size_t{0}, 100);
  value("block", blocks);
  SHOW("cuOccupancyMaxPotentialBlockSize up to -1", "cuOccupancyMaxPotentialBlockSize", &grid, &blocks, function,
       CUoccupancyB2DSize{nullptr}, std::size_t{0}, -1);
  SHOW("cuOccupancyAvailableDynamicSMemPerBlock", "cuOccupancyAvailableDynamicSMemPerBlock", &size, function, 1, 128);
  SHOW("cuOccupancyAvailableDynamicSMemPerBlock of 0 blocks", "cuOccupancyAvailableDynamicSMemPerBlock", &size,
       function, 0, 128);
  SHOW("cuOccupancyAvailableDynamicSMemPerBlock of 1000 blocks", "cuOccupancyAvailableDynamicSMemPerBlock", &size,
       function, 1000, 128);
}

// Only launches that every driver must refuse.
void ask_launches(CUfunction function) {
  const CUstream stream = nullptr;
  void** const none = nullptr;
  const auto question = [&](const char* what, unsigned gx, unsigned gy, unsigned bx, unsigned by, unsigned bz,
                            unsigned shared) {
    SHOW(what, "cuLaunchKernel", function, gx, gy, 1U, bx, by, bz, shared, stream, none, none);
  };
  question("cuLaunchKernel with grid 0", 0, 1, 1, 1, 1, 0);
  question("cuLaunchKernel with block 0", 1, 1, 0, 1, 1, 0);
  question("cuLaunchKernel with grid y 65536", 1, 65536, 1, 1, 1, 0);
  question("cuLaunchKernel with block 1025", 1, 1, 1025, 1, 1, 0);
  question("cuLaunchKernel with block 32 x 33", 1, 1, 32, 33, 1, 0);
  question("cuLaunchKernel with block z 65", 1, 1, 1, 1, 65, 0);
  question("cuLaunchKernel with 1 GiB of shared memory", 1, 1, 1, 1, 1, 1U << 30);
  question("cuLaunchKernel with 48 KiB and a byte", 1, 1, 1, 1, 1, 49153);
  SHOW("cuLaunchKernel of no function", "cuLaunchKernel", CUfunction{nullptr}, 1U, 1U, 1U, 1U, 1U, 1U, 0U, stream, none,
       none);
  SHOW("cuLaunchKernel of no function with grid 0", "cuLaunchKernel", CUfunction{nullptr}, 0U, 1U, 1U, 1U, 1U, 1U, 0U,
       stream, none, none);
  SHOW("cuLaunchCooperativeKernel of 100 million blocks", "cuLaunchCooperativeKernel", function, 100000000U, 1U, 1U, 1U,
       1U, 1U, 0U, stream, none);
  SHOW("cuLaunchKernelEx null", "cuLaunchKernelEx", static_cast<const CUlaunchConfig*>(nullptr), function, none, none);
}

}  // namespace

void ask_functions() {
  make_context();
  const CUmodule module = load_module();
  CUfunction function = nullptr;
  if (module == nullptr || ask("cuModuleGetFunction", &function, module, "other") != CUDA_SUCCESS) return;
  ask_attributes(function);
  ask_occupancy(function);
  ask_launches(function);
  CUmodule owner = nullptr;
  SHOW("cuFuncGetModule", "cuFuncGetModule", &owner, function);
  value("module", owner == module ? "the same" : "another");
  SHOW("cuFuncGetModule null", "cuFuncGetModule", static_cast<CUmodule*>(nullptr), function);
  const char* name = nullptr;
  SHOW("cuFuncGetName", "cuFuncGetName", &name, function);
  value("name", name == nullptr ? "null" : name);
  int state = -7;
  SHOW("cuFuncLoad", "cuFuncLoad", function);
  SHOW("cuFuncIsLoaded", "cuFuncIsLoaded", &state, function);
  value("state", state);
  std::size_t offset = 0;
  std::size_t size = 0;
  SHOW("cuFuncGetParamInfo of 0 of none", "cuFuncGetParamInfo", function, std::size_t{0}, &offset, &size);
  CUfunction scale = nullptr;
  ask("cuModuleGetFunction", &scale, module, "scale");
  SHOW("cuFuncGetParamInfo of 1", "cuFuncGetParamInfo", scale, std::size_t{1}, &offset, &size);
  SHOW("cuFuncGetParamInfo of 2", "cuFuncGetParamInfo", scale, std::size_t{2}, &offset, &size);
  SHOW("cuFuncGetParamInfo without an offset", "cuFuncGetParamInfo", scale, std::size_t{0},
       static_cast<std::size_t*>(nullptr), &size);
  SHOW("cuFuncSetBlockShape 0", "cuFuncSetBlockShape", function, 0, 1, 1);
  SHOW("cuParamSetSize 5000", "cuParamSetSize", function, 5000U);
  SHOW("cuLaunchGrid 0", "cuLaunchGrid", function, 0, 1);
}

}  // namespace vgpu::test
