// Text for a terminal in two columns, a label and what it is about, wrapped at words.
#pragma once

#include <string>
#include <string_view>

namespace vgpu::plan {

class Rows {
 public:
  static constexpr std::size_t kWidth = 80;
  static constexpr std::size_t kLabel = 13;

  // `text` on as many lines as it takes. What a terminal would obey is written out (characters.h). A word that is
  // longer than a line stays whole: it is mostly a path, and somebody will want to copy it.
  void add(std::string_view label, std::string_view text);
  // One line, cut where it is too long.
  void add_cut(std::string_view label, std::string_view text);
  // One line as it is, behind the label's column.
  void add_verbatim(std::string_view text);

  const std::string& text() const { return text_; }
  // As a terminal of kWidth columns shows them.
  std::size_t lines() const { return lines_; }

 private:
  void line(std::string_view label, std::string_view text);

  std::string text_;
  std::size_t lines_ = 0;
};

}  // namespace vgpu::plan
