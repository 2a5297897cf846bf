#include "shims/propagate/rules.h"

namespace vgpu::propagate {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte at `at`, which moves behind it.
char next(Text pattern, size_t& at) {
  if (pattern.data[at] == '%' && at + 2 < pattern.size) {
    const int high = digit(pattern.data[at + 1]), low = digit(pattern.data[at + 2]);
    if (high >= 0 && low >= 0) {
      at += 3;
      return static_cast<char>(high * 16 + low);
    }
  }
  return pattern.data[at++];
}

// A bracket expression, `at` behind its '['. False: there is no closing ']', the '[' is a literal.
bool bracket(Text pattern, size_t& at, char byte, bool& inside) {
  size_t from = at;
  bool negated = false, found = false, first = true;
  if (from < pattern.size && (pattern.data[from] == '!' || pattern.data[from] == '^')) {
    negated = true;
    ++from;
  }
  while (from < pattern.size) {
    char low = next(pattern, from);
    if (low == ']' && !first) {
      at = from;
      inside = found != negated;
      return true;
    }
    first = false;
    if (low == '\\' && from < pattern.size) low = next(pattern, from);
    char high = low;
    if (from + 1 < pattern.size && pattern.data[from] == '-' && pattern.data[from + 1] != ']') {
      ++from;
      high = next(pattern, from);
    }
    found = found || (static_cast<unsigned char>(low) <= static_cast<unsigned char>(byte) &&
                      static_cast<unsigned char>(byte) <= static_cast<unsigned char>(high));
  }
  return false;
}

// One element of the pattern against one byte; '*' is not asked here.
bool one(Text pattern, size_t& at, char byte) {
  const char element = next(pattern, at);
  if (element == '?') return true;
  if (element == '[') {
    bool inside = false;
    if (bracket(pattern, at, byte, inside)) return inside;
  }
  if (element == '\\' && at < pattern.size) return next(pattern, at) == byte;
  return element == byte;
}

bool holds_slash(Text text) {
  for (size_t i = 0; i < text.size; ++i) {
    if (text.data[i] == '/') return true;
  }
  return false;
}

bool any_argument(Text pattern, char* const* argv) {
  if (argv == nullptr || argv[0] == nullptr) return false;
  for (char* const* argument = argv + 1; *argument != nullptr; ++argument) {
    if (matches(pattern, text(*argument))) return true;
  }
  return false;
}

bool applies(Text rule, const char* path, char* const* argv, Rule& action) {
  bool wants_path = false, wants_argument = false, path_matches = false, argument_matches = false, good = true;
  int field = 0;
  const Text program = path != nullptr ? text(path) : Text{};
  each_entry(rule, ',', ',', [&](Text part) {
    const Text pattern = part.size > 2 ? Text{part.data + 2, part.size - 2} : Text{};
    if (field++ == 0) {
      action = equal(part, text("inject"))  ? Rule::inject
               : equal(part, text("leave")) ? Rule::leave
               : equal(part, text("hide"))  ? Rule::hide
                                            : Rule::none;
      good = action != Rule::none;
    } else if (starts_with(part, text("p="))) {
      wants_path = true;
      path_matches = path_matches || matches(pattern, holds_slash(pattern) ? program : base_name(program));
    } else if (starts_with(part, text("a="))) {
      wants_argument = true;
      argument_matches = argument_matches || any_argument(pattern, argv);
    } else {
      good = false;
    }
    return good;
  });
  return good && (wants_path || wants_argument) && path_matches == wants_path && argument_matches == wants_argument;
}

}  // namespace

bool matches(Text pattern, Text subject) {
  // Where a '*' was met last: what follows it is tried again one byte further on. Linear but for that, no recursion.
  size_t at = 0, from = 0;
  bool starred = false;
  size_t star_at = 0, star_from = 0;
  while (from < subject.size || at < pattern.size) {
    if (at < pattern.size && pattern.data[at] == '*') {
      starred = true;
      star_at = ++at;
      star_from = from;
      continue;
    }
    if (at < pattern.size && from < subject.size) {
      size_t behind = at;
      if (one(pattern, behind, subject.data[from])) {
        at = behind;
        ++from;
        continue;
      }
    }
    if (!starred || star_from >= subject.size) return false;
    at = star_at;
    from = ++star_from;
  }
  return true;
}

Rule rule_for(Text rules, const char* path, char* const* argv) {
  Rule result = Rule::none;
  each_entry(rules, ';', ';', [&](Text rule) {
    Rule action = Rule::none;
    if (!applies(rule, path, argv, action)) return true;
    result = action;
    return false;
  });
  return result;
}

}  // namespace vgpu::propagate
