#include "shims/cuda/cubin.h"

#include <elf.h>
#include <string.h>

namespace vgpu::cuda::cubin {
namespace {

constexpr int kMachineCuda = 190;
// From this ABI version on (CUDA 13) the architecture stands in the second byte of e_flags, before in the first.
constexpr int kAbiWithWideFlags = 8;
constexpr unsigned char kEntryPoint = 0x10;  // in st_other: a kernel, not a function that kernels call
constexpr unsigned char kManaged = 0x04;     // in st_other of a __managed__ variable

// Attributes in .nv.info sections: a format byte, the attribute, and for this format the length of what follows.
constexpr unsigned char kSizedValue = 4;
constexpr unsigned char kRegisterCount = 0x2f;  // symbol, registers
constexpr unsigned char kParameterInfo = 0x17;  // index, ordinal << 0 | offset << 16, size << 18 | ...

template <typename T>
bool read(const Image& image, std::uint64_t offset, T& value) {
  if (offset > image.size || sizeof(T) > image.size - offset) return false;
  memcpy(&value, image.bytes + offset, sizeof value);
  return true;
}

const unsigned char* range(const Image& image, std::uint64_t offset, std::uint64_t size) {
  return offset <= image.size && size <= image.size - offset ? image.bytes + offset : nullptr;
}

Elf64_Ehdr header_of(const Image& image) {
  Elf64_Ehdr header = {};
  read(image, 0, header);
  return header;
}

bool has_wide_flags(const Elf64_Ehdr& header) { return header.e_ident[EI_ABIVERSION] >= kAbiWithWideFlags; }

int architecture_of(const Elf64_Ehdr& header) {
  return static_cast<int>(has_wide_flags(header) ? header.e_flags >> 8 & 0xff : header.e_flags & 0xff);
}

bool section(const Image& image, unsigned index, Elf64_Shdr& found) {
  const Elf64_Ehdr header = header_of(image);
  return index < header.e_shnum && read(image, header.e_shoff + std::uint64_t{index} * sizeof(Elf64_Shdr), found);
}

// A string of a table, or null when it does not end inside.
const char* string_at(const Image& image, const Elf64_Shdr& table, std::uint32_t offset) {
  const unsigned char* start = range(image, table.sh_offset, table.sh_size);
  if (start == nullptr || offset >= table.sh_size) return nullptr;
  return memchr(start + offset, 0, table.sh_size - offset) != nullptr ? reinterpret_cast<const char*>(start + offset)
                                                                      : nullptr;
}

// Calls visit(name, symbol, index) until it says true; false when there is no sound symbol table.
template <typename Visit>
bool each_symbol(const Image& image, Visit visit) {
  const Elf64_Ehdr header = header_of(image);
  for (unsigned i = 1; i < header.e_shnum; ++i) {
    Elf64_Shdr symbols = {};
    Elf64_Shdr strings = {};
    if (!section(image, i, symbols)) return false;
    if (symbols.sh_type != SHT_SYMTAB) continue;
    if (!section(image, symbols.sh_link, strings)) return false;
    const std::uint64_t count = symbols.sh_size / sizeof(Elf64_Sym);
    for (std::uint64_t at = 1; at < count; ++at) {
      Elf64_Sym symbol = {};
      if (!read(image, symbols.sh_offset + at * sizeof symbol, symbol)) return false;
      const char* name = string_at(image, strings, symbol.st_name);
      if (name == nullptr) return false;
      if (visit(name, symbol, at)) return true;
    }
    return true;
  }
  return false;
}

bool is_kernel(const Elf64_Sym& symbol) {
  return ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && (symbol.st_other & kEntryPoint) != 0 &&
         symbol.st_shndx != SHN_UNDEF;
}

bool find_section(const Image& image, const char* prefix, const char* name, Elf64_Shdr& found) {
  const Elf64_Ehdr header = header_of(image);
  Elf64_Shdr names = {};
  if (!section(image, header.e_shstrndx, names)) return false;
  const std::size_t length = strlen(prefix);
  for (unsigned i = 1; i < header.e_shnum; ++i) {
    if (!section(image, i, found)) return false;
    const char* text = string_at(image, names, found.sh_name);
    if (text != nullptr && strncmp(text, prefix, length) == 0 && strcmp(text + length, name) == 0) return true;
  }
  return false;
}

// Calls visit(attribute, value, length) for the sized attributes of one .nv.info section.
template <typename Visit>
void each_attribute(const Image& image, const Elf64_Shdr& info, Visit visit) {
  const unsigned char* at = range(image, info.sh_offset, info.sh_size);
  if (at == nullptr) return;
  const unsigned char* const end = at + info.sh_size;
  while (end - at >= 4) {
    const unsigned char format = at[0];
    const std::size_t length = format == kSizedValue ? at[2] | std::size_t{at[3]} << 8 : 0;
    if (length > static_cast<std::size_t>(end - at) - 4) return;
    if (format == kSizedValue) visit(at[1], at + 4, length);
    at += 4 + length;
  }
}

std::uint32_t word(const unsigned char* bytes) {
  std::uint32_t value = 0;
  memcpy(&value, bytes, sizeof value);
  return value;
}

void read_facts(const Image& image, const char* name, std::uint64_t symbol, KernelFacts& facts) {
  Elf64_Shdr found = {};
  if (find_section(image, ".nv.info", "", found)) {
    each_attribute(image, found, [&](unsigned char attribute, const unsigned char* value, std::size_t length) {
      if (attribute == kRegisterCount && length >= 8 && word(value) == symbol)
        facts.registers = static_cast<int>(word(value + 4));
    });
  }
  if (find_section(image, ".nv.shared.", name, found)) {
    std::uint64_t bytes = found.sh_size;
    // The first KiB of a block's memory is the system's; from 9.0 on the tools of CUDA 13 count it in the section.
    constexpr std::uint64_t kReserved = 1024;
    const Elf64_Ehdr header = header_of(image);
    if (has_wide_flags(header) && architecture_of(header) >= 90 && bytes >= kReserved) bytes -= kReserved;
    facts.shared = static_cast<int>(bytes);
  }
  if (!find_section(image, ".nv.info.", name, found)) return;
  facts.parameters = 0;
  each_attribute(image, found, [&](unsigned char attribute, const unsigned char* value, std::size_t length) {
    if (attribute != kParameterInfo || length < 12) return;
    const unsigned ordinal = word(value + 4) & 0xffff;
    if (ordinal >= sizeof facts.sizes / sizeof facts.sizes[0]) return;
    facts.offsets[ordinal] = static_cast<std::uint16_t>(word(value + 4) >> 16);
    facts.sizes[ordinal] = static_cast<std::uint16_t>(word(value + 8) >> 18);
    if (static_cast<int>(ordinal) >= facts.parameters) facts.parameters = static_cast<int>(ordinal) + 1;
  });
}

}  // namespace

bool is_elf(const unsigned char* bytes, std::size_t limit) {
  return limit >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

bool read_header(const unsigned char* bytes, std::size_t limit, std::size_t& size, int& architecture) {
  Elf64_Ehdr header = {};
  if (!is_elf(bytes, limit) || limit < sizeof header) return false;
  memcpy(&header, bytes, sizeof header);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) return false;
  if (header.e_machine != kMachineCuda || header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shnum == 0) return false;
  if (header.e_phnum != 0 && header.e_phentsize != sizeof(Elf64_Phdr)) return false;
  const auto end = [](std::uint64_t offset, std::uint64_t count, std::uint64_t each, std::uint64_t& out) {
    return !__builtin_add_overflow(offset, count * each, &out);
  };
  std::uint64_t sections = 0;
  std::uint64_t segments = 0;
  if (!end(header.e_shoff, header.e_shnum, sizeof(Elf64_Shdr), sections)) return false;
  if (!end(header.e_phoff, header.e_phnum, sizeof(Elf64_Phdr), segments)) return false;
  size = sections > segments ? sections : segments;
  if (size > limit || header.e_shoff < sizeof header) return false;
  architecture = architecture_of(header);
  return true;
}

Presence find_kernel(const Image& image, const char* name, KernelFacts& facts) {
  bool found = false;
  const bool sound = each_symbol(image, [&](const char* one, const Elf64_Sym& symbol, std::uint64_t index) {
    found = is_kernel(symbol) && strcmp(one, name) == 0;
    if (found) read_facts(image, name, index, facts);
    return found;
  });
  return !sound ? Presence::unknown : found ? Presence::there : Presence::missing;
}

Presence find_variable(const Image& image, const char* name, VariableFacts& facts) {
  bool found = false;
  const bool sound = each_symbol(image, [&](const char* one, const Elf64_Sym& symbol, std::uint64_t) {
    if (ELF64_ST_TYPE(symbol.st_info) != STT_OBJECT || symbol.st_shndx == SHN_UNDEF || strcmp(one, name) != 0)
      return false;
    Elf64_Shdr home = {};
    if (!section(image, symbol.st_shndx, home)) return false;
    if (symbol.st_value > home.sh_size || symbol.st_size > home.sh_size - symbol.st_value) return false;
    facts.size = symbol.st_size;
    facts.initial = nullptr;
    facts.managed = (symbol.st_other & kManaged) != 0;
    if (home.sh_type != SHT_NOBITS) facts.initial = range(image, home.sh_offset + symbol.st_value, symbol.st_size);
    found = true;
    return true;
  });
  return !sound ? Presence::unknown : found ? Presence::there : Presence::missing;
}

bool each_kernel(const Image& image, KernelVisitor visit, void* data) {
  return each_symbol(image, [&](const char* name, const Elf64_Sym& symbol, std::uint64_t) {
    return is_kernel(symbol) && !visit(name, strlen(name), data);
  });
}

}  // namespace vgpu::cuda::cubin
