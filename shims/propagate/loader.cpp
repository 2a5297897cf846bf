#include "shims/propagate/loader.h"

#include <elf.h>
#include <fcntl.h>

#include "shims/propagate/raw.h"

namespace vgpu::propagate {
namespace {

using Word = unsigned long;
constexpr size_t kMostAuxiliary = 64;       // pairs; the kernel has about 24
constexpr long kGetAuxiliary = 0x41555856;  // PR_GET_AUXV, Linux 6.4

bool is_initial_stack(int argc, char** argv, char** envp) {
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const auto there = reinterpret_cast<uintptr_t>(argv);
  if (argc < 0 || argc > 1 << 24 || there % sizeof(char*) != 0 || there < here || there - here > 1UL << 30)
    return false;
  return envp == argv + argc + 1 && argv[argc] == nullptr;
}

const ElfW(Dyn) * dynamic_of(const ElfW(Phdr) * segments, Word count) {
  const ElfW(Phdr)* dynamic = nullptr;
  uintptr_t base = 0;
  for (Word i = 0; i < count; ++i) {
    if (segments[i].p_type == PT_PHDR) base = reinterpret_cast<uintptr_t>(segments) - segments[i].p_vaddr;
    if (segments[i].p_type == PT_DYNAMIC) dynamic = &segments[i];
  }
  return dynamic != nullptr ? reinterpret_cast<const ElfW(Dyn)*>(base + dynamic->p_vaddr) : nullptr;
}

const link_map* maps_of(const ElfW(Phdr) * segments, Word count) {
  const ElfW(Dyn)* entry = segments != nullptr ? dynamic_of(segments, count) : nullptr;
  for (; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag != DT_DEBUG || entry->d_un.d_ptr == 0) continue;
    return reinterpret_cast<const r_debug*>(entry->d_un.d_ptr)->r_map;
  }
  return nullptr;
}

void read_auxiliary(const Word* pairs, Process& process) {
  Word size = 0;
  for (size_t i = 0; i < kMostAuxiliary && pairs[2 * i] != AT_NULL; ++i) {
    const Word value = pairs[2 * i + 1];
    if (pairs[2 * i] == AT_PHDR) process.segments = reinterpret_cast<const ElfW(Phdr)*>(value);
    if (pairs[2 * i] == AT_PHNUM) process.segment_count = value;
    if (pairs[2 * i] == AT_PHENT) size = value;
    if (pairs[2 * i] == AT_SECURE) process.secure = value != 0;
  }
  if (size != sizeof(ElfW(Phdr))) process.segments = nullptr;
  process.maps = maps_of(process.segments, process.segment_count);
}

// What an object's dynamic section says about its symbols.
class Symbols {
 public:
  explicit Symbols(const link_map* map) : base_(map->l_addr) {
    for (const ElfW(Dyn)* entry = map->l_ld; entry != nullptr && entry->d_tag != DT_NULL; ++entry) {
      switch (entry->d_tag) {
        case DT_SYMTAB: symbols_ = at<ElfW(Sym)>(entry); break;
        case DT_STRTAB: names_ = at<char>(entry); break;
        case DT_VERSYM: versions_ = at<uint16_t>(entry); break;
        case DT_GNU_HASH: gnu_ = at<uint32_t>(entry); break;
        case DT_HASH: sysv_ = at<uint32_t>(entry); break;
        default: break;
      }
    }
  }

  void* find(const char* name, uint32_t hash) const {
    if (symbols_ == nullptr || names_ == nullptr) return nullptr;
    return gnu_ != nullptr ? find_gnu(name, hash) : sysv_ != nullptr ? find_sysv(name) : nullptr;
  }

 private:
  // glibc has added the base to what it could write to, musl never does.
  template <class T>
  const T* at(const ElfW(Dyn) * entry) const {
    const auto address = static_cast<uintptr_t>(entry->d_un.d_ptr);
    return reinterpret_cast<const T*>(address < base_ ? address + base_ : address);
  }

  void* find_gnu(const char* name, uint32_t hash) const {
    const uint32_t buckets = gnu_[0], first = gnu_[1], words = gnu_[2], shift = gnu_[3];
    if (buckets == 0 || words == 0) return nullptr;
    const auto* bloom = reinterpret_cast<const ElfW(Addr)*>(gnu_ + 4);
    constexpr uint32_t kBits = 8 * sizeof(ElfW(Addr));
    const ElfW(Addr) word = bloom[hash / kBits % words];
    if ((word >> (hash % kBits) & word >> ((hash >> shift) % kBits) & 1) == 0) return nullptr;
    const auto* bucket = reinterpret_cast<const uint32_t*>(bloom + words);
    const uint32_t* chain = bucket + buckets;
    uint32_t index = bucket[hash % buckets];
    if (index < first) return nullptr;
    for (;; ++index) {
      const uint32_t candidate = chain[index - first];
      if ((candidate | 1) == (hash | 1)) {
        if (void* found = accept(index, name)) return found;
      }
      if ((candidate & 1) != 0) return nullptr;
    }
  }

  void* find_sysv(const char* name) const {
    uint32_t hash = 0;
    for (const char* c = name; *c != '\0'; ++c) {
      hash = (hash << 4) + static_cast<unsigned char>(*c);
      hash = (hash ^ (hash >> 24 & 0xf0)) & 0x0fffffff;
    }
    const uint32_t buckets = sysv_[0];
    if (buckets == 0) return nullptr;
    for (uint32_t index = sysv_[2 + hash % buckets]; index != 0; index = sysv_[2 + buckets + index]) {
      if (void* found = accept(index, name)) return found;
    }
    return nullptr;
  }

  void* accept(uint32_t index, const char* name) const {
    const ElfW(Sym)& symbol = symbols_[index];
    const unsigned type = symbol.st_info & 0xf, binding = symbol.st_info >> 4;
    if (symbol.st_shndx == SHN_UNDEF || (type != STT_FUNC && type != STT_OBJECT) || binding == STB_LOCAL)
      return nullptr;
    const char* found = names_ + symbol.st_name;
    for (; *name != '\0' && *name == *found; ++name, ++found) {
    }
    if (*name != *found) return nullptr;
    if (versions_ != nullptr && (versions_[index] & 0x8000) != 0) return nullptr;  // an older version than the default
    return reinterpret_cast<void*>(base_ + symbol.st_value);
  }

  uintptr_t base_;
  const ElfW(Sym) * symbols_ = nullptr;
  const char* names_ = nullptr;
  const uint16_t* versions_ = nullptr;
  const uint32_t* gnu_ = nullptr;
  const uint32_t* sysv_ = nullptr;
};

}  // namespace

Process look_at_process(int argc, char** argv, char** envp) {
  Process process;
  if (is_initial_stack(argc, argv, envp)) {
    process.envp = envp;
    char** end = envp;
    while (*end != nullptr) ++end;
    read_auxiliary(reinterpret_cast<const Word*>(end + 1), process);
    return process;
  }
  Word pairs[2 * kMostAuxiliary] = {};
  if (raw::call(SYS_prctl, kGetAuxiliary, reinterpret_cast<long>(pairs), sizeof pairs) < 0) {
    const long file = raw::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/self/auxv"), O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
      raw::call(SYS_read, file, reinterpret_cast<long>(pairs), sizeof pairs - 2 * sizeof(Word));
      raw::call(SYS_close, file);
    }
  }
  read_auxiliary(pairs, process);
  return process;
}

void* find_symbol(const link_map* from, const link_map* last, const char* name, uint32_t hash) {
  for (const link_map* map = from; map != nullptr; map = map->l_next) {
    if (map->l_ld != nullptr) {
      if (void* found = Symbols(map).find(name, hash)) return found;
    }
    if (map == last) break;
  }
  return nullptr;
}

const link_map* map_with(const link_map* from, const char* name, uint32_t hash) {
  while (from != nullptr && (from->l_ld == nullptr || Symbols(from).find(name, hash) == nullptr)) from = from->l_next;
  return from;
}

const link_map* map_of(const link_map* maps, const void* dynamic) {
  while (maps != nullptr && static_cast<const void*>(maps->l_ld) != dynamic) maps = maps->l_next;
  return maps;
}

}  // namespace vgpu::propagate
