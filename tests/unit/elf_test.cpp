#include "launcher/os/elf.h"

#include <doctest/doctest.h>

#include <random>

#include "tests/unit/elf_builder.h"

using namespace vgpu;
using os::ElfFile;
using test::ElfBuilder;

namespace {

os::ElfResult read(const std::string& bytes) {
  return os::read_elf({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

std::vector<os::DynamicSymbol> symbols_of(const std::string& bytes) {
  return os::dynamic_symbols({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

ElfBuilder rich() {
  ElfBuilder elf = test::shared_library("libx.so.1");
  elf.needed = {"libc.so.6", "libm.so.6"};
  elf.runpath = "$ORIGIN/../lib";
  elf.needs = {{"libc.so.6", {"GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_2.4"}}, {"libm.so.6", {"GLIBC_2.29"}}};
  elf.defines = {"libx.so.1", "libx.so.2"};
  elf.symbols = {{"cuInit", true}, {"malloc", false}};
  elf.gnu_stack = 7;
  elf.init_functions = 3;
  return elf;
}

}  // namespace

TEST_CASE("every fact of a library is read, in both classes and byte orders") {
  for (const int elf_class : {32, 64}) {
    for (const bool big_endian : {false, true}) {
      CAPTURE(elf_class);
      CAPTURE(big_endian);
      ElfBuilder builder = rich();
      builder.elf_class = elf_class;
      builder.big_endian = big_endian;
      const auto elf = read(builder.build());
      REQUIRE(elf.has_value());
      CHECK(elf->elf_class == elf_class);
      CHECK(elf->big_endian == big_endian);
      CHECK(elf->machine == "x86_64");
      CHECK(elf->type == ElfFile::Type::shared);
      CHECK(elf->dynamic);
      CHECK(elf->soname == "libx.so.1");
      CHECK(elf->needed == std::vector<std::string>{"libc.so.6", "libm.so.6"});
      CHECK(elf->runpath == "$ORIGIN/../lib");
      REQUIRE(elf->needs.size() == 2);
      CHECK(elf->needs[0].library == "libc.so.6");
      CHECK(elf->needs[0].versions.size() == 3);
      CHECK(elf->needs[1].versions == std::vector<std::string>{"GLIBC_2.29"});
      CHECK(elf->defines == std::vector<std::string>{"libx.so.1", "libx.so.2"});
      CHECK(elf->executable_stack);
      CHECK(elf->init_functions == 3);
      CHECK(os::newest_glibc(*elf) == "2.34");
      CHECK(os::libc_of(*elf) == "glibc");
      const std::string bytes = builder.build();  // the symbols' names point into it
      const auto symbols = symbols_of(bytes);
      REQUIRE(symbols.size() == 2);
      CHECK(symbols[0].name == "cuInit");
      CHECK(symbols[0].defined);
      CHECK(symbols[0].function);
      CHECK_FALSE(symbols[1].defined);
    }
  }
}

TEST_CASE("machines have the names of the manifest") {
  ElfBuilder elf = test::shared_library("a");
  elf.machine = 183;
  CHECK(read(elf.build())->machine == "aarch64");
  elf.machine = 3;
  elf.elf_class = 32;
  CHECK(read(elf.build())->machine == "i386");
  elf.machine = 4711;
  CHECK(read(elf.build())->machine == "machine-4711");
}

TEST_CASE("libc is told from the interpreter, DT_NEEDED and needed versions") {
  CHECK(os::libc_of(*read(test::glibc_program().build())) == "glibc");
  CHECK(os::libc_of(*read(test::musl_program().build())) == "musl");
  ElfBuilder library;
  library.needed = {"libc.so"};  // what musl-gcc records
  CHECK(os::libc_of(*read(library.build())) == "musl");
  library.needed = {};
  CHECK(os::libc_of(*read(library.build())).empty());
  library.needs = {{"libfoo.so", {"GLIBC_2.5"}}};
  CHECK(os::libc_of(*read(library.build())) == "glibc");
  ElfBuilder android = test::glibc_program();
  android.interpreter = "/system/bin/linker64";
  CHECK(os::libc_of(*read(android.build())) == "bionic");
  ElfBuilder nix = test::glibc_program();
  nix.interpreter = "/nix/store/abc-glibc-2.37-8/lib/ld-linux-x86-64.so.2";
  CHECK(os::libc_of(*read(nix.build())) == "glibc");
}

TEST_CASE("the dynamic linker is a program without PT_INTERP that is not static") {
  ElfBuilder linker;
  linker.soname = "ld-linux-x86-64.so.2";
  CHECK(os::is_dynamic_linker(*read(linker.build())));
  linker.soname = "libfoo.so";
  CHECK_FALSE(os::is_dynamic_linker(*read(linker.build())));
}

TEST_CASE("CUDA code without a call to another library's runtime means a static runtime") {
  ElfBuilder program = test::glibc_program();
  program.sections = {".text", ".nv_fatbin"};
  auto elf = read(program.build());
  CHECK(elf->cuda_code);
  CHECK_FALSE(elf->registers_cuda_code);
  program.symbols = {{"__cudaRegisterFatBinary", false}};
  elf = read(program.build());
  CHECK(elf->cuda_code);
  CHECK(elf->registers_cuda_code);
}

TEST_CASE("versions are compared by number") {
  CHECK(os::compare_versions("2.4", "2.34") < 0);
  CHECK(os::compare_versions("2.34", "2.34") == 0);
  CHECK(os::compare_versions("2.2.5", "2.2") > 0);
  CHECK(os::compare_versions("", "2") < 0);
  CHECK(os::compare_versions("99999999999999999999", "1") > 0);
}

TEST_CASE("versions that are not numbers are not versions of glibc") {
  ElfBuilder library;
  library.needs = {{"libc.so.6", {"GLIBC_PRIVATE", "GLIBC_2.3", "GLIBC_ABI_DT_RELR"}}};
  CHECK(os::newest_glibc(*read(library.build())) == "2.3");
}

TEST_CASE("what cannot be right is an error with a sentence") {
  CHECK(read("").error().not_elf);
  CHECK(read("#!/bin/sh\n").error().not_elf);
  CHECK_FALSE(read("\177ELF").error().not_elf);
  const std::string good = rich().build();
  std::string bad = good;
  bad[4] = 3;
  CHECK(read(bad).error().what.find("class") != std::string::npos);
  bad = good;
  bad[5] = 0;
  CHECK(read(bad).error().what.find("byte order") != std::string::npos);
  bad = good.substr(0, good.size() / 2);
  CHECK(read(bad).error().what.find("truncated") != std::string::npos);
  bad = good;
  bad[32] = bad[33] = bad[38] = '\x7f';  // e_phoff
  CHECK(read(bad).error().what.find("program headers") != std::string::npos);
}

TEST_CASE("an interpreter that the kernel would refuse is an error") {
  ElfBuilder program = test::glibc_program();
  program.interpreter = std::string(5000, 'x');
  CHECK(read(program.build()).has_error());
}

TEST_CASE("no truncation of a file and no damaged byte of it crashes the reader") {
  ElfBuilder builder = rich();
  builder.interpreter = "/lib64/ld-linux-x86-64.so.2";
  builder.sections = {".nv_fatbin", ".go.buildinfo"};
  const std::string good = builder.build();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const std::string cut = good.substr(0, size);
    CHECK(read(cut).has_error());
  }
  std::size_t accepted = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      std::string bad = good;
      bad[at] = static_cast<char>(value);
      accepted += read(bad).has_value() ? 1 : 0;
      symbols_of(bad);
    }
  }
  CHECK(accepted > 0);
}

TEST_CASE("what is kept does not grow with what a file claims") {
  // Thousands of DT_NEEDED that all name the same long string.
  ElfBuilder builder;
  builder.needed.assign(20000, "");
  std::string bytes = builder.build();
  CHECK(read(bytes)->needed.size() <= 1024);
  ElfBuilder chain;
  chain.needed = {std::string(5000, 'n')};
  CHECK(read(chain.build())->needed[0].empty());  // longer than any path: not a name
}
