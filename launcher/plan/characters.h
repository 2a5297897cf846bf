// UTF-8, as far as messages need it: what a terminal may be given, and how wide it is.
#pragma once

#include <string>
#include <string_view>

namespace vgpu::plan {

// One character of a text that may hold anything.
struct Character {
  std::size_t bytes = 1;   // what it takes
  bool printable = false;  // valid and no control character (C0, DEL, C1)
  bool valid = false;      // well-formed UTF-8
};

// The character at `at`, which is less than text.size().
Character character_at(std::string_view text, std::size_t at);

// `text` with every byte that a terminal might obey, and every byte that is no UTF-8, written as "\x1b". Names and
// paths from outside go through it before they are printed.
std::string escaped(std::string_view text);

// The number of characters; a byte that belongs to none counts as one.
std::size_t count_characters(std::string_view text);

}  // namespace vgpu::plan
