// What preflight knows about one library, from the seal or from its bytes, and what is wrong with the file as
// such.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "launcher/os/elf.h"
#include "launcher/os/machine.h"
#include "launcher/plan/problem.h"
#include "launcher/plan/seal.h"

namespace vgpu::plan {

struct LibraryFacts {
  std::string path;
  bool sealed = false;
  int elf_class = 0;
  std::string machine;
  std::string libc;  // "glibc", "musl", "": needs none
  std::string soname;
  std::vector<std::string> needed;
  std::vector<os::VersionNeed> needs;  // empty when sealed
  std::vector<std::string> defines;
  std::string rpath;
  std::string runpath;
  std::string newest_glibc;
};

enum class Trust {
  ours,     // a manifest named it: as root it must belong to root and be writable by nobody else
  foreign,  // the user preloads it anyway
};

// The facts of the library at `path`, or nothing: `problems` then has one more error that says why ld.so
// would not load it. Costs one system call for a sealed library, three for another, and a fourth once a
// mount.
std::optional<LibraryFacts> inspect_library(const os::Machine& machine, const std::string& path, Trust trust, Seal seal,
                                            Problems& problems);

// The facts of an ELF file that was read already.
LibraryFacts library_facts(const std::string& path, const os::ElfFile& elf);

}  // namespace vgpu::plan
