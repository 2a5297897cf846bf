#include "tests/unit/elf_builder.h"

#include <elf.h>

namespace vgpu::test {
namespace {

class Writer {
 public:
  Writer(bool is64, bool big_endian) : is64_(is64), big_endian_(big_endian) {}
  std::size_t size() const { return text_.size(); }
  std::string take() { return std::move(text_); }
  void number(std::uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) {
      const unsigned shift = 8 * (big_endian_ ? width - 1 - i : i);
      text_ += static_cast<char>(value >> shift & 0xff);
    }
  }
  void half(std::uint64_t value) { number(value, 2); }
  void word(std::uint64_t value) { number(value, 4); }
  void native(std::uint64_t value) { number(value, is64_ ? 8 : 4); }
  void bytes(const std::string& text) { text_ += text; }
  void align(std::size_t to) {
    while (text_.size() % to != 0) text_ += '\0';
  }

 private:
  std::string text_;
  bool is64_;
  bool big_endian_;
};

class Strings {
 public:
  std::uint64_t add(const std::string& text) {
    const std::size_t at = text_.size();
    text_ += text;
    text_ += '\0';
    return at;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_ = std::string(1, '\0');
};

struct Segment {
  std::uint64_t type, flags, offset, size;
};

}  // namespace

// Layout: ELF header, 4 program headers, then every table, section headers last. Virtual addresses are file
// offsets.
std::string ElfBuilder::build() const {
  const bool is64 = elf_class == 64;
  const std::uint64_t header = is64 ? 64 : 52;
  const std::uint64_t segment_size = is64 ? 56 : 32;
  const std::uint64_t body_at = header + 4 * segment_size;
  Writer body(is64, big_endian);
  const auto here = [&] { return body_at + body.size(); };

  const std::uint64_t interpreter_at = here();
  if (!interpreter.empty()) body.bytes(interpreter + '\0');
  body.align(8);

  Strings strings;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> tags;
  for (const std::string& name : needed) tags.emplace_back(DT_NEEDED, strings.add(name));
  if (!soname.empty()) tags.emplace_back(DT_SONAME, strings.add(soname));
  if (!rpath.empty()) tags.emplace_back(DT_RPATH, strings.add(rpath));
  if (!runpath.empty()) tags.emplace_back(DT_RUNPATH, strings.add(runpath));
  if (pie) tags.emplace_back(DT_FLAGS_1, DF_1_PIE);
  if (init_functions != 0) tags.emplace_back(DT_INIT_ARRAYSZ, init_functions * (is64 ? 8 : 4));

  if (!symbols.empty()) {
    tags.emplace_back(DT_SYMTAB, here());
    body.bytes(std::string(is64 ? 24 : 16, '\0'));
    for (const auto& [name, defined] : symbols) {
      body.word(strings.add(name));
      const std::uint64_t section = defined ? 1 : 0;
      if (is64) {
        body.number(0x12, 1);  // STB_GLOBAL, STT_FUNC
        body.number(0, 1);
        body.half(section);
        body.number(0, 8);
        body.number(0, 8);
      } else {
        body.word(0);
        body.word(0);
        body.number(0x12, 1);
        body.number(0, 1);
        body.half(section);
      }
    }
    body.align(8);
    tags.emplace_back(DT_HASH, here());
    body.word(1);
    body.word(symbols.size() + 1);
    body.align(8);
  }
  if (!needs.empty()) {
    tags.emplace_back(DT_VERNEED, here());
    for (std::size_t i = 0; i < needs.size(); ++i) {
      const auto& [library, versions] = needs[i];
      body.half(1);
      body.half(versions.size());
      body.word(strings.add(library));
      body.word(16);
      body.word(i + 1 == needs.size() ? 0 : 16 + 16 * versions.size());
      for (std::size_t j = 0; j < versions.size(); ++j) {
        body.word(0);
        body.half(0);
        body.half(2 + j);
        body.word(strings.add(versions[j]));
        body.word(j + 1 == versions.size() ? 0 : 16);
      }
    }
    tags.emplace_back(DT_VERNEEDNUM, needs.size());
  }
  if (!defines.empty()) {
    body.align(8);
    tags.emplace_back(DT_VERDEF, here());
    for (std::size_t i = 0; i <= defines.size(); ++i) {  // 0: the base entry, named after the SONAME
      body.half(1);
      body.half(i == 0 ? VER_FLG_BASE : 0);
      body.half(i + 1);
      body.half(1);
      body.word(0);
      body.word(20);
      body.word(i == defines.size() ? 0 : 28);
      body.word(strings.add(i == 0 ? soname : defines[i - 1]));
      body.word(0);
    }
    tags.emplace_back(DT_VERDEFNUM, defines.size() + 1);
  }
  body.align(8);
  const std::uint64_t strings_at = here();
  body.bytes(strings.text());
  tags.emplace_back(DT_STRTAB, strings_at);
  tags.emplace_back(DT_STRSZ, strings.text().size());
  tags.emplace_back(DT_NULL, 0);
  body.align(8);
  const std::uint64_t dynamic_at = here();
  for (const auto& [tag, value] : tags) {
    body.native(tag);
    body.native(value);
  }
  const std::uint64_t dynamic_size = tags.size() * (is64 ? 16 : 8);

  Strings names;
  std::vector<std::uint64_t> name_offsets;
  for (const std::string& name : sections) name_offsets.push_back(names.add(name));
  const std::uint64_t names_at = here();
  if (!sections.empty()) body.bytes(names.text());
  body.align(8);
  const std::uint64_t sections_at = sections.empty() ? 0 : here();
  const std::uint64_t section_size = is64 ? 64 : 40;
  for (std::size_t i = 0; !sections.empty() && i <= sections.size(); ++i) {
    const bool last = i == sections.size();  // the table of names itself
    body.word(last ? 0 : name_offsets[i]);
    body.word(last ? SHT_STRTAB : SHT_PROGBITS);
    body.native(0);
    body.native(0);
    body.native(last ? names_at : 0);
    body.native(last ? names.text().size() : 0);
    body.bytes(std::string(section_size - 8 - 4 * (is64 ? 8 : 4), '\0'));
  }

  std::vector<Segment> segments;
  segments.push_back({PT_LOAD, PF_R, 0, body_at + body.size()});
  if (!interpreter.empty()) segments.push_back({PT_INTERP, PF_R, interpreter_at, interpreter.size() + 1});
  if (dynamic) segments.push_back({PT_DYNAMIC, PF_R, dynamic_at, dynamic_size});
  if (gnu_stack >= 0) segments.push_back({PT_GNU_STACK, static_cast<std::uint64_t>(gnu_stack), 0, 0});

  Writer file(is64, big_endian);
  file.bytes(std::string("\177ELF") + static_cast<char>(is64 ? 2 : 1) + static_cast<char>(big_endian ? 2 : 1) + '\1');
  file.bytes(std::string(9, '\0'));
  file.half(type);
  file.half(machine);
  file.word(1);
  file.native(0);
  file.native(header);
  file.native(sections_at);
  file.word(0);
  file.half(header);
  file.half(segment_size);
  file.half(segments.size());
  file.half(section_size);
  file.half(sections.empty() ? 0 : sections.size() + 1);
  file.half(sections.size());
  for (const Segment& segment : segments) {
    file.word(segment.type);
    if (is64) file.word(segment.flags);
    file.native(segment.offset);
    file.native(segment.offset);
    file.native(segment.offset);
    file.native(segment.size);
    file.native(segment.size);
    if (!is64) file.word(segment.flags);
    file.native(1);
  }
  file.bytes(std::string(body_at - file.size(), '\0'));
  file.bytes(body.take());
  return file.take();
}

}  // namespace vgpu::test
