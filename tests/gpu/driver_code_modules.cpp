// driver_code_behaviour: look-up, modules, functions, libraries. Valid launches and the linker are left out: there our answer is
// another on purpose.
#include "tests/gpu/driver_code_behaviour.h"

namespace vgpu::test {

using namespace cuda;

namespace {

constexpr char kPtx[] =
    ".version 6.0\n.target sm_60\n.address_size 64\n"
    ".global .align 4 .b8 table[64];\n"
    ".visible .global .align 4 .u32 counter = 7;\n"
    ".visible .entry scale(\n .param .u64 scale_param_0,\n .param .u32 scale_param_1\n)\n{\n ret;\n}\n"
    ".visible .entry other()\n{\n ret;\n}\n"
    ".func helper()\n{\n ret;\n}\n";

void look_up(const char* what, const char* name, int version, std::uint64_t flags) {
  void* function = &function;
  int status = -7;
  SHOW(what, "cuGetProcAddress_v2", name, &function, version, flags, &status);
  value("function", function == nullptr ? "null" : function == &function ? "as it was" : "not null");
  value("status", status);
}

CUmodule load() {
  CUmodule module = nullptr;
  SHOW("cuModuleLoadData of PTX", "cuModuleLoadData", &module, static_cast<const void*>(kPtx));
  return module;
}

void load_text(const char* what, const char* text) {
  CUmodule module = nullptr;
  SHOW(what, "cuModuleLoadData", &module, static_cast<const void*>(text));
}

}  // namespace

void ask_look_up() {
  ask("cuInit", 0U);
  look_up("cuGetProcAddress of nothing known", "cuNothing", 13000, 0);
  look_up("cuGetProcAddress of an empty name", "", 13000, 0);
  look_up("cuGetProcAddress of cuMemAlloc_v2", "cuMemAlloc_v2", 13000, 0);
  look_up("cuGetProcAddress of cuMemcpy_ptds", "cuMemcpy_ptds", 13000, 2);
  look_up("cuGetProcAddress of cuGetProcAddress_v2", "cuGetProcAddress_v2", 13000, 0);
  look_up("cuGetProcAddress of cuMemAllocAsync for 10.0", "cuMemAllocAsync", 10000, 0);
  look_up("cuGetProcAddress of cuInit for 0", "cuInit", 0, 0);
  look_up("cuGetProcAddress of cuInit for -1", "cuInit", -1, 0);
  look_up("cuGetProcAddress of cuInit for 99.0", "cuInit", 99000, 0);
  look_up("cuGetProcAddress with flags 3", "cuInit", 13000, 3);
  look_up("cuGetProcAddress with flags 99", "cuInit", 13000, 99);
  look_up("cuGetProcAddress of cuEGLApiInit", "cuEGLApiInit", 13000, 0);
  look_up("cuGetProcAddress of cudbgMain", "cudbgMain", 13000, 0);
  void* function = nullptr;
  int status = 0;
  SHOW("cuGetProcAddress of null", "cuGetProcAddress_v2", static_cast<const char*>(nullptr), &function, 13000, std::uint64_t{0}, &status);
  SHOW("cuGetProcAddress without a place", "cuGetProcAddress_v2", "cuInit", static_cast<void**>(nullptr), 13000, std::uint64_t{0}, &status);
  SHOW("cuGetProcAddress without a status", "cuGetProcAddress_v2", "cuInit", &function, 13000, std::uint64_t{0}, static_cast<int*>(nullptr));
  SHOW("cuGetProcAddress of nothing known, without a status", "cuGetProcAddress_v2", "cuNothing", &function, 13000, std::uint64_t{0},
       static_cast<int*>(nullptr));
  SHOW("cuGetProcAddress of 11.3", "cuGetProcAddress", "cuInit", &function, 11030, std::uint64_t{0});
  SHOW("cuGetProcAddress of 11.3 of nothing known", "cuGetProcAddress", "cuNothing", &function, 11030, std::uint64_t{0});
  SHOW("cuGetProcAddress of 11.3 of cuMemAllocAsync for 10.0", "cuGetProcAddress", "cuMemAllocAsync", &function, 10000, std::uint64_t{0});
  const CUuuid id = {};
  const void* table = nullptr;
  SHOW("cuGetExportTable without a place", "cuGetExportTable", static_cast<const void**>(nullptr), &id);
  SHOW("cuGetExportTable without an id", "cuGetExportTable", &table, static_cast<const CUuuid*>(nullptr));
}

void ask_modules() {
  make_context();
  CUmodule module = nullptr;
  CUfunction function = nullptr;
  CUdeviceptr address = 0;
  std::size_t size = 0;
  unsigned count = 0;
  const void* const nothing = nullptr;
  SHOW("cuModuleLoadData null", "cuModuleLoadData", &module, nothing);
  SHOW("cuModuleLoadData without a place", "cuModuleLoadData", static_cast<CUmodule*>(nullptr), static_cast<const void*>(kPtx));
  load_text("cuModuleLoadData of an empty text", "");
  load_text("cuModuleLoadData of prose", "this is no device code at all, and long enough to be looked at\n");
  load_text("cuModuleLoadData of PTX of version 99", ".version 99.0\n.target sm_60\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX for sm_999", ".version 6.0\n.target sm_999\n.address_size 64\n");
  load_text("cuModuleLoadData of PTX without a target", ".version 6.0\n");
  load_text("cuModuleLoadData of PTX with an error", ".version 6.0\n.target sm_60\n.address_size 64\nthis is wrong;\n");
  static constexpr unsigned char kZeros[256] = {};
  SHOW("cuModuleLoadData of zeros", "cuModuleLoadData", &module, static_cast<const void*>(kZeros));
  SHOW("cuModuleLoad of no file", "cuModuleLoad", &module, "/nowhere/to/be/found");
  SHOW("cuModuleLoad of a directory", "cuModuleLoad", &module, "/");
  SHOW("cuModuleLoad null", "cuModuleLoad", &module, static_cast<const char*>(nullptr));
  SHOW("cuModuleLoadDataEx with options missing", "cuModuleLoadDataEx", &module, static_cast<const void*>(kPtx), 1U,
       static_cast<int*>(nullptr), static_cast<void**>(nullptr));
  module = load();
  if (module == nullptr) return;
  SHOW("cuModuleGetFunction", "cuModuleGetFunction", &function, module, "scale");
  CUfunction again = nullptr;
  SHOW("cuModuleGetFunction again", "cuModuleGetFunction", &again, module, "scale");
  value("function", again == function ? "the same" : "another");
  SHOW("cuModuleGetFunction of nobody", "cuModuleGetFunction", &function, module, "nobody");
  SHOW("cuModuleGetFunction of a device function", "cuModuleGetFunction", &function, module, "helper");
  SHOW("cuModuleGetFunction of a variable", "cuModuleGetFunction", &function, module, "table");
  SHOW("cuModuleGetFunction of an empty name", "cuModuleGetFunction", &function, module, "");
  SHOW("cuModuleGetFunction null", "cuModuleGetFunction", &function, module, static_cast<const char*>(nullptr));
  SHOW("cuModuleGetFunction without a place", "cuModuleGetFunction", static_cast<CUfunction*>(nullptr), module, "scale");
  SHOW("cuModuleGetFunction of no module", "cuModuleGetFunction", &function, CUmodule{nullptr}, "scale");
  SHOW("cuModuleGetGlobal", "cuModuleGetGlobal_v2", &address, &size, module, "counter");
  value("size", static_cast<long long>(size));
  unsigned initial = 0;
  SHOW("cuMemcpyDtoH of it", "cuMemcpyDtoH_v2", static_cast<void*>(&initial), address, sizeof initial);
  SHOW("cuModuleGetGlobal of an invisible one", "cuModuleGetGlobal_v2", &address, &size, module, "table");
  SHOW("cuModuleGetGlobal of nobody", "cuModuleGetGlobal_v2", &address, &size, module, "nobody");
  SHOW("cuModuleGetGlobal of a kernel", "cuModuleGetGlobal_v2", &address, &size, module, "scale");
  SHOW("cuModuleGetGlobal without places", "cuModuleGetGlobal_v2", static_cast<CUdeviceptr*>(nullptr),
       static_cast<std::size_t*>(nullptr), module, "counter");
  SHOW("cuModuleGetGlobal null", "cuModuleGetGlobal_v2", &address, &size, module, static_cast<const char*>(nullptr));
  SHOW("cuMemFree of a variable", "cuMemFree_v2", address);
  SHOW("cuModuleGetFunctionCount", "cuModuleGetFunctionCount", &count, module);
  value("count", count);
  CUfunction list[4] = {};
  SHOW("cuModuleEnumerateFunctions of 4", "cuModuleEnumerateFunctions", list, 4U, module);
  SHOW("cuModuleEnumerateFunctions of 0", "cuModuleEnumerateFunctions", list, 0U, module);
  SHOW("cuModuleUnload null", "cuModuleUnload", CUmodule{nullptr});
  SHOW("cuModuleUnload", "cuModuleUnload", module);
}

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
  SHOW("cuOccupancy with flags 2", "cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags", &blocks, function, 128, std::size_t{0}, 2U);
  SHOW("cuOccupancy without a place", "cuOccupancyMaxActiveBlocksPerMultiprocessor", static_cast<int*>(nullptr), function, 128,
       std::size_t{0});
  SHOW("cuOccupancyMaxPotentialBlockSize", "cuOccupancyMaxPotentialBlockSize", &grid, &blocks, function, CUoccupancyB2DSize{nullptr},
       std::size_t{0}, 0);
  value("block", blocks);
  SHOW("cuOccupancyMaxPotentialBlockSize up to 100", "cuOccupancyMaxPotentialBlockSize", &grid, &blocks, function,
       CUoccupancyB2DSize{nullptr}, std::size_t{0}, 100);
  value("block", blocks);
  SHOW("cuOccupancyMaxPotentialBlockSize up to -1", "cuOccupancyMaxPotentialBlockSize", &grid, &blocks, function,
       CUoccupancyB2DSize{nullptr}, std::size_t{0}, -1);
  SHOW("cuOccupancyAvailableDynamicSMemPerBlock", "cuOccupancyAvailableDynamicSMemPerBlock", &size, function, 1, 128);
  SHOW("cuOccupancyAvailableDynamicSMemPerBlock of 0 blocks", "cuOccupancyAvailableDynamicSMemPerBlock", &size, function, 0, 128);
  SHOW("cuOccupancyAvailableDynamicSMemPerBlock of 1000 blocks", "cuOccupancyAvailableDynamicSMemPerBlock", &size, function, 1000, 128);
}

// Only launches that every driver must refuse.
void ask_launches(CUfunction function) {
  const CUstream stream = nullptr;
  void** const none = nullptr;
  const auto question = [&](const char* what, unsigned gx, unsigned gy, unsigned bx, unsigned by, unsigned bz, unsigned shared) {
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
  SHOW("cuLaunchKernel of no function", "cuLaunchKernel", CUfunction{nullptr}, 1U, 1U, 1U, 1U, 1U, 1U, 0U, stream, none, none);
  SHOW("cuLaunchKernel of no function with grid 0", "cuLaunchKernel", CUfunction{nullptr}, 0U, 1U, 1U, 1U, 1U, 1U, 0U, stream, none, none);
  SHOW("cuLaunchCooperativeKernel of 100 million blocks", "cuLaunchCooperativeKernel", function, 100000000U, 1U, 1U, 1U, 1U, 1U, 0U,
       stream, none);
  SHOW("cuLaunchKernelEx null", "cuLaunchKernelEx", static_cast<const CUlaunchConfig*>(nullptr), function, none, none);
}

}  // namespace

void ask_functions() {
  make_context();
  const CUmodule module = load();
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
  SHOW("cuFuncGetParamInfo without an offset", "cuFuncGetParamInfo", scale, std::size_t{0}, static_cast<std::size_t*>(nullptr), &size);
  SHOW("cuFuncSetBlockShape 0", "cuFuncSetBlockShape", function, 0, 1, 1);
  SHOW("cuParamSetSize 5000", "cuParamSetSize", function, 5000U);
  SHOW("cuLaunchGrid 0", "cuLaunchGrid", function, 0, 1);
}

void ask_libraries() {
  ask("cuInit", 0U);
  CUlibrary library = nullptr;
  int* const none = nullptr;
  void** const no_values = nullptr;
  const auto load_library = [&](const char* what, const void* code) {
    SHOW(what, "cuLibraryLoadData", &library, code, none, no_values, 0U, none, no_values, 0U);
  };
  load_library("cuLibraryLoadData null", nullptr);
  load_library("cuLibraryLoadData of prose", "this is no device code at all, and long enough to be looked at\n");
  SHOW("cuLibraryLoadFromFile of no file", "cuLibraryLoadFromFile", &library, "/nowhere/to/be/found", none, no_values, 0U, none,
       no_values, 0U);
  library = nullptr;
  load_library("cuLibraryLoadData of PTX without a context", kPtx);
  if (library == nullptr) return;
  CUkernel kernel = nullptr;
  unsigned count = 0;
  SHOW("cuLibraryGetKernelCount", "cuLibraryGetKernelCount", &count, library);
  value("count", count);
  SHOW("cuLibraryGetKernel of nobody", "cuLibraryGetKernel", &kernel, library, "nobody");
  SHOW("cuLibraryGetKernel", "cuLibraryGetKernel", &kernel, library, "scale");
  const char* name = nullptr;
  SHOW("cuKernelGetName", "cuKernelGetName", &name, kernel);
  int number = 0;
  SHOW("cuKernelGetAttribute of device 64", "cuKernelGetAttribute", &number, 0, kernel, 64);
  SHOW("cuKernelGetAttribute", "cuKernelGetAttribute", &number, 0, kernel, 0);
  value("threads", number);
  CUfunction function = nullptr;
  CUmodule module = nullptr;
  SHOW("cuKernelGetFunction without a context", "cuKernelGetFunction", &function, kernel);
  SHOW("cuLibraryGetModule without a context", "cuLibraryGetModule", &module, library);
  make_context();
  SHOW("cuKernelGetFunction", "cuKernelGetFunction", &function, kernel);
  SHOW("cuLibraryGetModule", "cuLibraryGetModule", &module, library);
  SHOW("cuModuleUnload of a library's module", "cuModuleUnload", module);
  CUmodule owner = nullptr;
  SHOW("cuFuncGetModule of a kernel", "cuFuncGetModule", &owner, reinterpret_cast<CUfunction>(kernel));
  CUdeviceptr address = 0;
  std::size_t size = 0;
  SHOW("cuLibraryGetGlobal", "cuLibraryGetGlobal", &address, &size, library, "counter");
  value("size", static_cast<long long>(size));
  SHOW("cuLibraryGetManaged of what is not", "cuLibraryGetManaged", &address, &size, library, "counter");
  SHOW("cuLibraryUnload null", "cuLibraryUnload", CUlibrary{nullptr});
  SHOW("cuLibraryUnload", "cuLibraryUnload", library);
}

}  // namespace vgpu::test
