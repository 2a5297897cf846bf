// Compares a built library with its export list, and with the rules of shims/README.md.
#pragma once

#include <string>
#include <vector>

#include "shims/abi/elf_file.h"
#include "shims/abi/list.h"

namespace vgpu::abi {

// One sentence for each difference: a name missing, under the wrong node, of the wrong type, or visible without being
// in the list or among `doors`. Names that start with "vgpu_" under the node VGPU_1 are ours and allowed.
std::vector<std::string> compare(const ElfFile& file, const std::vector<Export>& list,
                                 const std::vector<std::string>& doors = {});

struct Rules {
  std::string soname;                    // empty: must have none
  std::vector<std::string> needed;       // the only libraries that DT_NEEDED may name
  std::string newest_glibc;              // "2.17"; empty: no versioned symbol may be needed
  std::size_t constructors = 0;          // exactly so many
  std::vector<std::string> unversioned;  // undefined symbols without a version that are allowed (weak only)
  std::vector<std::string> moved;        // moved_names(): may be needed weakly only
};

// What libc.so.6 got from libdl, libpthread and their kin as these were dissolved (glibc 2.32 to 2.34). It kept the old
// versions, so the version alone does not show that an older libc.so.6 has no such function. `libc`: one of 2.34 or
// newer.
std::vector<std::string> moved_names(const ElfFile& libc);

// One sentence for each rule that `file` breaks.
std::vector<std::string> violations(const ElfFile& file, const Rules& rules);

}  // namespace vgpu::abi
