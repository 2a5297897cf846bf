// What an ELF file says about itself: a pure function of its bytes. elf(5), and the System V gABI with the
// GNU extensions (symbol versioning: LSB 5, "Symbol Versioning").
//
// The reader takes hostile input: every offset is checked against the file, every loop is bounded, and what
// it keeps is bounded by constants, not by numbers that the file claims. What cannot be right is an error
// with a sentence.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vgpu::os {

// One entry of .gnu.version_r: versions that the file needs of one library.
struct VersionNeed {
  std::string library;
  std::vector<std::string> versions;
};

// The section by which a vgpu-run knows another one. It is static, and what it starts gets its shims all the
// same.
inline constexpr char kLauncherSection[] = ".vgpu.launcher";

struct ElfFile {
  enum class Type { relocatable, executable, shared, core, other };

  int elf_class = 0;  // 32 or 64
  bool big_endian = false;
  std::string machine;  // "x86_64", "i386", "aarch64", ...; "machine-N" where we have no name
  Type type = Type::other;

  bool dynamic = false;           // has PT_DYNAMIC
  std::string interpreter;        // PT_INTERP, empty: none
  bool pie = false;               // DF_1_PIE
  bool executable_stack = false;  // PT_GNU_STACK asks for it
  bool has_stack_header = false;  // without PT_GNU_STACK the architecture's default counts
  std::string soname;
  std::vector<std::string> needed;   // DT_NEEDED, in order
  std::string rpath;                 // DT_RPATH as written
  std::string runpath;               // DT_RUNPATH as written
  bool bind_now = false;             // DF_BIND_NOW, DF_1_NOW or DT_BIND_NOW
  bool has_init = false;             // DT_INIT
  std::uint64_t init_functions = 0;  // entries of DT_INIT_ARRAY and DT_PREINIT_ARRAY
  std::vector<VersionNeed> needs;    // .gnu.version_r
  std::vector<std::string> defines;  // .gnu.version_d without the base entry
  bool cuda_code = false;            // has a section .nv_fatbin: compiled by nvcc
  bool registers_cuda_code = false;  // and calls __cudaRegisterFatBinary in another library
  bool go = false;                   // has a Go build id note or a .go.buildinfo section
  bool launcher = false;             // has our section kLauncherSection: a vgpu-run
};

struct ElfError {
  bool not_elf = false;  // no ELF magic at all
  std::string what;      // one clause: "the section of dynamic entries ends behind the file"
};

using ElfResult = boost::system::result<ElfFile, ElfError>;
[[noreturn]] void throw_exception_from_error(const ElfError& error, const boost::source_location& location);

ElfResult read_elf(std::span<const unsigned char> bytes);

// The newest GLIBC_x.y[.z] version that `file` needs of any library; "" when it needs none. "2.34".
std::string newest_glibc(const ElfFile& file);

// The newest GLIBC_x.y that libc.so.6 defines: the version of that libc as far as programs can see it.
std::string offered_glibc(const ElfFile& libc);

// Less, equal, greater (-1, 0, 1) for dotted version numbers: "2.4" < "2.34".
int compare_versions(std::string_view a, std::string_view b);

// "glibc", "musl", "bionic", or "" where nothing shows. From the interpreter, DT_NEEDED and needed versions.
std::string libc_of(const ElfFile& file);

// Whether the file is the dynamic linker itself, which is a program that honours LD_PRELOAD without having
// PT_INTERP.
bool is_dynamic_linker(const ElfFile& file);

// One symbol of .dynsym. `version` is empty where it has none; "hidden" versions (foo@V, not foo@@V) count as
// well.
struct DynamicSymbol {
  std::string_view name;
  std::string_view version;
  bool defined = false;
  bool function = false;
};

// All symbols of .dynsym. The views point into `bytes`. Empty for a file without a dynamic section or with a
// broken one.
std::vector<DynamicSymbol> dynamic_symbols(std::span<const unsigned char> bytes);

// A symbol that the file's relocations want from elsewhere, weak ones aside.
struct UndefinedSymbol {
  std::string name;
  bool at_load = false;  // before the first constructor, whatever is bound lazily
};

std::vector<UndefinedSymbol> undefined_symbols(std::span<const unsigned char> bytes);

}  // namespace vgpu::os
