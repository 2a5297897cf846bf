// The helper libraries of the doors "linked": each is linked against one of the real names, so that it is
// ld.so that finds the functions, as for a program that was linked against CUDA. They are apart from the
// program because that must start, and say so, where such a library is missing.
//
// Compiled once for each library, with VGPU_PROBE_FUNCTIONS(X) from linked_names.h.
#include <cstring>

#include "launcher/probe/linked_names.h"

extern "C" {
#define VGPU_PROBE_DECLARE(name) void name();  // only the address is taken: the type does not matter
VGPU_PROBE_FUNCTIONS(VGPU_PROBE_DECLARE)
}

extern "C" __attribute__((visibility("default"))) void* vgpu_probe_linked(const char* name) {
#define VGPU_PROBE_RETURN(function) \
  if (std::strcmp(name, #function) == 0) return reinterpret_cast<void*>(function);
  VGPU_PROBE_FUNCTIONS(VGPU_PROBE_RETURN)
  return nullptr;
}
