// Writes what a shim needs to show a whole export list: the linker's version script and a source file with one function
// for each name.
#pragma once

#include <string>
#include <vector>

#include "shims/abi/list.h"

namespace vgpu::abi {

struct Generation {
  std::string library;    // prefix of log lines: "libvgpu-cuda"
  int not_supported = 1;  // the API's status for it
  std::string list;       // for the comment on top
};

// Nodes in the order of the list, and VGPU_1 for our private names (vgpu_*). Without nodes the public names stay
// unversioned and the caller has to compile with hidden visibility: ld has no script that mixes the two.
std::string version_script(const std::vector<Export>& list);

// Weak functions that log once and answer "not supported"; a strong definition of the same name in the shim wins.
std::string stub_source(const std::vector<Export>& list, const Generation& generation);

// Weak trampolines: each asks vgpu_abi_resolve(index) for the real function, remembers it and jumps to it with every
// argument register as it was; where there is none, it jumps to vgpu_local_NAME, which answers as the stubs do unless
// the shim defines it. x86-64.
std::string trampoline_source(const std::vector<Export>& list, const Generation& generation);

// For trampolines: the names by index, and the indices by name.
std::string index_header(const std::vector<Export>& list, const Generation& generation);

}  // namespace vgpu::abi
