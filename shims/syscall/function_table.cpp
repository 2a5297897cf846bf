// Go's function table (.gopclntab), which is always there: the runtime unwinds stacks with it.
// Its layout: internal/abi and runtime/symtab.go in Go's sources, struct pcHeader and struct _func.
#include "shims/syscall/finder.h"

namespace vgpu::redirect {
namespace {

struct Header {
  uint32_t magic;
  uint8_t zero[2];
  uint8_t quantum;       // 1 on x86
  uint8_t pointer_size;  // 8
  uint64_t functions;
  uint64_t files;
  uint64_t text;  // where code begins; 0 from Go 1.26 on
  uint64_t names_offset;
  uint64_t units_offset;
  uint64_t file_names_offset;
  uint64_t lines_offset;
  uint64_t functions_offset;
};

struct Entry {
  uint32_t code;      // relative to Header::text
  uint32_t function;  // relative to Header::functions_offset: a Function
};

struct Function {
  uint32_t code;
  uint32_t name;  // relative to Header::names_offset
};

constexpr uint32_t kMagic118 = 0xfffffff0;  // Go 1.18 and 1.19
constexpr uint32_t kMagic120 = 0xfffffff1;  // from Go 1.20

bool is_header(const Header* header) {
  return (header->magic == kMagic118 || header->magic == kMagic120) && header->zero[0] == 0 && header->zero[1] == 0 &&
         header->quantum == 1 && header->pointer_size == 8;
}

struct Table {
  const Header* header = nullptr;
  Bytes bytes;
  uint64_t text = 0;  // an address in memory, 0: not told
};

// In memory, because only there `text` is relocated.
Table by_section(const Program& program) {
  // The linker of a position-independent program keeps it among what is relocated, and may merge it with the
  // rest.
  constexpr const char* kSections[] = {".gopclntab", ".data.rel.ro.gopclntab", ".data.rel.ro"};
  for (const char* name : kSections) {
    const Elf64_Shdr* section = program.section(name);
    if (section == nullptr || section->sh_addr % alignof(Header) != 0) continue;
    const Bytes bytes = {program.at(section->sh_addr), section->sh_size};
    if (program.segment(bytes.data, bytes.size, PF_R) == nullptr) continue;
    constexpr size_t kAlignment = 8;  // 32 until Go 1.25, then less
    for (size_t offset = 0; bytes.holds(offset, sizeof(Header)); offset += kAlignment) {
      const auto* header = reinterpret_cast<const Header*>(bytes.data + offset);
      if (is_header(header)) return {header, {bytes.data + offset, bytes.size - offset}, header->text};
    }
  }
  return {};
}

// A file without section headers: the runtime's own record of the program (struct moduledata, runtime/symtab.go) points
// to the table, and is in the data, a hundredth of the program. Reading all of its code for the stub's bytes would take
// longer than all the rest of a start.
Table by_module(const Program& program) {
  constexpr size_t kWords = 23, kText = 22;  // header, six slices, findfunctab, minpc, maxpc, text
  for (size_t i = 0; i < program.header_count(); ++i) {
    const Elf64_Phdr& data = program.header(i);
    if (data.p_type != PT_LOAD || (data.p_flags & (PF_R | PF_W)) != (PF_R | PF_W)) continue;
    const uint64_t from = (reinterpret_cast<uint64_t>(program.at(data.p_vaddr)) + 7) & ~uint64_t{7};
    const uint64_t end = reinterpret_cast<uint64_t>(program.at(data.p_vaddr)) + data.p_filesz;
    for (uint64_t at = from; at <= end && end - at >= kWords * sizeof(uint64_t); at += sizeof(uint64_t)) {
      const auto* word = reinterpret_cast<const uint64_t*>(at);
      // The names begin behind the header, the capacity of a slice is its length, and the next one begins behind.
      if (word[0] == 0 || word[1] - word[0] < sizeof(Header) - 8 || word[1] - word[0] > sizeof(Header) + 24 ||
          word[2] != word[3] || word[2] == 0 || word[4] < word[1])
        continue;
      const auto* header = reinterpret_cast<const Header*>(word[0]);
      const Elf64_Phdr* segment = word[0] % alignof(Header) == 0
                                      ? program.segment(reinterpret_cast<const uint8_t*>(word[0]), sizeof(Header), PF_R)
                                      : nullptr;
      if (segment == nullptr || !is_header(header) || word[0] + header->names_offset != word[1]) continue;
      const uint64_t rest = reinterpret_cast<uint64_t>(program.at(segment->p_vaddr)) + segment->p_filesz - word[0];
      return {header, {reinterpret_cast<const uint8_t*>(header), rest}, word[kText]};
    }
  }
  return {};
}

// Since Go 1.26 the table does not say where Go's code begins. It begins with the section of code, or, where
// the C compiler links, soon behind what that puts in front: where a stub stands tells.
void search_near_text(const Program& program, uint64_t offset, Places& places) {
  constexpr uint64_t kFront = 64 * 1024, kAlignment = 16;
  const Elf64_Shdr* code = program.section(".text");
  if (code == nullptr) return;
  for (uint64_t front = 0; front < kFront; front += kAlignment) {
    const uint8_t* place = program.at(code->sh_addr + front + offset);
    for (size_t i = 0; i < kStubCount; ++i) {
      if (program.segment(place, kStubs[i].size, PF_R | PF_X) == nullptr || !kStubs[i].matches(place)) continue;
      places.add(place);
    }
  }
}

}  // namespace

void search_function_table(const Program& program, Places& places) {
  const bool has_sections = program.section_at(0) != nullptr;
  const Table found = has_sections ? by_section(program) : by_module(program);
  const Header* header = found.header;
  const Bytes table = found.bytes;
  if (header == nullptr || header->functions > table.size / sizeof(Entry)) return;
  if (header->functions_offset % alignof(Entry) != 0 || header->names_offset > table.size) return;
  if (!table.holds(header->functions_offset, header->functions * sizeof(Entry))) return;

  const Bytes functions = {table.data + header->functions_offset, table.size - header->functions_offset};
  const Bytes names = {table.data + header->names_offset, table.size - header->names_offset};
  const auto* entry = reinterpret_cast<const Entry*>(functions.data);
  // In the order of the code: packages that need no other come first, and the stub's needs none. So this ends
  // early: a second function of its name, for the older calling convention, would stand near it.
  constexpr ptrdiff_t kNear = 64;
  for (const auto* end = entry + header->functions; entry != end; ++entry) {
    if (entry->function % alignof(Function) != 0 || !functions.holds(entry->function, sizeof(Function))) return;
    const auto* function = reinterpret_cast<const Function*>(functions.data + entry->function);
    if (function->code != entry->code || function->name >= names.size) return;  // not the layout that we know
    constexpr size_t kLongestName = 64;  // of those that we know, and more; much stands behind the names
    if (!names.holds(function->name, kLongestName)) continue;
    const char* name = reinterpret_cast<const char*>(names.data + function->name);
    for (size_t i = 0; i < kStubCount; ++i) {
      if (!kStubs[i].has_name(name)) continue;
      if (places.count() == 0 && end - entry > kNear) end = entry + kNear;
      if (found.text != 0) {
        places.add(reinterpret_cast<const uint8_t*>(found.text + entry->code));
      } else {
        search_near_text(program, entry->code, places);
      }
      break;
    }
  }
}

}  // namespace vgpu::redirect
