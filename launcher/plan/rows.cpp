#include "launcher/plan/rows.h"

#include <algorithm>

#include "launcher/plan/characters.h"

namespace vgpu::plan {
namespace {

constexpr std::size_t kRoom = Rows::kWidth - Rows::kLabel;

}  // namespace

void Rows::line(std::string_view label, std::string_view text) {
  const std::string shown = escaped(label);
  const std::size_t used = count_characters(shown);
  text_.append(shown).append(used < kLabel ? kLabel - used : 1, ' ').append(text);
  while (text_.ends_with(' ')) text_.pop_back();
  text_ += '\n';
  const std::size_t width = std::max(used + 1, kLabel) + count_characters(text);
  lines_ += std::max<std::size_t>((width + kWidth - 1) / kWidth, 1);
}

void Rows::add(std::string_view label, std::string_view text) {
  const std::string shown = escaped(text);
  std::string current;
  std::size_t width = 0;
  for (std::size_t at = 0; at < shown.size();) {
    const std::size_t end = std::min(shown.find(' ', at), shown.size());
    const std::string_view word = std::string_view(shown).substr(at, end - at);
    const std::size_t length = count_characters(word);
    if (width != 0 && width + 1 + length > kRoom) {
      line(label, current);
      label = {};
      current.clear();
      width = 0;
    }
    if (width != 0) {
      current += ' ';
      ++width;
    }
    current += word;
    width += length;
    at = end + 1;
  }
  line(label, current);
}

void Rows::add_cut(std::string_view label, std::string_view text) {
  std::string shown = escaped(text);
  if (count_characters(shown) > kRoom) {
    std::size_t end = 0;
    for (std::size_t count = 0; count < kRoom - 3; ++count) end += character_at(shown, end).bytes;
    shown.resize(end);
    shown += "...";
  }
  line(label, shown);
}

void Rows::add_verbatim(std::string_view text) { line({}, escaped(text)); }

}  // namespace vgpu::plan
