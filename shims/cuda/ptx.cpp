#include "shims/cuda/ptx.h"

#include <string.h>

#include <string_view>

namespace vgpu::cuda::ptx {
namespace {

// The text as words: identifiers and directives, numbers, and single other characters. Comments and strings are skipped.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  std::string_view next() {
    skip();
    if (rest_.empty()) return {};
    std::size_t length = 1;
    if (in_word(rest_[0])) {
      while (length < rest_.size() && in_word(rest_[length])) ++length;
    }
    const std::string_view word(rest_.data(), length);
    rest_.remove_prefix(length);
    return word;
  }

 private:
  static bool in_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '%' || c == '.';
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
std::string_view behind(std::string_view word, std::size_t count) {
  word.remove_prefix(count < word.size() ? count : word.size());
  return word;
}

std::string_view text_of(const Image& image) { return {reinterpret_cast<const char*>(image.bytes), image.size}; }

// The digits at the front of `word`, -1 without any.
int number(std::string_view word) {
  int value = -1;
  for (const char c : word) {
    if (c < '0' || c > '9' || value > 100'000'000) break;
    value = (value < 0 ? 0 : value * 10) + (c - '0');
  }
  return value;
}

// "9.0" is 90.
int version_number(std::string_view word) {
  const std::size_t dot = word.find('.');
  if (dot == std::string_view::npos) return -1;
  const int major = number(word);  // ends at the dot
  const int minor = number(behind(word, dot + 1));
  return major < 0 || minor < 0 ? -1 : major * 10 + minor;
}

// Bytes of ".b8", ".u32", ".f64"; 0 for what is no fundamental type.
std::uint64_t type_size(std::string_view word) {
  if (word.size() < 3 || word[0] != '.' || strchr("busf", word[1]) == nullptr) return 0;
  const int bits = number(behind(word, 2));
  return bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128 ? static_cast<std::uint64_t>(bits) / 8 : 0;
}

// Behind .global or .const: "[.attribute(..)] [.align N] [.v2|.v4] .TYPE NAME [N]..." The name, and the size or 0.
std::string_view declaration(Words& words, std::uint64_t& size, bool& managed) {
  size = 0;
  managed = false;
  std::uint64_t factor = 1;
  for (std::string_view word = words.next(); !word.empty() && word != ";" && word != "{"; word = words.next()) {
    if (word == ".align") {
      words.next();
    } else if (word == "(") {
      for (; !word.empty() && word != ")"; word = words.next()) managed = managed || word == ".managed";
    } else if (word == ".v2" || word == ".v4") {
      factor = word == ".v2" ? 2 : 4;
    } else if (word[0] == '.') {
      if (const std::uint64_t bytes = type_size(word); bytes != 0) size = bytes;
    } else {
      size *= factor;
      return word;
    }
  }
  return {};
}

template <typename Visit>
void each_entry(const Image& image, Visit visit) {
  Words words(text_of(image));
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    if (word == ".entry" && visit(words.next())) return;
  }
}

}  // namespace

bool read_header(const unsigned char* bytes, std::size_t limit, std::size_t& size, int& version, int& target) {
  size = limit == kUnknownSize ? strlen(reinterpret_cast<const char*>(bytes)) : strnlen(reinterpret_cast<const char*>(bytes), limit);
  Words words({reinterpret_cast<const char*>(bytes), size});
  if (words.next() != ".version") return false;
  version = version_number(words.next());
  target = 0;
  if (words.next() == ".target") {
    const std::string_view name = words.next();
    if (name.starts_with("sm_")) target = number(behind(name, 3));
  }
  return version > 0;
}

Presence find_kernel(const Image& image, const char* name, KernelFacts&) {
  bool found = false;
  each_entry(image, [&](std::string_view one) { return found = one == name; });
  return found ? Presence::there : Presence::missing;
}

Presence find_variable(const Image& image, const char* name, VariableFacts& facts) {
  Words words(text_of(image));
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    if (word != ".global" && word != ".const") continue;
    std::uint64_t size = 0;
    bool managed = false;
    if (declaration(words, size, managed) != name) continue;
    for (word = words.next(); word == "["; word = words.next()) {
      const int count = number(words.next());
      if (count < 0 || __builtin_mul_overflow(size, static_cast<std::uint64_t>(count), &size)) return Presence::unknown;
      words.next();
    }
    facts = {size, nullptr, managed};
    return size != 0 ? Presence::there : Presence::unknown;
  }
  return Presence::missing;
}

bool each_kernel(const Image& image, KernelVisitor visit, void* data) {
  each_entry(image, [&](std::string_view name) { return !visit(name.data(), name.size(), data); });
  return true;
}

}  // namespace vgpu::cuda::ptx
