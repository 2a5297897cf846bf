// The memory of a process that does not exist: a program, a dynamic linker's books and libraries, of either class, as
// glibc leaves them. Tests damage it.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "launcher/os/auxiliary_vector.h"

namespace vgpu::test {

class ProcessImage {
 public:
  struct Object {
    std::string path;
    std::string soname;
    std::vector<std::string> needed;
    std::vector<std::string> symbols;  // the n-th is at kValue + n from where the object is loaded
  };

  static constexpr std::uint64_t kBase = 0x400000;
  static constexpr std::uint64_t kSize = 0x40000;
  static constexpr std::uint64_t kHeaders = kBase + 0x40;
  static constexpr std::uint64_t kDynamic = kBase + 0x300;
  static constexpr std::uint64_t kDebug = kBase + 0x1000;  // one r_debug every 0x100
  static constexpr std::uint64_t kValue = 0x1234;

  explicit ProcessImage(int elf_class) : elf_class_(elf_class), bytes_(kSize, '\0') {}

  std::uint64_t width() const { return elf_class_ == 64 ? 8 : 4; }
  static std::uint64_t map_at(std::size_t object) { return kBase + 0x2000 + object * 0x100; }
  static std::uint64_t name_at(std::size_t object) { return map_at(object) + 0x40; }
  static std::uint64_t object_at(std::size_t object) { return kBase + 0x8000 + object * 0x1000; }

  void put(std::uint64_t address, std::uint64_t value, std::uint64_t size) {
    std::memcpy(bytes_.data() + (address - kBase), &value, size);
  }
  void put_native(std::uint64_t address, std::uint64_t value) { put(address, value, width()); }
  void put_text(std::uint64_t address, const std::string& text) {
    std::memcpy(bytes_.data() + (address - kBase), text.c_str(), text.size() + 1);
  }

  // A program that the linker has loaded `objects` for; the first one is the program itself.
  void build(const std::vector<Object>& objects) {
    header(0, PT_PHDR, 0x40);
    header(1, PT_INTERP, 0x200);
    header(2, PT_DYNAMIC, kDynamic - kBase);
    put_text(kBase + 0x200, "/lib/ld-test.so.2");
    put_native(kDynamic, DT_DEBUG);
    put_native(kDynamic + width(), kDebug);
    name_space(0, 1, objects, 0);
  }

  // r_debug number `space`, with objects from `first` on in its list.
  void name_space(std::size_t space, unsigned version, const std::vector<Object>& objects, std::size_t first) {
    const std::uint64_t debug = kDebug + space * 0x100;
    put(debug, version, 4);
    put_native(debug + width(), map_at(first));
    for (std::size_t i = 0; i < objects.size(); ++i) object(first + i, objects[i], i + 1 == objects.size());
  }

  os::AuxiliaryVector auxiliary() const {
    return {.elf_class = elf_class_,
            .program_headers = kHeaders,
            .program_header_size = elf_class_ == 64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr),
            .program_header_count = 3,
            .loader = kBase,
            .secure = false};
  }

  std::string& bytes() { return bytes_; }

 private:
  void header(std::size_t index, std::uint32_t type, std::uint64_t address) {
    if (elf_class_ == 64) {
      Elf64_Phdr one = {};
      one.p_type = type;
      one.p_vaddr = address;
      std::memcpy(bytes_.data() + (kHeaders - kBase) + index * sizeof one, &one, sizeof one);
    } else {
      Elf32_Phdr one = {};
      one.p_type = type;
      one.p_vaddr = static_cast<std::uint32_t>(address);
      std::memcpy(bytes_.data() + (kHeaders - kBase) + index * sizeof one, &one, sizeof one);
    }
  }

  void object(std::size_t index, const Object& one, bool last) {
    const std::uint64_t map = map_at(index), base = object_at(index), strings = base + 0x800;
    put_native(map, base);
    put_native(map + width(), name_at(index));
    put_text(name_at(index), one.path);
    put_native(map + 2 * width(), base);
    put_native(map + 3 * width(), last ? 0 : map_at(index + 1));

    std::uint64_t dynamic = base, size = 1;
    const auto entry = [&](std::uint64_t tag, std::uint64_t value) {
      put_native(dynamic, tag);
      put_native(dynamic + width(), value);
      dynamic += 2 * width();
    };
    const auto string = [&](const std::string& text) {
      const std::uint64_t at = size;
      put_text(strings + at, text);
      size += text.size() + 1;
      return at;
    };
    if (!one.soname.empty()) entry(DT_SONAME, string(one.soname));
    for (const std::string& needed : one.needed) entry(DT_NEEDED, string(needed));
    symbols(one, base, string);
    entry(DT_SYMTAB, base + 0x400);
    entry(DT_GNU_HASH, 0x200);  // an offset, as musl and the vDSO leave it
    entry(DT_STRTAB, strings);
    entry(DT_STRSZ, size);
    entry(DT_NULL, 0);
  }

  // A table with one bucket, of which all symbols from number 1 on are.
  template <class String>
  void symbols(const Object& one, std::uint64_t base, const String& string) {
    const std::uint64_t hash = base + 0x200, chains = hash + 16 + width() + 4;
    put(hash, 1, 4);
    put(hash + 4, 1, 4);
    put(hash + 8, 1, 4);
    put(hash + 16 + width(), one.symbols.empty() ? 0 : 1, 4);
    for (std::size_t i = 0; i < one.symbols.size(); ++i) {
      std::uint32_t value = 5381;
      for (const char c : one.symbols[i]) value = value * 33 + static_cast<unsigned char>(c);
      put(chains + i * 4, (value & ~1U) | (i + 1 == one.symbols.size() ? 1U : 0U), 4);
      const std::uint64_t at = base + 0x400 + (i + 1) * (elf_class_ == 64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym));
      put(at, string(one.symbols[i]), 4);
      put(at + (elf_class_ == 64 ? 6 : 14), 1, 2);
      put_native(at + (elf_class_ == 64 ? 8 : 4), kValue + i);
    }
  }

  int elf_class_;
  std::string bytes_;
};

}  // namespace vgpu::test
