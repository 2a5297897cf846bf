// A list as one text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vgpu::plan {

inline std::string joined(const std::vector<std::string>& items, std::string_view separator) {
  std::string text;
  for (const std::string& item : items) {
    if (&item != &items.front()) text += separator;
    text += item;
  }
  return text;
}

}  // namespace vgpu::plan
