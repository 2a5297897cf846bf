// What the dynamic linker sees of a shared object: the parts of .dynamic and the dynamic symbols. For the build's own
// checks; 64-bit little-endian objects that our linker has just written, so malformed input is an error, not a case.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vgpu::abi {

struct Symbol {
  std::string name;
  std::string version;  // node or needed version, empty: unversioned
  bool defined = false;
  bool is_default = true;  // "name@@NODE", not "name@NODE"
  bool weak = false;
  bool is_object = false;  // STT_OBJECT or STT_TLS
  std::uint64_t value = 0;
  std::uint64_t size = 0;
};

struct ElfFile {
  std::string soname;
  std::string runpath;  // DT_RUNPATH or DT_RPATH
  std::vector<std::string> needed;
  std::vector<std::string> nodes;            // defined version nodes, without the base (the SONAME)
  std::vector<std::string> needed_versions;  // "GLIBC_2.2.5", from any library
  std::vector<Symbol> symbols;               // dynamic symbols; the absolute symbols that name nodes are left out
  std::size_t constructors = 0;              // entries of DT_INIT_ARRAY, and one for DT_INIT
  std::size_t destructors = 0;               // entries of DT_FINI_ARRAY, and one for DT_FINI
  std::size_t relocations = 0;               // entries of DT_RELA and DT_JMPREL
  bool text_relocations = false;
  bool executable_stack = false;  // asked for, or not said: then the kernel makes it executable
  bool writable_code = false;     // a segment that is both
  std::uint64_t file_size = 0;
  std::uint64_t load_size = 0;  // memory of all PT_LOAD
};

// Throws std::runtime_error when `path` is not such an object.
ElfFile read_elf(const std::string& path);

}  // namespace vgpu::abi
