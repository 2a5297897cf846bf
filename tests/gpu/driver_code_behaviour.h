// What driver_code_behaviour.cpp and its sections share. No libstdc++ and nothing newer than glibc 2.17, so that one
// build runs on whatever machine has a GPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "shims/cuda/types.h"

namespace vgpu::test {

// Of the driver under test; null when it does not export the name.
void* driver_function(const char* name);

const char* result_name(int result);

// Prints "WHAT  RESULT".
void show(const char* what, int result);
// Prints "  WHAT  VALUE" below.
void value(const char* what, const char* text);
void value(const char* what, long long number);

// A result that no driver gives: the function is not exported.
inline constexpr int kNotExported = -1;

template <class... Arguments>
int ask(const char* name, Arguments... arguments) {
  void* function = driver_function(name);
  if (function == nullptr) return kNotExported;
  return reinterpret_cast<int (*)(Arguments...)>(function)(arguments...);
}

// SHOW("cuMemAlloc of 0", "cuMemAlloc_v2", &pointer, std::size_t{0})
#define SHOW(what, ...) ::vgpu::test::show(what, ::vgpu::test::ask(__VA_ARGS__))

// A section: questions asked in a process of their own, so that a crash takes no other's answers.
struct Section {
  const char* name;
  void (*ask)();
};

// Device 0 with a context, for sections that need one.
cuda::CUcontext make_context();

// driver_code_modules.cpp
cuda::CUmodule load_module();  // of PTX with the functions scale and other
void ask_look_up();
void ask_modules();
void ask_variables();
void ask_libraries();

// driver_code_functions.cpp
void ask_functions();

}  // namespace vgpu::test
