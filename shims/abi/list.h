// An export list: what a library must show to the dynamic linker. The text files beside this one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vgpu::abi {

// What a function that is not implemented gives back.
enum class Returns {
  status,   // the library's "not supported", an int
  pointer,  // null
  nothing,
  real,  // 0.0f or 0.0
};

struct Export {
  std::string name;
  std::string node;        // version node, empty: unversioned
  std::string since;       // the oldest library it was seen in
  bool is_object = false;  // a variable, not a function
  std::size_t size = 0;    // of a variable, in bytes
  Returns returns = Returns::status;
  unsigned cuda = 0;  // the CUDA version that cuGetProcAddress wants for it, 0: not said

  bool operator==(const Export&) const = default;
};

// One export a line, `NAME NODE SINCE [object=BYTES | returns=pointer|nothing|real | cuda=VERSION]`; NODE is "-" for an
// unversioned one; '#' starts a comment. The same name may stand several times with different nodes: the last one is
// the default. Throws std::runtime_error with file and line.
std::vector<Export> read_list(const std::string& path);

}  // namespace vgpu::abi
