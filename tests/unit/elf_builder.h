// Small ELF files for tests of everything that reads them: one PT_LOAD over the whole file, and what is asked
// for.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace vgpu::test {

struct ElfBuilder {
  int elf_class = 64;
  bool big_endian = false;
  std::uint16_t machine = 62;  // EM_X86_64; 3: EM_386, 183: EM_AARCH64
  std::uint16_t type = 3;      // ET_DYN; 2: ET_EXEC, 1: ET_REL
  std::string interpreter;
  bool dynamic = true;
  bool pie = false;
  std::string soname;
  std::vector<std::string> needed;
  std::string rpath;
  std::string runpath;
  std::vector<std::pair<std::string, std::vector<std::string>>> needs;  // library, versions
  std::vector<std::string> defines;                                     // version nodes
  std::vector<std::pair<std::string, bool>> symbols;                    // name, defined
  std::vector<std::string> sections;                                    // names only
  int gnu_stack = -1;                                                   // p_flags of PT_GNU_STACK, -1: none
  unsigned init_functions = 0;

  std::string build() const;
};

// "A program as every distribution has them": PIE, glibc.
inline ElfBuilder glibc_program() {
  ElfBuilder elf;
  elf.interpreter = "/lib64/ld-linux-x86-64.so.2";
  elf.pie = true;
  elf.needed = {"libc.so.6"};
  elf.needs = {{"libc.so.6", {"GLIBC_2.2.5", "GLIBC_2.34"}}};
  return elf;
}

inline ElfBuilder musl_program() {
  ElfBuilder elf;
  elf.interpreter = "/lib/ld-musl-x86_64.so.1";
  elf.pie = true;
  elf.needed = {"libc.musl-x86_64.so.1"};
  return elf;
}

inline ElfBuilder shared_library(std::string soname) {
  ElfBuilder elf;
  elf.soname = std::move(soname);
  elf.needed = {"libc.so.6"};
  elf.needs = {{"libc.so.6", {"GLIBC_2.17"}}};
  return elf;
}

}  // namespace vgpu::test
