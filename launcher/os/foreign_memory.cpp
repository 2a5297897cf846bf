#include "launcher/os/foreign_memory.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

namespace vgpu::os {
namespace {

constexpr std::size_t kMostSegments = 256;
constexpr std::size_t kMostEntries = 1024;
constexpr std::size_t kEntriesAtOnce = 32;
constexpr std::uint64_t kPage = 4096;

template <class Header>
ForeignSegment segment(const unsigned char* bytes) {
  Header header;
  std::memcpy(&header, bytes, sizeof header);
  return {header.p_type, header.p_offset, header.p_vaddr, header.p_memsz};
}

std::uint64_t word_at(const unsigned char* bytes, bool is64) {
  std::uint64_t wide = 0;
  std::memcpy(&wide, bytes, is64 ? 8 : 4);
  return wide;
}

}  // namespace

std::optional<std::uint64_t> ForeignMemory::number(std::uint64_t address, unsigned bytes) const {
  std::uint64_t value = 0;
  if (bytes > sizeof value) return std::nullopt;
  unsigned char buffer[sizeof value] = {};
  if (!memory_.read(address, {buffer, bytes})) return std::nullopt;
  std::memcpy(&value, buffer, bytes);
  return value;
}

std::optional<std::vector<std::uint64_t>> ForeignMemory::natives(std::uint64_t address, unsigned count) const {
  std::vector<unsigned char> bytes(count * width());
  if (!memory_.read(address, bytes)) return std::nullopt;
  std::vector<std::uint64_t> values;
  for (unsigned i = 0; i < count; ++i) values.push_back(word_at(bytes.data() + i * width(), is64_));
  return values;
}

std::optional<std::string> ForeignMemory::string(std::uint64_t address, std::size_t limit) const {
  std::string text;
  while (text.size() <= limit) {
    // Never over the end of a page: the next one need not be there.
    unsigned char buffer[256];
    const std::size_t room = static_cast<std::size_t>(std::min<std::uint64_t>(sizeof buffer, kPage - address % kPage));
    if (!memory_.read(address, {buffer, room})) return std::nullopt;
    const void* end = std::memchr(buffer, 0, room);
    const std::size_t length =
        end == nullptr ? room : static_cast<std::size_t>(static_cast<const unsigned char*>(end) - buffer);
    text.append(reinterpret_cast<const char*>(buffer), length);
    if (end != nullptr) break;
    address += room;
  }
  if (text.size() > limit) return std::nullopt;
  return text;
}

std::vector<ForeignSegment> read_segments(const ForeignMemory& memory, const AuxiliaryVector& auxiliary) {
  const std::size_t size = memory.is64() ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
  if (auxiliary.program_header_size != size || auxiliary.program_header_count > kMostSegments) return {};
  std::vector<ForeignSegment> segments;
  for (std::uint64_t i = 0; i < auxiliary.program_header_count; ++i) {
    const auto words =
        memory.natives(auxiliary.program_headers + i * size, static_cast<unsigned>(size / memory.width()));
    if (!words) return {};
    unsigned char bytes[sizeof(Elf64_Phdr)];
    for (std::size_t j = 0; j < words->size(); ++j)
      std::memcpy(bytes + j * memory.width(), &(*words)[j], memory.width());
    segments.push_back(memory.is64() ? segment<Elf64_Phdr>(bytes) : segment<Elf32_Phdr>(bytes));
  }
  return segments;
}

std::uint64_t load_bias(const std::vector<ForeignSegment>& segments, const AuxiliaryVector& auxiliary) {
  for (const ForeignSegment& one : segments) {
    if (one.type == PT_PHDR) return auxiliary.program_headers - one.address;
  }
  // Without PT_PHDR: the headers follow the file's header, which the first segment begins with.
  const std::uint64_t header = auxiliary.elf_class == 64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
  for (const ForeignSegment& one : segments) {
    if (one.type == PT_LOAD && one.offset == 0) return auxiliary.program_headers - header - one.address;
  }
  return 0;
}

std::vector<ForeignDynamic> read_dynamic(const ForeignMemory& memory, std::uint64_t address) {
  std::vector<ForeignDynamic> entries;
  while (entries.size() < kMostEntries) {
    auto words = memory.natives(address, 2 * kEntriesAtOnce);
    unsigned count = kEntriesAtOnce;
    if (!words) {  // near the end of the memory: one after another
      words = memory.natives(address, 2);
      count = 1;
    }
    if (!words) return entries;
    for (unsigned i = 0; i < count; ++i) {
      if ((*words)[2 * i] == DT_NULL) return entries;
      entries.push_back({(*words)[2 * i], (*words)[2 * i + 1]});
    }
    address += count * 2 * memory.width();
  }
  return entries;
}

DynamicTables dynamic_tables(const std::vector<ForeignDynamic>& dynamic, std::uint64_t bias) {
  DynamicTables tables;
  const auto address = [&](std::uint64_t value) { return value < bias ? value + bias : value; };
  for (const ForeignDynamic& entry : dynamic) {
    if (entry.tag == DT_STRTAB) tables.strings = address(entry.value);
    if (entry.tag == DT_STRSZ) tables.strings_size = entry.value;
    if (entry.tag == DT_SYMTAB) tables.symbols = address(entry.value);
    if (entry.tag == DT_GNU_HASH) tables.gnu_hash = address(entry.value);
  }
  return tables;
}

}  // namespace vgpu::os
