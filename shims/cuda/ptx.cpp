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

// What stands behind .global, .const or .param.
struct Declaration {
  std::string_view name;
  std::uint64_t size;  // 0: not known
  std::uint64_t alignment;
  bool managed;
};

// "[.attribute(..)] [.align N] [.v2|.v4] .TYPE NAME [N]..." `after` gets the word behind it.
Declaration declaration(Words& words, std::string_view& after) {
  Declaration one = {};
  std::uint64_t factor = 1;
  for (std::string_view word = words.next(); !word.empty() && word != ";" && word != "{"; word = words.next()) {
    if (word == ".align") {
      one.alignment = static_cast<std::uint64_t>(number(words.next()));
    } else if (word == "(") {
      for (; !word.empty() && word != ")"; word = words.next()) one.managed = one.managed || word == ".managed";
    } else if (word == ".v2" || word == ".v4") {
      factor = word == ".v2" ? 2 : 4;
    } else if (word[0] == '.') {
      if (const std::uint64_t bytes = type_size(word); bytes != 0) one.size = bytes;
    } else {
      one.name = word;
      break;
    }
  }
  one.size *= factor;
  if (one.alignment == 0 || one.alignment > 4096) one.alignment = one.size != 0 ? one.size : 1;
  for (after = words.next(); after == "["; after = words.next()) {
    const int count = number(words.next());
    if (count < 0 || __builtin_mul_overflow(one.size, static_cast<std::uint64_t>(count), &one.size)) one.size = 0;
    words.next();
  }
  return one;
}

// "( .param .u64 a, .param .u32 b )" behind an entry's name; no parenthesis where there are no parameters.
void read_parameters(Words& words, KernelFacts& facts) {
  constexpr int kMost = sizeof facts.sizes / sizeof facts.sizes[0];
  facts.parameters = 0;
  std::uint64_t offset = 0;
  std::string_view word = words.next();
  if (word != "(") return;
  for (word = words.next(); word == ".param" && facts.parameters < kMost; word = words.next()) {
    const Declaration one = declaration(words, word);
    offset = (offset + one.alignment - 1) / one.alignment * one.alignment;
    facts.offsets[facts.parameters] = static_cast<std::uint16_t>(offset);
    facts.sizes[facts.parameters] = static_cast<std::uint16_t>(one.size);
    ++facts.parameters;
    offset += one.size;
    if (word != ",") return;
  }
}

// Calls visit(name, words behind it) until it says true.
template <typename Visit>
void each_entry(const Image& image, Visit visit) {
  Words words(text_of(image));
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    if (word == ".entry" && visit(words.next(), words)) return;
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

Presence find_kernel(const Image& image, const char* name, KernelFacts& facts) {
  bool found = false;
  each_entry(image, [&](std::string_view one, Words& words) {
    found = one == name;
    if (found) read_parameters(words, facts);
    return found;
  });
  return found ? Presence::there : Presence::missing;
}

Presence find_variable(const Image& image, const char* name, VariableFacts& facts) {
  Words words(text_of(image));
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    if (word != ".global" && word != ".const") continue;
    const Declaration one = declaration(words, word);
    if (one.name != name) continue;
    facts = {one.size, nullptr, one.managed};
    return one.size != 0 ? Presence::there : Presence::unknown;
  }
  return Presence::missing;
}

bool each_kernel(const Image& image, KernelVisitor visit, void* data) {
  each_entry(image, [&](std::string_view name, Words&) { return !visit(name.data(), name.size(), data); });
  return true;
}

}  // namespace vgpu::cuda::ptx
