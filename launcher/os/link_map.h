// What the dynamic linker of another process has loaded, from its own books: r_debug and the list of link_map, the
// interface that debuggers use (link.h; glibc's manual for r_debug_extended).
//
// Hostile input: every pointer is read through AddressSpace, which fails for what is not mapped, every list and every
// string has an end, and a list that leads back into itself is noticed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/os/address_space.h"
#include "launcher/os/auxiliary_vector.h"

namespace vgpu::os {

struct LinkedObject {
  std::string path;                 // as the linker knows it: as LD_PRELOAD wrote it; the program's own is empty
  std::string soname;               // DT_SONAME, "" without one
  std::vector<std::string> needed;  // DT_NEEDED
  std::uint64_t bias = 0;
  std::uint64_t dynamic = 0;  // address of its dynamic section
  int name_space = 0;         // 0: the program's; the others were made by dlmopen or for LD_AUDIT
};

struct LinkMap {
  enum class State {
    complete,
    no_linker,   // a static program
    not_ready,   // the linker has not filled it in yet, or is about to change it
    unreadable,  // the memory is gone, or not ours to read
    broken,      // it makes no sense
  };
  State state = State::unreadable;
  std::string what;                   // a clause, where it is unreadable or broken
  std::vector<LinkedObject> objects;  // in look-up order, one name space after another
};

LinkMap read_link_map(const AddressSpace& memory, const AuxiliaryVector& auxiliary);

// PT_INTERP of the program, "" where it has none.
std::string read_interpreter(const AddressSpace& memory, const AuxiliaryVector& auxiliary);

// The address of a symbol that `object` defines, by its GNU hash table.
std::optional<std::uint64_t> find_symbol(const AddressSpace& memory, int elf_class, const LinkedObject& object,
                                         std::string_view name);

}  // namespace vgpu::os
