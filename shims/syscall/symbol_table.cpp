// The file's symbol table, which `strip` and Go's -ldflags=-s leave out.
#include "shims/syscall/finder.h"

namespace vgpu::redirect {

void search_symbol_table(const Program& program, Places& places) {
  const Elf64_Shdr* table = program.section_of_type(SHT_SYMTAB);
  if (table == nullptr || table->sh_entsize != sizeof(Elf64_Sym) || table->sh_offset % alignof(Elf64_Sym) != 0) return;
  const Bytes symbols = program.contents(table);
  const Bytes names = program.contents(program.section_at(table->sh_link));
  if (names.size == 0 || names.data[names.size - 1] != '\0') return;
  const auto* symbol = reinterpret_cast<const Elf64_Sym*>(symbols.data);
  for (const auto* end = symbol + symbols.size / sizeof *symbol; symbol != end; ++symbol) {
    // The size first: the names of 40 000 functions lie all over the file.
    if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_size > 2 * kMaxCode || symbol->st_name >= names.size)
      continue;
    const char* name = reinterpret_cast<const char*>(names.data + symbol->st_name);
    for (size_t i = 0; i < kStubCount; ++i) {
      if (kStubs[i].has_name(name)) places.add(program.at(symbol->st_value));
    }
  }
}

}  // namespace vgpu::redirect
