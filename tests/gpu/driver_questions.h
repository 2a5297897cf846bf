// How the questions of driver_behaviour are put and their answers printed, and which questions there are, in this
// order.
#pragma once

#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "shims/cuda/types.h"

namespace vgpu::questions {

using namespace vgpu::cuda;

extern void* library;  // dlopen's handle of the driver under test

inline void* address(const char* name) {
  void* function = dlsym(library, name);
  if (function == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    std::exit(2);
  }
  return function;
}

template <class... Arguments>
int call(const char* name, Arguments... arguments) {
  return reinterpret_cast<int (*)(Arguments...)>(address(name))(arguments...);
}

inline const char* name_of(int result) {
  switch (result) {
#define VGPU_CUDA_RESULT(name, value, message) \
  case value: return #name;
    VGPU_CUDA_RESULTS(VGPU_CUDA_RESULT)
#undef VGPU_CUDA_RESULT
    default: return "?";
  }
}

inline void show(const char* what, int result) { std::printf("%-62s %s\n", what, name_of(result)); }
#define SHOW(what, ...) show(what, call(__VA_ARGS__))
template <class Value>
void print(const char* what, Value value) {
  std::printf("  %-60s %lld\n", what, static_cast<long long>(value));
}

inline constexpr std::size_t kMiB = std::size_t{1} << 20;
inline constexpr CUdeviceptr kNowhere = 0x10;
inline const CUstream kDefault = nullptr;
inline const CUevent kNoEvent = nullptr;
inline void* const kNothing = nullptr;

inline CUstream pointer_stream(std::uintptr_t number) { return reinterpret_cast<CUstream>(number); }

inline CUdeviceptr allocate(std::size_t bytes) {
  CUdeviceptr pointer = 0;
  call("cuMemAlloc_v2", &pointer, bytes);
  return pointer;
}
inline void release(CUdeviceptr pointer) { call("cuMemFree_v2", pointer); }

inline CUdeviceptr number(const void* pointer) { return reinterpret_cast<CUdeviceptr>(pointer); }

// driver_behaviour.cpp
void no_context();
void streams();
void events();
void busy();

// driver_behaviour_memory.cpp
void plain_memory();
void host_memory();
void pointers();
void copies();
void fills();

// driver_behaviour_pools.cpp
void managed();
void pools();
void values();
void batches();

}  // namespace vgpu::questions
