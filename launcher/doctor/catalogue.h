// The pages of docs/catalogue, one for each id, as they were when this was built.
#pragma once

#include <span>
#include <string_view>

namespace vgpu::doctor {

struct Page {
  std::string_view id;
  std::string_view text;

  // What it is about, in one sentence: the line below the title.
  std::string_view summary() const;
};

// In the order of ids().
std::span<const Page> pages();

// Null for what is no id.
const Page* find_page(std::string_view id);

}  // namespace vgpu::doctor
