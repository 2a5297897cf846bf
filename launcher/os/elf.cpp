#include "launcher/os/elf.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "launcher/os/elf_image.h"

namespace vgpu::os {
namespace {

constexpr std::size_t kMaxNeeded = 1024;
constexpr std::size_t kMaxVersions = 4096;  // libcs define about 50, libstdc++ about 60

ElfError broken(std::string what) { return ElfError{false, std::move(what)}; }

std::string machine_name(std::uint64_t machine) {
  switch (machine) {
    case EM_X86_64: return "x86_64";
    case EM_386: return "i386";
    case EM_AARCH64: return "aarch64";
    case EM_ARM: return "arm";
    case EM_RISCV: return "riscv";
    case EM_PPC64: return "ppc64";
    case EM_S390: return "s390";
    default: return "machine-" + std::to_string(machine);
  }
}

ElfFile::Type type_of(std::uint64_t type) {
  switch (type) {
    case ET_REL: return ElfFile::Type::relocatable;
    case ET_EXEC: return ElfFile::Type::executable;
    case ET_DYN: return ElfFile::Type::shared;
    case ET_CORE: return ElfFile::Type::core;
    default: return ElfFile::Type::other;
  }
}

void read_needs(const ElfImage& image, ElfFile& file) {
  const auto address = image.dynamic_value(DT_VERNEED);
  if (!address) return;
  const ElfBytes& bytes = image.bytes;
  auto at = image.offset_of(*address, sizeof(Elf64_Verneed));
  std::size_t budget = kMaxVersions;
  while (at && bytes.holds(*at, sizeof(Elf64_Verneed)) && budget > 0) {
    VersionNeed need;
    if (const auto name = image.name_at(bytes.word(*at + 4))) need.library = *name;
    std::uint64_t entry = *at + bytes.word(*at + 8);
    while (bytes.holds(entry, sizeof(Elf64_Vernaux)) && budget > 0) {
      --budget;
      if (const auto name = image.name_at(bytes.word(entry + 8))) need.versions.emplace_back(*name);
      const std::uint64_t step = bytes.word(entry + 12);
      if (step == 0) break;
      entry += step;
    }
    file.needs.push_back(std::move(need));
    const std::uint64_t step = bytes.word(*at + 12);
    if (step == 0) break;
    *at += step;
    --budget;
  }
}

void read_defines(const ElfImage& image, ElfFile& file) {
  const auto address = image.dynamic_value(DT_VERDEF);
  if (!address) return;
  const ElfBytes& bytes = image.bytes;
  auto at = image.offset_of(*address, sizeof(Elf64_Verdef));
  for (std::size_t budget = kMaxVersions; at && bytes.holds(*at, sizeof(Elf64_Verdef)) && budget > 0; --budget) {
    const bool base = (bytes.half(*at + 2) & VER_FLG_BASE) != 0;  // the file's own name, not a version
    const std::uint64_t entry = *at + bytes.word(*at + 12);
    if (!base && bytes.holds(entry, sizeof(Elf64_Verdaux))) {
      if (const auto name = image.name_at(bytes.word(entry))) file.defines.emplace_back(*name);
    }
    const std::uint64_t step = bytes.word(*at + 16);
    if (step == 0) break;
    *at += step;
  }
}

void read_dynamic(const ElfImage& image, ElfFile& file) {
  const unsigned width = image.bytes.is64() ? 8 : 4;
  const auto text = [&](std::uint64_t index) { return std::string(image.name_at(index).value_or("")); };
  for (const ElfDynamic& entry : image.dynamic) {
    switch (entry.tag) {
      case DT_NEEDED:
        if (file.needed.size() < kMaxNeeded) file.needed.push_back(text(entry.value));
        break;
      case DT_SONAME: file.soname = text(entry.value); break;
      case DT_RPATH: file.rpath = text(entry.value); break;
      case DT_RUNPATH: file.runpath = text(entry.value); break;
      case DT_BIND_NOW: file.bind_now = true; break;
      case DT_FLAGS: file.bind_now |= (entry.value & DF_BIND_NOW) != 0; break;
      case DT_FLAGS_1:
        file.pie = (entry.value & DF_1_PIE) != 0;
        file.bind_now |= (entry.value & DF_1_NOW) != 0;
        break;
      case DT_INIT: file.has_init = true; break;
      case DT_INIT_ARRAYSZ:
      case DT_PREINIT_ARRAYSZ:
        file.init_functions += std::min<std::uint64_t>(entry.value, image.bytes.size()) / width;
        break;
      default: break;
    }
  }
  read_needs(image, file);
  read_defines(image, file);
}

// What only section headers show. A file may have none (sstrip); then nothing shows.
void read_sections(const ElfImage& image, ElfFile& file) {
  const ElfBytes& bytes = image.bytes;
  const bool is64 = bytes.is64();
  const std::uint64_t table = bytes.native(is64 ? 40 : 32);
  const std::uint64_t entry_size = bytes.half(is64 ? 58 : 46);
  const std::uint64_t count = bytes.half(is64 ? 60 : 48);
  const std::uint64_t names_index = bytes.half(is64 ? 62 : 50);
  if (table == 0 || entry_size < (is64 ? 64u : 40u) || names_index >= count) return;
  if (!bytes.holds(table, entry_size * count)) return;
  const std::uint64_t names_header = table + names_index * entry_size;
  const std::uint64_t names = bytes.native(names_header + (is64 ? 24 : 16));
  const std::uint64_t names_size = bytes.native(names_header + (is64 ? 32 : 20));
  if (!bytes.holds(names, names_size)) return;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto name = bytes.string(names + bytes.word(table + i * entry_size), names + names_size, 64);
    if (!name) continue;
    if (*name == ".nv_fatbin") file.cuda_code = true;
    if (*name == ".go.buildinfo" || *name == ".note.go.buildid") file.go = true;
    if (*name == kLauncherSection) file.launcher = true;
  }
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view number_of(std::string_view version) {
  constexpr std::string_view prefix = "GLIBC_";
  if (!version.starts_with(prefix)) return {};
  version.remove_prefix(prefix.size());
  return !version.empty() && version.front() >= '0' && version.front() <= '9' ? version : std::string_view();
}

}  // namespace

void throw_exception_from_error(const ElfError& error, const boost::source_location&) {
  throw std::runtime_error(error.what);
}

ElfResult read_elf(std::span<const unsigned char> bytes) {
  auto loaded = load_elf_image(bytes);
  if (loaded.has_error()) return loaded.error();
  const ElfImage& image = *loaded;

  ElfFile file;
  file.elf_class = image.bytes.is64() ? 64 : 32;
  file.big_endian = bytes[EI_DATA] == ELFDATA2MSB;
  file.type = type_of(image.bytes.half(16));
  file.machine = machine_name(image.bytes.half(18));
  for (const ElfSegment& segment : image.segments) {
    if (segment.type == PT_DYNAMIC) file.dynamic = true;
    if (segment.type == PT_GNU_STACK) {
      file.has_stack_header = true;
      file.executable_stack = (segment.flags & PF_X) != 0;
    }
    if (segment.type == PT_INTERP && file.interpreter.empty()) {
      // The kernel's own limits (fs/binfmt_elf.c): 2..PATH_MAX bytes, ended by 0; anything else is ENOEXEC.
      if (segment.file_size < 2 || segment.file_size > 4096) return broken("PT_INTERP has an impossible length");
      const auto name = image.bytes.string(segment.offset, segment.offset + segment.file_size, 4096);
      if (!name || !image.bytes.holds(segment.offset, segment.file_size) || name->empty()) {
        return broken("PT_INTERP is not a string inside the file");
      }
      file.interpreter = *name;
    }
  }
  read_dynamic(image, file);
  read_sections(image, file);
  if (file.cuda_code) {
    for (const DynamicSymbol& symbol : dynamic_symbols(bytes)) {
      if (!symbol.defined && symbol.name == "__cudaRegisterFatBinary") file.registers_cuda_code = true;
    }
  }
  return file;
}

int compare_versions(std::string_view a, std::string_view b) {
  const auto take = [](std::string_view& text) {
    std::uint64_t value = 0;
    std::size_t i = 0;
    for (; i < text.size() && text[i] != '.'; ++i) {
      if (text[i] < '0' || text[i] > '9') continue;
      if (value < 1'000'000'000) value = value * 10 + static_cast<std::uint64_t>(text[i] - '0');
    }
    text.remove_prefix(std::min(text.size(), i + 1));
    return value;
  };
  while (!a.empty() || !b.empty()) {
    const std::uint64_t x = take(a);
    const std::uint64_t y = take(b);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

std::string newest_glibc(const ElfFile& file) {
  std::string_view newest;
  for (const VersionNeed& need : file.needs) {
    for (const std::string& version : need.versions) {
      const std::string_view number = number_of(version);
      if (!number.empty() && (newest.empty() || compare_versions(newest, number) < 0)) newest = number;
    }
  }
  return std::string(newest);
}

std::string offered_glibc(const ElfFile& libc) {
  std::string_view newest;
  for (const std::string& version : libc.defines) {
    const std::string_view number = number_of(version);
    if (!number.empty() && (newest.empty() || compare_versions(newest, number) < 0)) newest = number;
  }
  return std::string(newest);
}

std::string libc_of(const ElfFile& file) {
  const std::string_view interpreter =
      base_name(file.interpreter.empty() ? std::string_view(file.soname) : file.interpreter);
  if (interpreter.starts_with("ld-musl-")) return "musl";
  if (interpreter.starts_with("ld-linux") || interpreter.starts_with("ld64.so")) return "glibc";
  if (interpreter == "linker" || interpreter == "linker64") return "bionic";
  for (const std::string& needed : file.needed) {
    // "libc.musl-x86_64.so.1" is Alpine's, plain "libc.so" what a musl tool chain records.
    if (needed.starts_with("libc.musl-") || needed.starts_with("ld-musl-") || needed == "libc.so") return "musl";
    if (needed == "libc.so.6" || needed.starts_with("ld-linux")) return "glibc";
  }
  for (const VersionNeed& need : file.needs) {
    for (const std::string& version : need.versions) {
      if (!number_of(version).empty()) return "glibc";
    }
  }
  return {};
}

bool is_dynamic_linker(const ElfFile& file) {
  return file.interpreter.empty() && file.type == ElfFile::Type::shared &&
         (file.soname.starts_with("ld-linux") || file.soname.starts_with("ld64.so") ||
          file.soname.starts_with("ld-musl-") || file.soname.starts_with("libc.musl-") || file.soname == "libc.so");
}

}  // namespace vgpu::os
