// Words of a unit file as systemd reads them, and words that it reads as we mean them: systemd.syntax(7), "Quoting".
// The manual page wants quotes around a whole word; the parser takes them anywhere in it (a"b c"d is one word), and so
// do we.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vgpu::systemd {

struct UnitWord {
  std::string value;      // unquoted; specifiers (%) and variables ($) are still in it
  std::size_t begin = 0;  // where it stands in the text
  std::size_t end = 0;
  bool quoted = false;  // a quote or an escape was taken away
  bool bad_escape =
      false;  // has a backslash that begins no escape: ExecStart= keeps it, Environment= drops the assignment
};

struct UnitWords {
  std::vector<UnitWord> words;
  std::string error;  // one clause, why the rest could not be read; empty: all of it was
};

// The word at or behind `at`, which moves behind it; nothing at the end of the text. `error` is set where there is none
// because a quote or a backslash is left open.
std::optional<UnitWord> next_unit_word(std::string_view text, std::size_t& at, std::string& error);
UnitWords split_unit_words(std::string_view text);

// Which characters systemd would expand in a word.
enum class Expanded {
  specifiers_and_variables,  // ExecStart=
  specifiers,                // Environment=, the program of ExecStart=, and with prefix ':' the arguments
  variables,                 // what is copied out of a unit file has its specifiers already
  nothing,
};

// One word that systemd reads as `value`, in quotes where it must be.
std::string unit_word(std::string_view value, Expanded expanded);

// `value` with what would be expanded doubled, not quoted.
std::string doubled(std::string_view value, Expanded expanded);
// Quotes only.
std::string quoted_unit_word(std::string_view value);

// Where a '%' stands that systemd cannot expand ("%2", "%" at the end): the setting is ignored then. npos: nowhere.
std::size_t bad_specifier(std::string_view value);

}  // namespace vgpu::systemd
