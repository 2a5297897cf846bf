// The text form of a device's UUID.
#pragma once

#include <string_view>

namespace vgpu::device {

// Whether it is an instance of a GPU, as the driver calls these: "NVIDIA A100-SXM4-40GB MIG 1g.5gb".
inline bool is_instance(std::string_view name) { return name.find(" MIG ") != std::string_view::npos; }

using UuidText = char[41];

// "GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" with its 0; of an instance "MIG-...".
inline void format_uuid(const unsigned char (&uuid)[16], UuidText& text, bool instance = false) {
  constexpr char kDigits[] = "0123456789abcdef";
  const char* kind = instance ? "MIG-" : "GPU-";
  int at = 0;
  for (; at < 4; ++at) text[at] = kind[at];
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    text[at++] = kDigits[uuid[i] >> 4];
    text[at++] = kDigits[uuid[i] & 15];
  }
  text[at] = '\0';
}

}  // namespace vgpu::device
