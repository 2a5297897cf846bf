#include "shims/cuda/ptx.h"

#include <string.h>

#include <string_view>

#include "shims/cuda/ptx_value.h"

namespace vgpu::cuda::ptx {
namespace {

constexpr int kNewestVersion = 90;  // of CUDA 13.0

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
  if (dot == std::string_view::npos) return 0;
  const int major = number(word);  // ends at the dot
  const int minor = number(behind(word, dot + 1));
  return major < 0 || minor < 0 ? 0 : major * 10 + minor;
}

// Bytes of ".b8", ".u32", ".f64"; 0 for what is no fundamental type.
std::uint64_t type_size(std::string_view word) {
  if (word.size() < 3 || word[0] != '.' || strchr("busf", word[1]) == nullptr) return 0;
  const int bits = number(behind(word, 2));
  return bits == 8 || bits == 16 || bits == 32 || bits == 64 || bits == 128 ? static_cast<std::uint64_t>(bits) / 8 : 0;
}

// "[3]" is 3, "[]" 0. False for what cannot be one.
bool read_count(Words& words, std::uint64_t& count) {
  count = 0;
  std::string_view word = words.next();
  if (word == "]") return true;
  const bool hexadecimal = word.starts_with("0x") || word.starts_with("0X");
  if (hexadecimal) word.remove_prefix(2);
  if (word.ends_with('U')) word.remove_suffix(1);
  if (word.empty()) return false;
  for (const char c : word) {
    const unsigned base = hexadecimal ? 16 : 10;
    const auto digit = static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    if (digit >= base || __builtin_mul_overflow(count, base, &count) || __builtin_add_overflow(count, digit, &count))
      return false;
  }
  return count != 0 && words.next() == "]";
}

// What stands behind .global, .const or .param.
struct Declaration {
  std::string_view name;
  Elements elements;
  std::uint64_t size;  // 0: not known, or the list tells
  std::uint64_t alignment;
  bool managed;
  bool wrong;   // surely
  bool opaque;  // of a type or shape that is not read
};

// "[.attribute(..)] [.align N] [.v2|.v4] .TYPE", up to the name, which is left.
Declaration read_type(Words& words) {
  Declaration one = {};
  unsigned vector = 0;
  for (std::string_view word = words.peek(); word.starts_with('.') || word == "("; word = words.peek()) {
    words.next();
    if (word == ".align") {
      one.alignment = static_cast<std::uint64_t>(number(words.next()));
    } else if (word == "(") {
      for (; !word.empty() && word != ")"; word = words.next()) one.managed = one.managed || word == ".managed";
    } else if (word == ".v2" || word == ".v4") {
      vector = word == ".v2" ? 2 : 4;
    } else if (const std::uint64_t bytes = type_size(word); bytes != 0) {
      one.elements.type = word[1];
      one.elements.bytes = bytes;
    } else if (word == ".pred") {
      one.wrong = true;
    }
  }
  one.opaque = one.elements.bytes == 0;
  one.size = one.elements.bytes * (vector != 0 ? vector : 1);
  if (one.alignment == 0 || one.alignment > 4096) one.alignment = one.size != 0 ? one.size : 1;
  one.elements.counts[0] = vector;  // read_name moves it behind the array's
  one.elements.dimensions = vector != 0 ? 1 : 0;
  return one;
}

// "NAME [N]...", for a declaration that has its type.
void read_name(Words& words, Declaration& one) {
  constexpr unsigned kMost = sizeof one.elements.counts / sizeof one.elements.counts[0];
  const std::uint64_t vector = one.elements.dimensions != 0 ? one.elements.counts[0] : 0;
  unsigned dimensions = 0;
  one.name = words.next();
  while (words.peek() == "[") {
    words.next();
    std::uint64_t count = 0;
    if (!read_count(words, count) || (count == 0 && dimensions != 0)) {
      one.wrong = true;
      return;
    }
    if (dimensions == kMost - 1 || __builtin_mul_overflow(one.size, count, &one.size)) {
      one.opaque = true;
      one.size = 0;
      return;
    }
    one.elements.counts[dimensions++] = count;
  }
  if (vector != 0) one.elements.counts[dimensions++] = vector;
  one.elements.dimensions = dimensions;
}

// Over the value behind '=', to the ',' or ';' behind it.
void skip_value(Words& words) {
  int depth = 0;
  for (std::string_view word = words.peek(); !word.empty(); word = words.peek()) {
    if (word == ";" || (word == "," && depth == 0)) return;
    if (word == "{" || word == "(" || word == "[") ++depth;
    if (word == "}" || word == ")" || word == "]") --depth;
    words.next();
  }
}

// "( .param .u64 a, .param .u32 b )" behind an entry's name; no parenthesis where there are no parameters.
void read_parameters(Words words, KernelFacts& facts) {
  constexpr int kMost = sizeof facts.sizes / sizeof facts.sizes[0];
  facts.parameters = 0;
  std::uint64_t offset = 0;
  if (words.next() != "(") return;
  while (words.next() == ".param" && facts.parameters < kMost) {
    Declaration one = read_type(words);
    read_name(words, one);
    offset = (offset + one.alignment - 1) / one.alignment * one.alignment;
    facts.offsets[facts.parameters] = static_cast<std::uint16_t>(offset);
    facts.sizes[facts.parameters] = static_cast<std::uint16_t>(one.size);
    ++facts.parameters;
    offset += one.size;
    if (words.next() != ",") return;
  }
}

// Over "{ ... }", of which the first brace was read. False when the text ends before it.
bool skip_braces(Words& words) {
  for (int depth = 1; depth != 0;) {
    const std::string_view word = words.next();
    if (word.empty()) return false;
    if (word == "{") ++depth;
    if (word == "}") --depth;
  }
  return true;
}

// What the walk over the statements outside of functions came to.
enum class End { sound, wrong, unknown, stopped };

// The statements that are told to nobody, up to their end.
End skip_statement(std::string_view directive, Words& words) {
  if (directive == ".version" || directive == ".address_size") return words.next(), End::sound;
  if (directive == ".target") {
    words.next();
    while (words.peek() == ",") words.next(), words.next();
    return End::sound;
  }
  if (directive == ".file" || directive == ".loc") {  // numbers, with or without ',' between
    while (!words.peek().empty() && (words.peek() == "," || number(words.peek()) >= 0)) words.next();
    return End::sound;
  }
  if (directive == ".section") {
    words.next();
    return words.next() == "{" && skip_braces(words) ? End::sound : End::wrong;
  }
  for (const std::string_view known : {".shared", ".local", ".param", ".reg", ".sreg", ".tex", ".pragma", ".alias"}) {
    if (directive != known) continue;
    std::string_view word = words.next();
    while (!word.empty() && word != ";") word = words.next();
    return word.empty() ? End::wrong : End::sound;
  }
  return End::wrong;
}

// Behind a function's name: its parameters and directives, and its body or a ';'.
bool skip_function(Words& words) {
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    if (word == ";") return true;
    if (word == "{") return skip_braces(words);
  }
  return false;
}

// `variable(declaration, words)` reads or skips the value, in front of which `words` stands, and `function(is_entry,
// name, words)` looks at what is behind the name, of a copy of `words`; either ends the walk with false.
template <typename Variable, typename Function>
End walk(const Image& image, Variable variable, Function function) {
  Words words(text_of(image));
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    if (word == "@") return End::unknown;  // debugging lines of old compilers
    while (word == ".visible" || word == ".extern" || word == ".weak" || word == ".common") word = words.next();
    if (word == ".entry" || word == ".func") {
      while (words.peek().starts_with('.')) words.next();
      for (std::string_view result = words.peek(); result == "(";) {  // what a function returns
        while (!result.empty() && result != ")") result = words.next();
      }
      const std::string_view name = words.next();
      if (!function(word == ".entry", name, words)) return End::stopped;
      if (!skip_function(words)) return End::wrong;
    } else if (word == ".global" || word == ".const") {
      const Declaration type = read_type(words);
      std::string_view separator = ",";
      while (separator == ",") {
        Declaration one = type;
        read_name(words, one);
        if (one.wrong) return End::wrong;
        if (!variable(one, words)) return End::stopped;
        separator = words.next();
      }
      if (separator != ";") return End::wrong;
    } else if (const End end = skip_statement(word, words); end != End::sound) {
      return end;
    }
  }
  return End::sound;
}

bool no_function(bool, std::string_view, const Words&) { return true; }

// Whether somebody has the name in front of `before`.
Sense declared(const Image& image, std::string_view wanted, const char* before) {
  Sense sense = Sense::invalid;
  walk(
      image,
      [&](const Declaration& one, Words& words) {
        if (one.name.data() >= before) return false;
        if (one.name == wanted) sense = Sense::valid;
        skip_value(words);
        return sense == Sense::invalid;
      },
      [&](bool, std::string_view name, const Words&) {
        if (name.data() >= before) return false;
        if (name == wanted) sense = Sense::unknown;
        return sense == Sense::invalid;
      });
  return sense;
}

struct Reference {
  const Image* image;
  const char* before;
};

Sense check_name(std::string_view name, std::uint64_t& address, void* data) {
  const auto& reference = *static_cast<const Reference*>(data);
  address = 0;
  return declared(*reference.image, name, reference.before);
}

// Reads the value in front of which `words` stands, if there is one, and leaves `words` behind it.
Sense check_value(const Image& image, const Declaration& one, Words& words, std::uint64_t& rows) {
  rows = 0;
  if (words.peek() != "=") return Sense::valid;
  words.next();
  Words reader = words;
  skip_value(words);
  if (one.opaque) return Sense::unknown;
  Reference reference = {&image, one.name.data()};
  const Sense sense = read_value(reader, one.elements, {check_name, &reference}, nullptr, 0, rows);
  if (sense != Sense::valid) return sense;
  return reader.rest().data() == words.rest().data() ? Sense::valid : Sense::invalid;
}

// Of a list that tells how long the array is.
std::uint64_t whole_size(const Declaration& one, std::uint64_t rows) {
  std::uint64_t size = one.elements.bytes;
  for (unsigned i = 0; i < one.elements.dimensions; ++i) {
    const std::uint64_t count = i == 0 && one.elements.counts[0] == 0 ? rows : one.elements.counts[i];
    if (__builtin_mul_overflow(size, count, &size)) return 0;
  }
  return size;
}

struct Lookup {
  AddressOf address_of;
  void* data;
};

Sense look_up_name(std::string_view name, std::uint64_t& address, void* data) {
  const auto& lookup = *static_cast<const Lookup*>(data);
  return lookup.address_of(name.data(), name.size(), address, lookup.data) ? Sense::valid : Sense::unknown;
}

}  // namespace

bool read_header(const unsigned char* bytes, std::size_t limit, std::size_t& size, int& version, int& target) {
  size = limit == kUnknownSize ? strlen(reinterpret_cast<const char*>(bytes))
                               : strnlen(reinterpret_cast<const char*>(bytes), limit);
  Words words({reinterpret_cast<const char*>(bytes), size});
  version = target = 0;
  if (words.next() != ".version") return false;
  version = version_number(words.next());
  if (words.next() == ".target") {
    const std::string_view name = words.next();
    if (name.starts_with("sm_")) target = number(behind(name, 3));
  }
  return true;
}

CUresult check(const Image& image, int capability) {
  int version = 0;
  int target = 0;
  std::size_t ignored = 0;
  if (!read_header(image.bytes, image.size, ignored, version, target)) return CUDA_ERROR_INVALID_IMAGE;
  if (version > kNewestVersion) return CUDA_ERROR_UNSUPPORTED_PTX_VERSION;
  if (version == 0 || target <= 0 || target > capability) return CUDA_ERROR_INVALID_PTX;
  const End end = walk(
      image,
      [&](const Declaration& one, Words& words) {
        std::uint64_t rows = 0;
        return check_value(image, one, words, rows) != Sense::invalid;
      },
      no_function);
  return end == End::wrong || end == End::stopped ? CUDA_ERROR_INVALID_PTX : CUDA_SUCCESS;
}

Presence find_kernel(const Image& image, const char* name, KernelFacts& facts) {
  bool found = false;
  walk(
      image,
      [](const Declaration&, Words& words) {
        skip_value(words);
        return true;
      },
      [&](bool is_entry, std::string_view one, const Words& words) {
        found = is_entry && one == name;
        if (found) read_parameters(words, facts);
        return !found;
      });
  return found ? Presence::there : Presence::missing;
}

Presence find_variable(const Image& image, const char* name, VariableFacts& facts) {
  Presence presence = Presence::missing;
  walk(
      image,
      [&](const Declaration& one, Words& words) {
        if (one.name != name) return skip_value(words), true;
        facts = {one.size, nullptr, one.managed, words.peek() == "=", image};
        std::uint64_t rows = 0;
        const bool told = check_value(image, one, words, rows) == Sense::valid;
        if (one.size == 0 && told) facts.size = whole_size(one, rows);
        presence = told && facts.size != 0 ? Presence::there : Presence::unknown;
        return false;
      },
      no_function);
  return presence;
}

bool each_kernel(const Image& image, KernelVisitor visit, void* data) {
  walk(
      image,
      [](const Declaration&, Words& words) {
        skip_value(words);
        return true;
      },
      [&](bool is_entry, std::string_view name, const Words&) {
        return !is_entry || visit(name.data(), name.size(), data);
      });
  return true;
}

bool write_initial(const Image& image, const char* name, unsigned char* out, std::size_t size, AddressOf address_of,
                   void* data) {
  bool written = false;
  Lookup lookup = {address_of, data};
  walk(
      image,
      [&](const Declaration& one, Words& words) {
        if (one.name != name) return skip_value(words), true;
        std::uint64_t rows = 0;
        written = words.next() == "=" &&
                  read_value(words, one.elements, {look_up_name, &lookup}, out, size, rows) == Sense::valid;
        return false;
      },
      no_function);
  return written;
}

}  // namespace vgpu::cuda::ptx
