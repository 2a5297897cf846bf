// What nvcc's code registers: kernels, variables, managed variables.
#include <string>

#include "shims/cudart/registry.h"
#include "tests/gpu/driver_image.h"
#include "tests/gpu/runtime_test.h"

using namespace vgpu::cudart;
using namespace vgpu::test;

namespace {

// As generated code registers one module with a kernel, a variable and a managed variable.
struct Module {
  Module() {
    wrapper.data = image.data();
    handle = reinterpret_cast<void** (*)(void*)>(runtime().address("__cudaRegisterFatBinary"))(&wrapper);
    char* const device_name = name;
    call("__cudaRegisterFunction", handle, static_cast<const char*>(kernel), device_name, "scale", -1, none, none, none,
         none, static_cast<int*>(nullptr));
    call("__cudaRegisterVar", handle, variable, device_name, "table", 0, sizeof variable, 0, 0);
    call("__cudaRegisterManagedVar", handle, reinterpret_cast<void**>(&managed), device_name, "counter", 0, sizeof(int),
         0, 0);
    call("__cudaRegisterFatBinaryEnd", handle);
  }
  ~Module() { call("__cudaUnregisterFatBinary", handle); }
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  FatBinaryWrapper wrapper = {kWrapperMagic, 1, nullptr, nullptr};
  Bytes image = fat_binary({{2, 90, Bytes(100), 0x2011}});  // compressed, as nvcc does it: nobody can read a name in it
  char name[8] = {};
  char kernel[1] = {};
  char variable[64] = {};
  int* managed = nullptr;
  void* none = nullptr;
  void** handle = nullptr;
};

}  // namespace

TEST_CASE("a registered kernel is known by name, and its launch fails loudly") {
  const Module module;
  const void* kernel = module.kernel;
  const char* name = nullptr;
  CHECK_OK("cudaFuncGetName", &name, kernel);
  CHECK(std::string(name) == "scale");
  const dim3 one = {1, 1, 1};
  void** arguments = nullptr;
  const cudaStream_t stream = nullptr;
  call("cudaGetLastError");
  CHECK_CUDA(cudaErrorNotSupported, "cudaLaunchKernel", kernel, one, one, arguments, std::size_t{0}, stream);
  CHECK_CUDA(cudaErrorNotSupported, "cudaGetLastError");
  CHECK_CUDA(cudaErrorNotSupported, "cudaLaunchCooperativeKernel", kernel, one, one, arguments, std::size_t{0}, stream);
  cudaLaunchConfig config = {one, one, 0, nullptr, nullptr, 0};
  CHECK_CUDA(cudaErrorNotSupported, "cudaLaunchKernelExC", static_cast<const cudaLaunchConfig*>(&config), kernel,
             arguments);
  cudaKernel_t handle = nullptr;
  CHECK_OK("cudaGetKernel", &handle, kernel);
  CHECK_CUDA(cudaErrorNotSupported, "__cudaLaunchKernel", handle, one, one, arguments, std::size_t{0}, stream);
  call("cudaGetLastError");
}

TEST_CASE("a device variable holds what was copied to it, and no more") {
  const Module module;
  const void* symbol = module.variable;
  std::size_t size = 0;
  CHECK_OK("cudaGetSymbolSize", &size, symbol);
  CHECK(size == 64);
  const char text[] = "hello";
  char back[sizeof text] = {};
  CHECK_OK("cudaMemcpyToSymbol", symbol, static_cast<const void*>(text), sizeof text, std::size_t{10}, 1);
  CHECK_OK("cudaMemcpyFromSymbol", static_cast<void*>(back), symbol, sizeof text, std::size_t{10}, 2);
  CHECK(std::string(back) == text);
  void* device = nullptr;
  CHECK_OK("cudaGetSymbolAddress", &device, symbol);
  CHECK_OK("cudaMemcpy", static_cast<void*>(back), static_cast<const void*>(static_cast<char*>(device) + 10),
           sizeof text, 2);
  CHECK(std::string(back) == text);
  CHECK_CUDA(cudaErrorInvalidValue, "cudaMemcpyToSymbol", symbol, static_cast<const void*>(text), sizeof text,
             std::size_t{60}, 1);
  CHECK_CUDA(cudaErrorInvalidMemcpyDirection, "cudaMemcpyToSymbol", symbol, static_cast<const void*>(text), sizeof text,
             std::size_t{0}, 2);
  call("cudaGetLastError");
}

TEST_CASE("a managed variable has an address after its module was initialised") {
  Module module;
  CHECK(module.managed == nullptr);
  const auto initialise = reinterpret_cast<char (*)(void**)>(runtime().address("__cudaInitModule"));
  CHECK(initialise(module.handle) != 0);
  REQUIRE(module.managed != nullptr);
  CHECK(*module.managed == 0);
  *module.managed = 42;
  int value = 0;
  CHECK_OK("cudaMemcpyFromSymbol", static_cast<void*>(&value), static_cast<const void*>(module.managed), sizeof value,
           std::size_t{0}, 2);
  CHECK(value == 42);
}

TEST_CASE("launch configurations nest") {
  const auto push = reinterpret_cast<unsigned (*)(dim3, dim3, std::size_t, cudaStream_t)>(
      runtime().address("__cudaPushCallConfiguration"));
  for (unsigned i = 1; i <= 5; ++i) CHECK(push({i, 1, 1}, {2, i, 1}, i, nullptr) == 0);
  for (unsigned i = 5; i >= 1; --i) {
    dim3 grid = {};
    dim3 block = {};
    std::size_t shared = 0;
    cudaStream_t stream = nullptr;
    CHECK_OK("__cudaPopCallConfiguration", &grid, &block, &shared, static_cast<void*>(&stream));
    CHECK(grid.x == i);
    CHECK(block.y == i);
    CHECK(shared == i);
  }
}
