// Writes the seeds of the ELF reader's fuzz target: small files with everything that the reader looks at.
// usage: elf_seeds DIRECTORY (tests/fuzz/corpus/elf; the files are committed)
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/unit/elf_builder.h"

using vgpu::test::ElfBuilder;

namespace {

ElfBuilder everything() {
  ElfBuilder elf = vgpu::test::shared_library("libx.so.1");
  elf.needed = {"libc.so.6", "libm.so.6"};
  elf.rpath = "/opt/lib";
  elf.runpath = "$ORIGIN/../lib";
  elf.needs = {{"libc.so.6", {"GLIBC_2.2.5", "GLIBC_2.34"}}, {"libm.so.6", {"GLIBC_2.29"}}};
  elf.defines = {"libx.so.1", "libx.so.2"};
  elf.symbols = {{"cuInit", true}, {"malloc", false}};
  elf.sections = {".nv_fatbin", ".go.buildinfo", ".text"};
  elf.gnu_stack = 7;
  elf.init_functions = 2;
  return elf;
}

bool write(const std::string& directory, const std::string& name, const ElfBuilder& elf) {
  std::ofstream file(directory + "/" + name, std::ios::binary);
  file << elf.build();
  return file.good();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: elf_seeds DIRECTORY\n"), 2;
  const std::string directory = argv[1];
  bool good = true;
  for (const int elf_class : {32, 64}) {
    for (const bool big_endian : {false, true}) {
      ElfBuilder elf = everything();
      elf.elf_class = elf_class;
      elf.big_endian = big_endian;
      good &= write(directory, "library_" + std::to_string(elf_class) + (big_endian ? "_big" : "_little"), elf);
    }
  }
  good &= write(directory, "program_glibc", vgpu::test::glibc_program());
  good &= write(directory, "program_musl", vgpu::test::musl_program());
  ElfBuilder fixed;
  fixed.type = 2;
  fixed.dynamic = false;
  good &= write(directory, "program_static", fixed);
  ElfBuilder object;
  object.type = 1;
  object.dynamic = false;
  good &= write(directory, "object", object);
  ElfBuilder linker = vgpu::test::shared_library("ld-linux-x86-64.so.2");
  linker.needed.clear();
  linker.needs.clear();
  linker.defines = {"GLIBC_2.2.5", "GLIBC_2.35"};
  good &= write(directory, "dynamic_linker", linker);
  return good ? 0 : 1;
}
