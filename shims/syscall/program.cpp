#include "shims/syscall/program.h"

#include "shims/syscall/kernel.h"

namespace vgpu::redirect {
namespace {

// Size of a regular file, or -1. fstat(2) and its structure are the kernel's, not libc's.
long file_size(long file) {
  struct {
    uint64_t device, inode, links;
    uint32_t mode, user, group, padding;
    uint64_t special;
    int64_t size;
    uint64_t rest[12];
  } stat;
  static_assert(sizeof stat == 152 || sizeof stat == 144 + 8);
  if (kernel::failed(kernel::call(__NR_fstat, file, kernel::address(&stat)))) return -1;
  return (stat.mode & 0170000) == 0100000 ? stat.size : -1;
}

}  // namespace

bool same(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

bool same_bytes(const uint8_t* a, const uint8_t* b, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

void program_path(char* path, size_t size) {
  const long length = kernel::call(__NR_readlink, kernel::address("/proc/self/exe"), kernel::address(path),
                                   static_cast<long>(size - 1));
  path[kernel::failed(length) ? 0 : length] = '\0';
}

Program::~Program() {
  if (mapped_.data != nullptr) kernel::unmap(const_cast<uint8_t*>(mapped_.data), mapped_.size);
}

bool Program::find(const propagate::Process& process) {
  headers_ = process.segments;
  count_ = headers_ != nullptr ? process.segment_count : 0;
  for (size_t i = 0; i < count_; ++i) {
    if (headers_[i].p_type == PT_PHDR) {
      bias_ = reinterpret_cast<uint64_t>(headers_) - headers_[i].p_vaddr;
      return true;
    }
  }
  return false;  // every program that a dynamic linker starts has one
}

bool Program::has_note(const char* owner) const {
  size_t length = 1;
  for (const char* c = owner; *c != '\0'; ++c) ++length;
  for (size_t i = 0; i < count_; ++i) {
    const Elf64_Phdr& header = headers_[i];
    if (header.p_type != PT_NOTE || segment(at(header.p_vaddr), header.p_filesz, PF_R) == nullptr) continue;
    const Bytes notes = {at(header.p_vaddr), header.p_filesz};
    for (uint64_t offset = 0; notes.holds(offset, sizeof(Elf64_Nhdr));) {
      const auto* note = reinterpret_cast<const Elf64_Nhdr*>(notes.data + offset);
      offset += sizeof *note;
      if (!notes.holds(offset, note->n_namesz)) break;
      // Go writes a size of 4 for "Go\0\0".
      const char* name = reinterpret_cast<const char*>(notes.data + offset);
      if (note->n_namesz >= length && name[note->n_namesz - 1] == '\0' && same(name, owner)) return true;
      offset += (uint64_t{note->n_namesz} + 3) / 4 * 4 + (uint64_t{note->n_descsz} + 3) / 4 * 4;
    }
  }
  return false;
}

bool Program::open() {
  const long file = kernel::open("/proc/self/exe");
  if (kernel::failed(file)) return false;
  const long size = file_size(file);
  if (size >= static_cast<long>(sizeof(Elf64_Ehdr))) {
    const auto length = static_cast<uint64_t>(size);
    void* mapped = kernel::map(nullptr, length, kernel::kRead, kernel::kPrivate, file);
    if (mapped != nullptr) mapped_ = {static_cast<const uint8_t*>(mapped), length};
  }
  kernel::close(file);
  return mapped_.data != nullptr && adopt(mapped_);
}

bool Program::adopt(Bytes file) {
  if (file.size < sizeof(Elf64_Ehdr)) return false;
  file_ = file;
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file_.data);
  const uint64_t headers_size = count_ * sizeof(Elf64_Phdr);
  if (!same_bytes(header->e_ident, reinterpret_cast<const uint8_t*>(ELFMAG), SELFMAG) ||
      header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64 || header->e_phnum != count_ ||
      !file_.holds(header->e_phoff, headers_size) ||
      !same_bytes(file_.data + header->e_phoff, reinterpret_cast<const uint8_t*>(headers_), headers_size)) {
    return false;
  }
  // A file that was cut off: its memory ends with SIGBUS.
  for (size_t i = 0; i < count_; ++i) {
    if (headers_[i].p_type == PT_LOAD && !file_.holds(headers_[i].p_offset, headers_[i].p_filesz)) return false;
  }
  if (header->e_shentsize == sizeof(Elf64_Shdr) && header->e_shoff % alignof(Elf64_Shdr) == 0 &&
      file_.holds(header->e_shoff, header->e_shnum * sizeof(Elf64_Shdr))) {
    sections_ = reinterpret_cast<const Elf64_Shdr*>(file_.data + header->e_shoff);
    section_count_ = header->e_shnum;
    section_names_ = contents(section_at(header->e_shstrndx));
    if (section_names_.size == 0 || section_names_.data[section_names_.size - 1] != '\0') section_names_ = {};
  }
  return true;
}

const Elf64_Shdr* Program::section_at(uint32_t index) const {
  return index < section_count_ ? &sections_[index] : nullptr;
}

const Elf64_Shdr* Program::section(const char* name) const {
  for (size_t i = 0; i < section_count_; ++i) {
    const uint32_t offset = sections_[i].sh_name;
    if (offset < section_names_.size && same(reinterpret_cast<const char*>(section_names_.data + offset), name)) {
      return &sections_[i];
    }
  }
  return nullptr;
}

const Elf64_Shdr* Program::section_of_type(uint32_t type) const {
  for (size_t i = 0; i < section_count_; ++i) {
    if (sections_[i].sh_type == type) return &sections_[i];
  }
  return nullptr;
}

Bytes Program::contents(const Elf64_Shdr* section) const {
  if (section == nullptr || section->sh_type == SHT_NOBITS || !file_.holds(section->sh_offset, section->sh_size))
    return {};
  return {file_.data + section->sh_offset, section->sh_size};
}

const Elf64_Phdr* Program::segment(const uint8_t* address, size_t size, uint32_t permissions) const {
  const uint64_t from = reinterpret_cast<uint64_t>(address) - bias_;
  for (size_t i = 0; i < count_; ++i) {
    const Elf64_Phdr& header = headers_[i];
    if (header.p_type == PT_LOAD && (header.p_flags & permissions) == permissions && from >= header.p_vaddr &&
        from - header.p_vaddr <= header.p_filesz && size <= header.p_filesz - (from - header.p_vaddr)) {
      return &header;
    }
  }
  return nullptr;
}

uint64_t Program::lowest() const {
  uint64_t lowest = ~uint64_t{0};
  for (size_t i = 0; i < count_; ++i) {
    if (headers_[i].p_type == PT_LOAD && headers_[i].p_vaddr < lowest) lowest = headers_[i].p_vaddr;
  }
  return (bias_ + lowest) & ~(kernel::kPage - 1);
}

uint64_t Program::highest() const {
  uint64_t highest = 0;
  for (size_t i = 0; i < count_; ++i) {
    const uint64_t end = headers_[i].p_vaddr + headers_[i].p_memsz;
    if (headers_[i].p_type == PT_LOAD && end > highest) highest = end;
  }
  return (bias_ + highest + kernel::kPage - 1) & ~(kernel::kPage - 1);
}

}  // namespace vgpu::redirect
