// Initial values of variables in PTX: constant expressions, lists of them, and addresses of other variables.
#pragma once

#include <cstdint>
#include <string_view>

#include "shims/cuda/ptx_words.h"

namespace vgpu::cuda::ptx {

// What a variable is made of: `type` is 'b', 'u', 's' or 'f'.
struct Elements {
  char type;
  std::uint64_t bytes;      // of one element, also of one of a vector
  unsigned dimensions;      // how deep its lists are: 0 for one value; a vector is one more
  std::uint64_t counts[4];  // by dimension, 0: the list tells (of the first only)
};

// Where an address comes from. `invalid`: nobody has the name; `unknown`: it is no variable.
enum class Sense { valid, invalid, unknown };
struct Resolver {
  Sense (*address)(std::string_view name, std::uint64_t& address, void* data);
  void* data;
};

// Reads the value behind '=' and leaves `words` behind it. The bytes go to `out`, of which `room` are there (null: they
// are counted only). `rows` gets the number of elements of the outermost list. What a driver would surely refuse is
// `invalid`.
Sense read_value(Words& words, const Elements& elements, const Resolver& resolver, unsigned char* out,
                 std::uint64_t room, std::uint64_t& rows);

}  // namespace vgpu::cuda::ptx
