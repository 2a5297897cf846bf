// PTX as words.
#pragma once

#include <cstddef>
#include <string_view>

namespace vgpu::cuda::ptx {

// Identifiers and directives, numbers, and single other characters. Comments and strings are skipped.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  // Empty at the end.
  std::string_view next() {
    const std::string_view word = peek();
    take(word.size());
    return word;
  }

  std::string_view peek() {
    skip();
    if (rest_.empty()) return {};
    std::size_t length = 1;
    if (in_word(rest_[0])) {
      while (length < rest_.size() && in_word(rest_[length])) ++length;
    }
    return {rest_.data(), length};
  }

  // The text from the next word on.
  std::string_view rest() {
    skip();
    return rest_;
  }

  void take(std::size_t count) { rest_.remove_prefix(count); }

 private:
  static bool in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           c == '%' || c == '.';
  }

  void drop_to(std::string_view end) {
    const std::size_t at = rest_.find(end, 1);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + end.size());
  }

  void skip() {
    while (!rest_.empty()) {
      if (rest_.starts_with("//")) {
        drop_to("\n");
      } else if (rest_.starts_with("/*")) {
        drop_to("*/");
      } else if (rest_[0] == '"') {
        drop_to("\"");
      } else if (rest_[0] == ' ' || (rest_[0] >= '\t' && rest_[0] <= '\r')) {
        rest_.remove_prefix(1);
      } else {
        return;
      }
    }
  }

  std::string_view rest_;
};

// string_view::substr may throw, which needs libstdc++.
inline std::string_view behind(std::string_view word, std::size_t count) {
  word.remove_prefix(count < word.size() ? count : word.size());
  return word;
}

}  // namespace vgpu::cuda::ptx
