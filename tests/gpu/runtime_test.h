// For the tests of libvgpu-cudart: the driver shim and one runtime shim, opened once, and a CHECK for
// cudaError_t.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "shims/cudart/errors.h"
#include "shims/cudart/types.h"
#include "tests/gpu/runtime_library.h"

namespace vgpu::test {

// libvgpu-cuda.so goes into the global scope first, as LD_PRELOAD would put it.
inline const RuntimeLibrary& runtime() {
  static void* const driver = dlopen(VGPU_CUDA_PATH, RTLD_NOW | RTLD_GLOBAL);
  static const RuntimeLibrary library(VGPU_CUDART_PATH);
  REQUIRE(driver != nullptr);
  return library;
}

// A driver's function, for what the runtime must agree with.
template <class Function>
Function driver_function(const char* name) {
  runtime();
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

template <class... Arguments>
int call(const char* name, Arguments... arguments) {
  return runtime()(name, arguments...);
}

}  // namespace vgpu::test

// The answer of a call must be this error; shows both by name when it is not.
#define CHECK_CUDA(error, ...) \
  CHECK(std::string(vgpu::test::runtime().error_name(vgpu::test::call(__VA_ARGS__))) == #error)
#define CHECK_OK(...) CHECK_CUDA(cudaSuccess, __VA_ARGS__)
