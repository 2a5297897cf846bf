#include "launcher/doctor/catalogue.h"

#include <algorithm>

namespace vgpu::doctor {

std::string_view Page::summary() const {
  const std::size_t begin = text.find("\n\n");
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = text.substr(begin + 2);
  return rest.substr(0, rest.find('\n'));
}

const Page* find_page(std::string_view id) {
  const auto all = pages();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Page& page) { return page.id == id; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace vgpu::doctor
