// For the tests of libvgpu-cuda: the driver shim, opened once, its functions by name, and a CHECK for CUresult.
#pragma once

#include <dlfcn.h>
#include <doctest/doctest.h>
#include <stdlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "shims/cuda/types.h"
#include "shims/device/default_wire.h"

namespace vgpu::test {

// The default device twice, as `--emulate h100:2` describes it.
inline std::string two_devices() {
  const std::string one = device::kDefaultWire;
  std::string second = one.substr(one.find('|'));
  const std::size_t bus = second.find("pci_address=0000:") + 17;
  second.replace(bus, 2, second.substr(bus, 2) == "43" ? "44" : "43");
  const std::size_t uuid = second.find("uuid=GPU-") + 9;
  second[uuid] = second[uuid] == '0' ? '1' : '0';
  return one + second;
}

// Null for a name that is not exported.
inline void* address(const char* name) {
  static const int described = setenv("VGPU_DEVICE", two_devices().c_str(), 1);
  REQUIRE(described == 0);
  static void* const handle = dlopen(VGPU_CUDA_PATH, RTLD_NOW | RTLD_LOCAL);
  REQUIRE_MESSAGE(handle != nullptr, dlerror());
  return dlsym(handle, name);
}

// call("cuMemAlloc_v2", &pointer, std::size_t{64}). The caller passes exactly the parameter types of the API.
template <class... Arguments>
cuda::CUresult call(const char* name, Arguments... arguments) {
  void* function = address(name);
  REQUIRE_MESSAGE(function != nullptr, name);
  return reinterpret_cast<cuda::CUresult (*)(Arguments...)>(function)(arguments...);
}

inline std::string result_name(cuda::CUresult result) {
  switch (result) {
#define VGPU_RESULT_NAME(name, value, message) \
  case cuda::name: return #name;
    VGPU_CUDA_RESULTS(VGPU_RESULT_NAME)
#undef VGPU_RESULT_NAME
  }
  return std::to_string(static_cast<int>(result));
}

// A context of device `ordinal`, current in this thread while it lives.
class CurrentContext {
 public:
  explicit CurrentContext(int ordinal = 0) {
    REQUIRE(call("cuInit", 0U) == cuda::CUDA_SUCCESS);
    REQUIRE(call("cuCtxCreate_v2", &context_, 0U, ordinal) == cuda::CUDA_SUCCESS);
  }
  ~CurrentContext() { call("cuCtxDestroy_v2", context_); }
  CurrentContext(const CurrentContext&) = delete;
  CurrentContext& operator=(const CurrentContext&) = delete;
  cuda::CUcontext get() const { return context_; }

 private:
  cuda::CUcontext context_ = nullptr;
};

}  // namespace vgpu::test

// The answer of a call must be this result; shows both by name when it is not.
#define CHECK_RESULT(result, ...) CHECK(vgpu::test::result_name(vgpu::test::call(__VA_ARGS__)) == #result)
#define CHECK_OK(...) CHECK_RESULT(CUDA_SUCCESS, __VA_ARGS__)
