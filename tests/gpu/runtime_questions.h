// How the questions of runtime_behaviour are put and their answers printed, and which questions there are, in this
// order.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "shims/cudart/types.h"
#include "tests/gpu/runtime_library.h"

namespace vgpu::questions {

using namespace vgpu::cudart;
using Stream = cudaStream_t;
using Event = cudaEvent_t;

extern const vgpu::test::RuntimeLibrary* library;  // the runtime under test

// Prints the answer, and what cudaGetLastError says after it when that differs.
inline void show(const char* what, int error) {
  const int last = (*library)("cudaGetLastError");
  std::printf("%-58s %s", what, library->error_name(error));
  if (last != error) std::printf(" (last error %s)", library->error_name(last));
  std::printf("\n");
}

#define SHOW(what, ...) show(what, (*library)(__VA_ARGS__))

inline constexpr std::size_t kMiB = std::size_t{1} << 20;
inline void* const kNowhere = reinterpret_cast<void*>(std::uintptr_t{0x10});

// runtime_behaviour_memory.cpp
void devices();
void memory();
void host_memory();
void pointers();
void copies();

// runtime_behaviour.cpp
void streams_and_events();
void busy_stream();
void pools();
void functions();
void entry_points();
void last_error();
void reset();

}  // namespace vgpu::questions
