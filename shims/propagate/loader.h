// The process as ld.so left it, read from its own records: no dlsym, no symbol of ours left undefined.
#pragma once

#include <link.h>
#include <stddef.h>
#include <stdint.h>

namespace vgpu::propagate {

struct Process {
  char* const* envp = nullptr;            // as the kernel handed it over; null: only `environ` is there
  bool secure = false;                    // AT_SECURE
  const link_map* maps = nullptr;         // every loaded object in look-up order; null: not found
  const ElfW(Phdr) * segments = nullptr;  // of the program, as they lie in memory; null: not found
  size_t segment_count = 0;
};

// From a constructor's arguments. glibc passes argc, argv and envp, musl nothing: what cannot be the initial stack is
// not believed, and the kernel is asked instead.
Process look_at_process(int argc, char** argv, char** envp);

constexpr uint32_t gnu_hash(const char* name) {
  uint32_t hash = 5381;
  for (; *name != '\0'; ++name) hash = hash * 33 + static_cast<unsigned char>(*name);
  return hash;
}

// The first definition of the default version in the objects from `from` to `last`; a null `last`: to the end.
void* find_symbol(const link_map* from, const link_map* last, const char* name, uint32_t hash);
inline void* find_symbol(const link_map* from, const char* name, uint32_t hash) {
  return find_symbol(from, nullptr, name, hash);
}
// The first object from `from` on that defines it.
const link_map* map_with(const link_map* from, const char* name, uint32_t hash);

// The object whose dynamic section this is.
const link_map* map_of(const link_map* maps, const void* dynamic);

}  // namespace vgpu::propagate
