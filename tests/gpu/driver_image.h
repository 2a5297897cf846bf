// Images of device code for tests, built by hand: a cubin with symbols, a fat binary around parts, PTX.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace vgpu::test {

using Bytes = std::vector<unsigned char>;

template <class T>
void append(Bytes& bytes, const T& value) {
  const auto* start = reinterpret_cast<const unsigned char*>(&value);
  for (std::size_t i = 0; i < sizeof value; ++i) bytes.push_back(start[i]);  // gcc 12 takes an insert for an overflow
}

inline void append(Bytes& bytes, const std::string& text) { bytes.insert(bytes.end(), text.begin(), text.end()); }

// A cubin as ptxas of CUDA 13 writes it: kernel "scale" (40 registers, 256 bytes of shared memory, parameters of 8 and
// 4 bytes), kernel "other", device function "helper", variable "table" = {1, 2, 3, 4}, zero variable "zeros" of 32
// bytes, managed "man" = 5.
inline Bytes cubin(unsigned architecture = 90) {
  struct Section {
    std::string name;
    std::uint32_t type;
    std::uint32_t link;
    Bytes bytes;
    std::uint64_t size;
  };
  const Bytes code(64);
  Bytes initial;
  for (const int value : {1, 2, 3, 4, 5}) append(initial, value);
  // Symbols: name, info, other, section, value, size.
  struct Symbol {
    std::string name;
    unsigned char type, other;
    std::uint16_t section;
    std::uint64_t value, size;
  };
  const std::vector<Symbol> symbols = {{"helper", STT_FUNC, 0, 4, 16, 16},  {"scale", STT_FUNC, 0x10, 4, 0, 64},
                                       {"other", STT_FUNC, 0x10, 5, 0, 64}, {"table", STT_OBJECT, 0, 6, 0, 16},
                                       {"man", STT_OBJECT, 4, 6, 16, 4},    {"zeros", STT_OBJECT, 0, 7, 0, 32}};
  std::string names(1, '\0');
  Bytes table;
  append(table, Elf64_Sym{});
  for (const Symbol& one : symbols) {
    append(table, Elf64_Sym{static_cast<Elf64_Word>(names.size()),
                            static_cast<unsigned char>(ELF64_ST_INFO(STB_GLOBAL, one.type)), one.other, one.section,
                            one.value, one.size});
    names += one.name + '\0';
  }
  Bytes info;  // EIATTR_REGCOUNT of symbol 2
  for (const std::uint32_t word : {0x00082f04U, 2U, 40U}) append(info, word);
  Bytes parameters;  // EIATTR_KPARAM_INFO, the last first
  for (const std::uint32_t word : {0x000c1704U, 0U, 0x00080001U, 4U << 18, 0x000c1704U, 0U, 0U, 8U << 18})
    append(parameters, word);
  const unsigned reserved = architecture >= 90 ? 1024 : 0;
  std::vector<Section> sections = {
      {"", SHT_NULL, 0, {}, 0},
      {".shstrtab", SHT_STRTAB, 0, {}, 0},
      {".strtab", SHT_STRTAB, 0, Bytes(names.begin(), names.end()), names.size()},
      {".symtab", SHT_SYMTAB, 2, table, table.size()},
      {".text.scale", SHT_PROGBITS, 0, code, 64},
      {".text.other", SHT_PROGBITS, 0, code, 64},
      {".nv.global.init", SHT_PROGBITS, 0, initial, initial.size()},
      {".nv.global", SHT_NOBITS, 0, {}, 32},
      {".nv.info", SHT_LOPROC, 0, info, info.size()},
      {".nv.info.scale", SHT_LOPROC, 0, parameters, parameters.size()},
      {".nv.shared.scale", SHT_NOBITS, 0, {}, 256 + reserved},
  };
  std::string section_names;
  std::vector<std::uint32_t> name_offsets;
  for (const Section& one : sections) {
    name_offsets.push_back(static_cast<std::uint32_t>(section_names.size()));
    section_names += one.name + '\0';
  }
  sections[1].bytes.assign(section_names.begin(), section_names.end());
  sections[1].size = section_names.size();

  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident,
              "\x7f"
              "ELF\2\1\1\x41\x08",
              9);
  header.e_type = ET_EXEC;
  header.e_machine = 190;
  header.e_version = 1;
  header.e_flags = 0x6000004 | architecture << 8;
  header.e_ehsize = sizeof header;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = static_cast<std::uint16_t>(sections.size());
  header.e_shstrndx = 1;
  Bytes body;
  std::vector<Elf64_Shdr> headers;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const Section& one = sections[i];
    headers.push_back({name_offsets[i], one.type, 0, 0, sizeof header + body.size(), one.size, one.link, 0, 1, 0});
    body.insert(body.end(), one.bytes.begin(), one.bytes.end());
  }
  header.e_shoff = sizeof header + body.size();
  Bytes image;
  append(image, header);
  image.insert(image.end(), body.begin(), body.end());
  for (const Elf64_Shdr& one : headers) append(image, one);
  return image;
}

struct FatPart {
  std::uint16_t kind;  // 1 PTX, 2 cubin
  unsigned architecture;
  Bytes bytes;
  std::uint64_t flags = 0x11;  // 0x2000, 0x8000: compressed
};

inline Bytes fat_binary(const std::vector<FatPart>& parts) {
  Bytes body;
  for (const FatPart& part : parts) {
    Bytes padded = part.bytes;
    while (padded.size() % 8 != 0) padded.push_back(0);
    append(body, part.kind);
    append(body, std::uint16_t{0x101});
    append(body, std::uint32_t{64});
    append(body, std::uint64_t{padded.size()});
    append(body, std::uint32_t{0});
    append(body, std::uint32_t{0});
    append(body, std::uint16_t{8});
    append(body, std::uint16_t{1});
    append(body, std::uint32_t{part.architecture});
    append(body, std::uint64_t{0});
    append(body, part.flags);
    append(body, std::uint64_t{0});
    append(body, std::uint64_t{0});
    body.insert(body.end(), padded.begin(), padded.end());
  }
  Bytes image;
  append(image, std::uint32_t{0xba55ed50});
  append(image, std::uint16_t{1});
  append(image, std::uint16_t{16});
  append(image, std::uint64_t{body.size()});
  image.insert(image.end(), body.begin(), body.end());
  return image;
}

inline std::string ptx(const std::string& target = "sm_75", const std::string& version = "8.0") {
  return "// made by hand, .entry nothing(\n/* .entry neither( */\n.version " + version + "\n.target " + target +
         "\n.address_size 64\n.global .align 4 .b8 table[64] = {1, 0};\n.global .attribute(.managed) .align 4 .u32 man "
         "= 5;\n"
         ".const .align 16 .v4 .f32 matrix[2][3];\n.visible .entry scale(\n\t.param .u64 "
         "scale_param_0\n)\n{\n\tret;\n}\n"
         ".func helper()\n{\n\tret;\n}\n.entry other()\n.maxntid 64\n{\n\tret;\n}\n";
}

inline Bytes bytes_of(const std::string& text) { return Bytes(text.begin(), text.end()); }

}  // namespace vgpu::test
