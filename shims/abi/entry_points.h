// Writes what a driver needs to answer cuGetProcAddress: which export stands for a base name at a version of CUDA.
#pragma once

#include <string>
#include <vector>

#include "shims/abi/list.h"

namespace vgpu::abi {

// "cuMemcpyHtoD_v2_ptds" is base "cuMemcpyHtoD", generation 2, for the per-thread default stream.
struct EntryName {
  std::string base;
  unsigned generation = 1;
  bool per_thread = false;
};

EntryName entry_name(const std::string& export_name);

// A header for one source file of the shim: base names in strcmp order, the variants of each, and the functions as
// distances from a table, because an array of pointers would need a relocation for each at every load. Names of the
// debugger's interface (cudbg*) are not asked for that way and are left out.
std::string entry_point_header(const std::vector<Export>& list, const std::string& list_name);

}  // namespace vgpu::abi
