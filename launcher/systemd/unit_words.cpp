#include "launcher/systemd/unit_words.h"

#include <algorithm>

#include "launcher/plan/characters.h"

namespace vgpu::systemd {
namespace {

constexpr std::string_view kSpace = " \t\n\r";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `count` digits of `base` at `at`.
std::optional<std::uint32_t> number(std::string_view text, std::size_t at, std::size_t count, int base) {
  if (at + count > text.size()) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    const int one = digit(text[i]);
    if (one < 0 || one >= base) return std::nullopt;
    value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(one);
  }
  return value;
}

void append_utf8(std::string& text, std::uint32_t point) {
  const auto byte = [&](std::uint32_t bits) { text += static_cast<char>(bits); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      byte(0xe0 | point >> 12);
    } else {
      byte(0xf0 | point >> 18);
      byte(0x80 | (point >> 12 & 0x3f));
    }
    byte(0x80 | (point >> 6 & 0x3f));
  }
  byte(0x80 | (point & 0x3f));
}

// What follows a backslash at text[at]; `at` moves behind it. False: it is no escape.
bool take_escape(std::string_view text, std::size_t& at, std::string& value) {
  constexpr std::string_view kNames = "abfnrtvs\\\"'", kValues = "\a\b\f\n\r\t\v \\\"'";
  const char c = text[at];
  if (const std::size_t known = kNames.find(c); known != std::string_view::npos) {
    value += kValues[known];
    ++at;
    return true;
  }
  const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits != 0) {
    const auto point = number(text, at + 1, digits, 16);
    if (!point || *point == 0) return false;
    if (c == 'x') {
      value += static_cast<char>(*point);
    } else {
      if (*point > 0x10ffff || (*point >= 0xd800 && *point < 0xe000)) return false;
      append_utf8(value, *point);
    }
    at += 1 + digits;
    return true;
  }
  const auto byte = number(text, at, 3, 8);
  if (!byte || *byte == 0 || *byte > 255) return false;
  value += static_cast<char>(*byte);
  at += 3;
  return true;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-+.,:/@%=$~^{}[]()!?*&|<>").find(c) != std::string_view::npos;
}

}  // namespace

std::optional<UnitWord> next_unit_word(std::string_view text, std::size_t& at, std::string& error) {
  at = std::min(text.find_first_not_of(kSpace, at), text.size());
  if (at == text.size()) return std::nullopt;
  UnitWord word{.value = {}, .begin = at};
  char quote = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (quote == 0 && kSpace.find(c) != std::string_view::npos) break;
    ++at;
    if (c == '\\') {
      if (at == text.size()) {
        error = "it ends with a backslash";
        return std::nullopt;
      }
      word.quoted = true;
      if (!take_escape(text, at, word.value)) {
        word.bad_escape = true;
        word.value.append({c, text[at++]});
      }
    } else if (quote != 0 ? c == quote : c == '"' || c == '\'') {
      quote = quote == 0 ? c : '\0';
      word.quoted = true;
    } else {
      word.value += c;
    }
  }
  if (quote != 0) {
    error = std::string("a quote (").append(1, quote).append(") is never closed");
    return std::nullopt;
  }
  word.end = at;
  return word;
}

UnitWords split_unit_words(std::string_view text) {
  UnitWords result;
  for (std::size_t at = 0;;) {
    auto word = next_unit_word(text, at, result.error);
    if (!word) return result;
    result.words.push_back(std::move(*word));
  }
}

std::string doubled(std::string_view value, Expanded expanded) {
  const bool specifiers = expanded == Expanded::specifiers || expanded == Expanded::specifiers_and_variables;
  const bool variables = expanded == Expanded::variables || expanded == Expanded::specifiers_and_variables;
  std::string text;
  for (const char c : value) {
    if ((c == '%' && specifiers) || (c == '$' && variables)) text += c;
    text += c;
  }
  return text;
}

std::string quoted_unit_word(std::string_view value) {
  // A lone ';' separates commands, "#" begins no comment here but a reader would think so.
  if (!value.empty() && std::all_of(value.begin(), value.end(), is_plain)) return std::string(value);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string word("\"");
  for (std::size_t at = 0; at < value.size();) {
    const plan::Character character = plan::character_at(value, at);
    for (std::size_t i = at; i < at + character.bytes; ++i) {
      const char c = value[i];
      if (c == '"' || c == '\\') {
        word.append({'\\', c});
      } else if (character.printable) {
        word += c;
      } else if (c == '\n' || c == '\t') {
        word.append({'\\', c == '\n' ? 'n' : 't'});
      } else {
        const auto byte = static_cast<unsigned char>(c);
        word.append({'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]});
      }
    }
    at += character.bytes;
  }
  return word += '"';
}

std::string unit_word(std::string_view value, Expanded expanded) { return quoted_unit_word(doubled(value, expanded)); }

std::size_t bad_specifier(std::string_view value) {
  // systemd.unit(5), "Specifiers", those of systemd 257: an older one knows fewer.
  constexpr std::string_view kKnown = "aAbBCdDEfgGhHiIjJlLmMnNopPqrRsStTuUvVwWxXyY%";
  for (std::size_t at = value.find('%'); at != std::string_view::npos; at = value.find('%', at + 2)) {
    if (at + 1 == value.size() || kKnown.find(value[at + 1]) == std::string_view::npos) return at;
  }
  return std::string_view::npos;
}

}  // namespace vgpu::systemd
