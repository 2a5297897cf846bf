// What this process was charged for, by what it got: so that a free, which names no size, gives back what was charged.
#pragma once

#include <cstdint>

namespace vgpu::slice {

enum class Kind : std::uint32_t {
  address = 1,  // cuMemAlloc and its kin
  array,
  mipmapped,
  memory,    // a handle of cuMemCreate
  alias,     // another handle of the same memory; `bytes` is the first handle
  mapping,   // where memory is mapped; `bytes` is its size, `references` the handle
  external,  // memory of another API
  graph,     // an executable graph that allocates; `bytes` is how much, `references` whether it has what it needs
};

struct Charge {
  Kind kind;
  int device;  // the session's number
  std::uint64_t key;
  std::uint64_t bytes;
  std::uint64_t references;  // of an address: 1, or 2 and the number of its pool
  std::uint64_t mappings;
};

// Where the process has no memory left for it, the charge stays until the process ends: never too little.
void remember(const Charge& charge);

// Takes it out; false: not ours.
bool forget(Kind kind, std::uint64_t key, Charge& charge);

// Changes it in place; change(Charge&) says whether it is to be taken out. False: not ours. `charge` is what it was
// left as.
using Change = bool (*)(Charge& charge, std::uint64_t argument);
bool change(Kind kind, std::uint64_t key, Change change, std::uint64_t argument, Charge& charge);

// The charge of that kind with key <= address < key + bytes. Looks at all of them: for what is seldom asked.
bool find_around(Kind kind, std::uint64_t address, Charge& charge);

// Takes out the charge of that kind with the lowest key from `from` on, if that is below `end`. Looks at all of them,
// too.
bool forget_next(Kind kind, std::uint64_t from, std::uint64_t end, Charge& charge);

}  // namespace vgpu::slice
