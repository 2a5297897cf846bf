// For the tests of a slice: the shims and, behind them, the fake driver.
#pragma once

#include <dlfcn.h>
#include <doctest/doctest.h>

#include <cstdint>

#include "tests/programs/fake_driver/call.h"

namespace vgpu::test {

inline void* opened(const char* path) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  REQUIRE_MESSAGE(library != nullptr, dlerror());
  return library;
}

struct Slice {
  void* cuda = opened(VGPU_SLICE_CUDA);
  void* nvml = opened(VGPU_SLICE_NVML);
  void* fake_cuda = opened(VGPU_FAKE_CUDA);  // the copy that the shim opens, too
  void* fake_nvml = opened(VGPU_FAKE_NVML);
};

inline const Slice& slice() {
  static const Slice all;
  return all;
}

template <class Result = int, class... Arguments>
Result in(void* library, const char* name, Arguments... arguments) {
  void* function = dlsym(library, name);
  REQUIRE_MESSAGE(function != nullptr, name);
  return reinterpret_cast<Result (*)(Arguments...)>(function)(arguments...);
}

template <class... Arguments>
int cuda(const char* name, Arguments... arguments) {
  return in(slice().cuda, name, arguments...);
}

template <class Result = int, class... Arguments>
Result fake(const char* name, Arguments... arguments) {
  return in<Result>(slice().fake_cuda, name, arguments...);
}

inline void fail(const char* name, int status = 999, int count = 1) {
  reinterpret_cast<void (*)(const char*, int, int)>(dlsym(slice().fake_cuda, "fake_fail"))(name, status, count);
}

inline std::uint64_t taken(int device = 0) { return fake<std::uint64_t>("fake_used", device); }

struct Info {
  std::size_t free = 0;
  std::size_t total = 0;
};
inline Info info() {
  Info told;
  REQUIRE(cuda("cuMemGetInfo_v2", &told.free, &told.total) == 0);
  return told;
}
// What the books say is used.
inline std::uint64_t booked() {
  const Info told = info();
  return told.total - told.free;
}

}  // namespace vgpu::test
