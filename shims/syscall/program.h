// The main program, as it lies in memory and as its file has it. Reads only; every offset is checked, because
// a program may be anything.
#pragma once

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "shims/propagate/loader.h"

namespace vgpu::redirect {

struct Bytes {
  const uint8_t* data = nullptr;
  size_t size = 0;

  bool holds(uint64_t offset, uint64_t length) const { return offset <= size && length <= size - offset; }
};

class Program {
 public:
  Program() = default;
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The headers in memory. False: they make no sense.
  bool find(const propagate::Process& process);

  // A note of this owner, among those in memory.
  bool has_note(const char* owner) const;

  // Maps the file. False: it cannot be read, or it is not what runs (the dynamic linker was started by hand).
  bool open();
  // The same with a file that lies in memory already, at an address for any type, and stays there.
  bool adopt(Bytes file);
  Bytes file() const { return file_; }
  // By name; null: there is none, or the file has no sections.
  const Elf64_Shdr* section(const char* name) const;
  const Elf64_Shdr* section_of_type(uint32_t type) const;
  const Elf64_Shdr* section_at(uint32_t index) const;
  // In the file, empty when it is not all there.
  Bytes contents(const Elf64_Shdr* section) const;

  // Segments in memory.
  size_t header_count() const { return count_; }
  const Elf64_Phdr& header(size_t index) const { return headers_[index]; }
  uint64_t bias() const { return bias_; }  // what is added to an address of the file
  const uint8_t* at(uint64_t address) const { return reinterpret_cast<const uint8_t*>(bias_ + address); }
  // The segment with these permissions (PF_X, say) whose file-backed part holds [address, address + size) of
  // memory.
  const Elf64_Phdr* segment(const uint8_t* address, size_t size, uint32_t permissions) const;
  uint64_t lowest() const;  // the program's first and last address in memory
  uint64_t highest() const;

 private:
  const Elf64_Phdr* headers_ = nullptr;
  size_t count_ = 0;
  uint64_t bias_ = 0;
  Bytes mapped_;
  Bytes file_;
  const Elf64_Shdr* sections_ = nullptr;
  size_t section_count_ = 0;
  Bytes section_names_;
};

bool same(const char* a, const char* b);
bool same_bytes(const uint8_t* a, const uint8_t* b, size_t size);
// The path of /proc/self/exe, or "".
void program_path(char* path, size_t size);

}  // namespace vgpu::redirect
