// The parts of a PCI address as text ("0000:1b:00.0"): what the driver's and NVML's parsers share.
#pragma once

#include <cstddef>
#include <string_view>

namespace vgpu::device {

// The value of a hexadecimal digit, -1 when it is none.
inline int hexadecimal_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Takes up to eight hexadecimal digits from the front of `text`; false when there is none.
inline bool take_number(std::string_view& text, unsigned& value) {
  value = 0;
  std::size_t length = 0;
  for (; length < text.size() && length < 8 && hexadecimal_digit(text[length]) >= 0; ++length) {
    value = value << 4 | static_cast<unsigned>(hexadecimal_digit(text[length]));
  }
  text.remove_prefix(length);
  return length > 0;
}

inline bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace vgpu::device
