#include "shims/abi/elf_file.h"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

namespace vgpu::abi {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail("cannot be read");
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
    header_ = at<Elf64_Ehdr>(0);
    if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0 || header_.e_ident[EI_CLASS] != ELFCLASS64 ||
        header_.e_ident[EI_DATA] != ELFDATA2LSB || header_.e_type != ET_DYN) {
      fail("not a 64-bit little-endian shared object");
    }
    result_.file_size = bytes_.size();
  }

  ElfFile read() {
    read_segments();
    read_dynamic();
    read_versions();
    read_symbols();
    return std::move(result_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const { throw std::runtime_error(path_ + ": " + why); }

  template <class T>
  T at(std::uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) fail("ends too early");
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  std::string text(std::uint64_t offset) const {
    const std::uint64_t from = strings_ + offset;
    if (from >= bytes_.size()) fail("string out of the file");
    const std::size_t end = bytes_.find('\0', from);
    if (end == std::string::npos) fail("string without an end");
    return bytes_.substr(from, end - from);
  }

  // Where the byte that will be at `address` stands in the file.
  std::uint64_t offset_of(std::uint64_t address) const {
    for (const Elf64_Phdr& segment : loads_) {
      if (address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz) {
        return address - segment.p_vaddr + segment.p_offset;
      }
    }
    fail("address in no segment");
  }

  void read_segments() {
    result_.executable_stack = true;
    for (unsigned i = 0; i < header_.e_phnum; ++i) {
      const auto segment = at<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
      if (segment.p_type == PT_LOAD) {
        loads_.push_back(segment);
        result_.load_size += segment.p_memsz;
        result_.writable_code |= (segment.p_flags & PF_W) != 0 && (segment.p_flags & PF_X) != 0;
      }
      if (segment.p_type == PT_DYNAMIC) dynamic_ = segment;
      if (segment.p_type == PT_GNU_STACK) result_.executable_stack = (segment.p_flags & PF_X) != 0;
    }
    if (dynamic_.p_filesz == 0) fail("has no dynamic segment");
  }

  void read_dynamic() {
    std::vector<std::uint64_t> needed;
    for (std::uint64_t at_entry = 0; at_entry < dynamic_.p_filesz; at_entry += sizeof(Elf64_Dyn)) {
      const auto entry = at<Elf64_Dyn>(dynamic_.p_offset + at_entry);
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_NEEDED) {
        needed.push_back(entry.d_un.d_val);
      } else {
        tags_[entry.d_tag] = entry.d_un.d_val;
      }
    }
    if (tags_.count(DT_STRTAB) == 0 || tags_.count(DT_SYMTAB) == 0) fail("has no dynamic symbols");
    strings_ = offset_of(tags_[DT_STRTAB]);
    for (const std::uint64_t name : needed) result_.needed.push_back(text(name));
    if (tags_.count(DT_SONAME) != 0) result_.soname = text(tags_[DT_SONAME]);
    for (const auto tag : {DT_RPATH, DT_RUNPATH}) {
      if (tags_.count(tag) != 0) result_.runpath = text(tags_[tag]);
    }
    result_.constructors = tags_[DT_INIT_ARRAYSZ] / sizeof(void*) + tags_.count(DT_INIT);
    result_.destructors = tags_[DT_FINI_ARRAYSZ] / sizeof(void*) + tags_.count(DT_FINI);
    result_.relocations = (tags_[DT_RELASZ] + tags_[DT_PLTRELSZ]) / sizeof(Elf64_Rela);
    result_.text_relocations = tags_.count(DT_TEXTREL) != 0 || (tags_[DT_FLAGS] & DF_TEXTREL) != 0;
  }

  void read_versions() {
    if (tags_.count(DT_VERDEF) != 0) {
      std::uint64_t where = offset_of(tags_[DT_VERDEF]);
      for (std::uint64_t i = 0; i < tags_[DT_VERDEFNUM]; ++i) {
        const auto node = at<Elf64_Verdef>(where);
        const std::string name = text(at<Elf64_Verdaux>(where + node.vd_aux).vda_name);
        if ((node.vd_flags & VER_FLG_BASE) == 0) {
          result_.nodes.push_back(name);
          versions_[node.vd_ndx] = name;
        }
        where += node.vd_next;
      }
    }
    if (tags_.count(DT_VERNEED) != 0) {
      std::uint64_t where = offset_of(tags_[DT_VERNEED]);
      for (std::uint64_t i = 0; i < tags_[DT_VERNEEDNUM]; ++i) {
        const auto need = at<Elf64_Verneed>(where);
        std::uint64_t aux = where + need.vn_aux;
        for (unsigned k = 0; k < need.vn_cnt; ++k) {
          const auto version = at<Elf64_Vernaux>(aux);
          result_.needed_versions.push_back(text(version.vna_name));
          versions_[version.vna_other] = text(version.vna_name);
          aux += version.vna_next;
        }
        where += need.vn_next;
      }
    }
  }

  // The dynamic segment does not say how many symbols there are; the section header does, and our linker writes one.
  std::uint64_t symbol_count() const {
    for (unsigned i = 0; i < header_.e_shnum; ++i) {
      const auto section = at<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr));
      if (section.sh_type == SHT_DYNSYM) return section.sh_size / sizeof(Elf64_Sym);
    }
    fail("has no section .dynsym");
  }

  void read_symbols() {
    const std::uint64_t table = offset_of(tags_[DT_SYMTAB]);
    const bool versioned = tags_.count(DT_VERSYM) != 0;
    const std::uint64_t versions = versioned ? offset_of(tags_[DT_VERSYM]) : 0;
    const std::uint64_t count = symbol_count();
    for (std::uint64_t i = 1; i < count; ++i) {
      const auto raw = at<Elf64_Sym>(table + i * sizeof(Elf64_Sym));
      const unsigned char binding = ELF64_ST_BIND(raw.st_info);
      if (binding == STB_LOCAL) continue;
      if (raw.st_shndx == SHN_ABS && ELF64_ST_TYPE(raw.st_info) == STT_OBJECT) continue;
      const std::uint16_t version = versioned ? at<std::uint16_t>(versions + 2 * i) : std::uint16_t{1};
      Symbol symbol;
      symbol.name = text(raw.st_name);
      const auto known = versions_.find(version & 0x7fff);
      if (known != versions_.end()) symbol.version = known->second;
      symbol.defined = raw.st_shndx != SHN_UNDEF;
      symbol.is_default = (version & 0x8000) == 0;
      symbol.weak = binding == STB_WEAK;
      symbol.is_object = ELF64_ST_TYPE(raw.st_info) == STT_OBJECT || ELF64_ST_TYPE(raw.st_info) == STT_TLS;
      symbol.value = raw.st_value;
      symbol.size = raw.st_size;
      result_.symbols.push_back(std::move(symbol));
    }
  }

  const std::string path_;
  std::string bytes_;
  Elf64_Ehdr header_{};
  Elf64_Phdr dynamic_{};
  std::vector<Elf64_Phdr> loads_;
  std::map<std::int64_t, std::uint64_t> tags_;
  std::map<unsigned, std::string> versions_;
  std::uint64_t strings_ = 0;
  ElfFile result_;
};

}  // namespace

ElfFile read_elf(const std::string& path) { return Reader(path).read(); }

}  // namespace vgpu::abi
