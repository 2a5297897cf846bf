#include <elf.h>

#include <map>

#include "launcher/os/elf_image.h"

namespace vgpu::os {
namespace {

// The dynamic table does not say how many symbols there are. DT_HASH does; DT_GNU_HASH must be walked: the
// highest bucket's chain ends with an odd hash value.
std::uint64_t symbol_count(const ElfImage& image) {
  const ElfBytes& bytes = image.bytes;
  if (const auto address = image.dynamic_value(DT_HASH)) {
    if (const auto at = image.offset_of(*address, 8)) return bytes.word(*at + 4);
  }
  const auto address = image.dynamic_value(DT_GNU_HASH);
  if (!address) return 0;
  const auto at = image.offset_of(*address, 16);
  if (!at) return 0;
  const std::uint64_t buckets = bytes.word(*at);
  const std::uint64_t first = bytes.word(*at + 4);
  const std::uint64_t bloom = bytes.word(*at + 8);
  const std::uint64_t table = *at + 16 + bloom * (bytes.is64() ? 8 : 4);
  if (!bytes.holds(table, buckets * 4)) return 0;
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < buckets; ++i) last = std::max(last, bytes.word(table + i * 4));
  if (last < first) return first;  // nothing is defined; the undefined ones stand before `first`
  const std::uint64_t chains = table + buckets * 4;
  while (bytes.holds(chains + (last - first) * 4, 4)) {
    if ((bytes.word(chains + (last - first) * 4) & 1) != 0) return last + 1;
    ++last;
  }
  return 0;
}

// Version index -> name, from what the file defines and what it needs.
std::map<std::uint64_t, std::string_view> version_names(const ElfImage& image) {
  std::map<std::uint64_t, std::string_view> names;
  const ElfBytes& bytes = image.bytes;
  std::size_t budget = 8192;
  if (const auto address = image.dynamic_value(DT_VERDEF)) {
    auto at = image.offset_of(*address, sizeof(Elf64_Verdef));
    for (; at && bytes.holds(*at, sizeof(Elf64_Verdef)) && budget > 0; --budget) {
      const std::uint64_t entry = *at + bytes.word(*at + 12);
      if (bytes.holds(entry, sizeof(Elf64_Verdaux)) && (bytes.half(*at + 2) & VER_FLG_BASE) == 0) {
        if (const auto name = image.name_at(bytes.word(entry))) names[bytes.half(*at + 4) & 0x7fff] = *name;
      }
      const std::uint64_t step = bytes.word(*at + 16);
      if (step == 0) break;
      *at += step;
    }
  }
  if (const auto address = image.dynamic_value(DT_VERNEED)) {
    auto at = image.offset_of(*address, sizeof(Elf64_Verneed));
    while (at && bytes.holds(*at, sizeof(Elf64_Verneed)) && budget > 0) {
      std::uint64_t entry = *at + bytes.word(*at + 8);
      for (; bytes.holds(entry, sizeof(Elf64_Vernaux)) && budget > 0; --budget) {
        if (const auto name = image.name_at(bytes.word(entry + 8))) names[bytes.half(entry + 6) & 0x7fff] = *name;
        const std::uint64_t step = bytes.word(entry + 12);
        if (step == 0) break;
        entry += step;
      }
      const std::uint64_t step = bytes.word(*at + 12);
      if (step == 0) break;
      *at += step;
      if (budget > 0) --budget;
    }
  }
  return names;
}

}  // namespace

std::vector<DynamicSymbol> dynamic_symbols(std::span<const unsigned char> data) {
  const auto loaded = load_elf_image(data);
  if (loaded.has_error()) return {};
  const ElfImage& image = *loaded;
  const ElfBytes& bytes = image.bytes;
  const bool is64 = bytes.is64();
  const std::uint64_t entry_size = is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
  const auto address = image.dynamic_value(DT_SYMTAB);
  const auto table = address ? image.offset_of(*address, entry_size) : std::nullopt;
  if (!table) return {};
  const std::uint64_t count = std::min(symbol_count(image), (bytes.size() - *table) / entry_size);

  const auto names = version_names(image);
  std::optional<std::uint64_t> versions;
  if (const auto at = image.dynamic_value(DT_VERSYM)) versions = image.offset_of(*at, 2);

  std::vector<DynamicSymbol> symbols;
  for (std::uint64_t i = 1; i < count; ++i) {
    const std::uint64_t at = *table + i * entry_size;
    DynamicSymbol symbol;
    const auto name = image.name_at(bytes.word(at));
    if (!name || name->empty()) continue;
    symbol.name = *name;
    symbol.defined = bytes.half(at + (is64 ? 6 : 14)) != SHN_UNDEF;
    const std::uint64_t info = bytes.number(at + (is64 ? 4 : 12), 1).value_or(0);
    symbol.function = ELF64_ST_TYPE(info) == STT_FUNC || ELF64_ST_TYPE(info) == STT_GNU_IFUNC;
    if (versions) {
      const auto found = names.find(bytes.half(*versions + 2 * i) & 0x7fff);
      if (found != names.end()) symbol.version = found->second;
    }
    symbols.push_back(symbol);
  }
  return symbols;
}

}  // namespace vgpu::os
