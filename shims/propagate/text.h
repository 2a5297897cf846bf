// Bytes and lists of bytes without a C library and without a copy.
#pragma once

#include <stddef.h>

namespace vgpu::propagate {

struct Text {
  const char* data = nullptr;
  size_t size = 0;

  const char* end() const { return data + size; }
  bool empty() const { return size == 0; }
};

inline size_t length(const char* text) {
  size_t size = 0;
  while (text[size] != '\0') ++size;
  return size;
}

inline Text text(const char* chars) { return {chars, length(chars)}; }

inline bool equal(Text a, Text b) {
  if (a.size != b.size) return false;
  for (size_t i = 0; i < a.size; ++i) {
    if (a.data[i] != b.data[i]) return false;
  }
  return true;
}

inline bool starts_with(Text text, Text start) {
  return text.size >= start.size && equal({text.data, start.size}, start);
}

// The part behind the last '/'.
inline Text base_name(Text path) {
  size_t from = path.size;
  while (from > 0 && path.data[from - 1] != '/') --from;
  return {path.data + from, path.size - from};
}

// Calls entry(Text) for each piece between separators, the empty ones too; stops when it answers false. A list of no
// bytes has no entries.
template <class Entry>
inline void each_entry(Text list, char separator, char other_separator, Entry entry) {
  if (list.empty()) return;
  const char* from = list.data;
  for (const char* at = list.data;; ++at) {
    if (at != list.end() && *at != separator && *at != other_separator) continue;
    if (!entry(Text{from, static_cast<size_t>(at - from)})) return;
    if (at == list.end()) return;
    from = at + 1;
  }
}

// The number of `entry` in the list, or -1.
inline int index_in(Text list, Text entry) {
  int index = 0, found = -1;
  each_entry(list, ':', ':', [&](Text candidate) {
    if (equal(candidate, entry)) found = index;
    ++index;
    return found < 0;
  });
  return found;
}

}  // namespace vgpu::propagate
