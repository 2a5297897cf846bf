#include <elf.h>

#include <set>

#include "launcher/os/elf_image.h"

namespace vgpu::os {
namespace {

constexpr std::uint64_t kMostRelocations = 1 << 22;

struct Table {
  std::uint64_t address, bytes, entry;
};

}  // namespace

std::vector<UndefinedSymbol> undefined_symbols(std::span<const unsigned char> data) {
  const auto loaded = load_elf_image(data);
  if (loaded.has_error()) return {};
  const ElfImage& image = *loaded;
  const ElfBytes& bytes = image.bytes;
  const bool is64 = bytes.is64();
  const auto value = [&](std::uint64_t tag) { return image.dynamic_value(tag).value_or(0); };
  const std::uint64_t rela = is64 ? sizeof(Elf64_Rela) : sizeof(Elf32_Rela);
  const std::uint64_t rel = is64 ? sizeof(Elf64_Rel) : sizeof(Elf32_Rel);
  const std::uint64_t symbol_size = is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
  const auto symbols = image.offset_of(value(DT_SYMTAB), symbol_size);
  if (!symbols) return {};

  // The table of DT_JMPREL is what lazy binding leaves for later; everything else is done before the first
  // constructor.
  const auto used_by = [&](const Table& table) {
    std::set<std::uint64_t> indices;
    const auto at = image.offset_of(table.address, table.bytes);
    if (table.address == 0 || table.bytes == 0 || !at) return indices;
    const std::uint64_t count = std::min(table.bytes / table.entry, kMostRelocations);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t info = bytes.native(*at + i * table.entry + (is64 ? 8 : 4));
      if (const std::uint64_t index = is64 ? ELF64_R_SYM(info) : ELF32_R_SYM(info); index != 0) indices.insert(index);
    }
    return indices;
  };
  const std::set<std::uint64_t> lazy =
      used_by({value(DT_JMPREL), value(DT_PLTRELSZ), value(DT_PLTREL) == DT_REL ? rel : rela});
  std::set<std::uint64_t> at_load = used_by({value(DT_RELA), value(DT_RELASZ), rela});
  at_load.merge(used_by({value(DT_REL), value(DT_RELSZ), rel}));

  std::vector<UndefinedSymbol> undefined;
  const auto add = [&](std::uint64_t index, bool immediate) {
    const std::uint64_t at = *symbols + index * symbol_size;
    if (!bytes.holds(at, symbol_size) || bytes.half(at + (is64 ? 6 : 14)) != SHN_UNDEF) return;
    const std::uint64_t info = bytes.number(at + (is64 ? 4 : 12), 1).value_or(0);
    if (ELF64_ST_BIND(info) != STB_GLOBAL) return;  // a weak one is 0 where nobody has it
    const auto name = image.name_at(bytes.word(at));
    if (name && !name->empty()) undefined.push_back({std::string(*name), immediate});
  };
  for (const std::uint64_t index : at_load) add(index, true);
  for (const std::uint64_t index : lazy) {
    if (!at_load.contains(index)) add(index, false);
  }
  return undefined;
}

}  // namespace vgpu::os
