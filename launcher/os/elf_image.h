// The inside of the ELF reader: bounds-checked access to a file of either class and byte order, its headers
// and tables.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "launcher/os/elf.h"

namespace vgpu::os {

class ElfBytes {
 public:
  ElfBytes(std::span<const unsigned char> bytes, bool is64, bool big_endian)
      : bytes_(bytes), is64_(is64), big_endian_(big_endian) {}

  bool is64() const { return is64_; }
  std::uint64_t size() const { return bytes_.size(); }

  bool holds(std::uint64_t offset, std::uint64_t length) const {
    return offset <= bytes_.size() && length <= bytes_.size() - offset;
  }

  // An unsigned number of `width` bytes (1..8); nothing where the file ends before it.
  std::optional<std::uint64_t> number(std::uint64_t offset, unsigned width) const {
    if (!holds(offset, width)) return std::nullopt;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < width; ++i) {
      const unsigned at = big_endian_ ? i : width - 1 - i;
      value = value << 8 | bytes_[static_cast<std::size_t>(offset) + at];
    }
    return value;
  }
  std::uint64_t half(std::uint64_t offset) const { return number(offset, 2).value_or(0); }
  std::uint64_t word(std::uint64_t offset) const { return number(offset, 4).value_or(0); }
  // Elf32_Addr or Elf64_Addr, and everything else that has the class's width.
  std::uint64_t native(std::uint64_t offset) const { return number(offset, is64_ ? 8 : 4).value_or(0); }

  // The 0-terminated string at `offset`, which must end before `end` and within `limit` bytes.
  std::optional<std::string_view> string(std::uint64_t offset, std::uint64_t end, std::uint64_t limit) const {
    if (end > bytes_.size() || offset >= end) return std::nullopt;
    const std::uint64_t room = std::min(end - offset, limit + 1);
    const auto* begin = bytes_.data() + static_cast<std::size_t>(offset);
    const void* zero = std::memchr(begin, 0, static_cast<std::size_t>(room));
    if (zero == nullptr) return std::nullopt;
    const auto length = static_cast<std::size_t>(static_cast<const unsigned char*>(zero) - begin);
    return std::string_view(reinterpret_cast<const char*>(begin), length);
  }

 private:
  std::span<const unsigned char> bytes_;
  bool is64_;
  bool big_endian_;
};

// One program header, class-independent.
struct ElfSegment {
  std::uint32_t type = 0;
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t file_size = 0;
  std::uint64_t align = 0;
};

// One entry of a table of (tag, value).
struct ElfDynamic {
  std::uint64_t tag = 0;
  std::uint64_t value = 0;
};

// Headers and the dynamic table: what both the reader of facts and the reader of symbols start from.
struct ElfImage {
  ElfBytes bytes;
  std::vector<ElfSegment> segments;
  std::vector<ElfDynamic> dynamic;  // without DT_NULL
  std::uint64_t strings = 0;        // file offset of DT_STRTAB
  std::uint64_t strings_end = 0;

  // The file offset of a virtual address, with `length` bytes in the file behind it.
  std::optional<std::uint64_t> offset_of(std::uint64_t address, std::uint64_t length) const;
  std::optional<std::uint64_t> dynamic_value(std::uint64_t tag) const;
  std::optional<std::string_view> name_at(std::uint64_t index) const;  // in DT_STRTAB
};

// Checks the ELF header, the program headers and the dynamic table against the file.
boost::system::result<ElfImage, ElfError> load_elf_image(std::span<const unsigned char> bytes);

}  // namespace vgpu::os
