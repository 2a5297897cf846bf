// The text form of a device's UUID.
#pragma once

#include <initializer_list>

namespace vgpu::device {

using UuidText = char[41];

// "GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" with its 0.
inline void format_uuid(const unsigned char (&uuid)[16], UuidText& text) {
  constexpr char kDigits[] = "0123456789abcdef";
  int at = 0;
  for (const char c : {'G', 'P', 'U', '-'}) text[at++] = c;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    text[at++] = kDigits[uuid[i] >> 4];
    text[at++] = kDigits[uuid[i] & 15];
  }
  text[at] = '\0';
}

}  // namespace vgpu::device
