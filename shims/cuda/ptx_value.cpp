#include "shims/cuda/ptx_value.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

namespace vgpu::cuda::ptx {
namespace {

constexpr int kDeepest = 64;  // parentheses and conditions

enum class Kind { integer, real, bits32, bits64, address };

// An integer is 64 bits wide and signed until something unsigned takes part.
struct Value {
  Kind kind;
  bool is_unsigned;
  std::uint64_t integer;  // also the address, and the bits of 0f and 0d
  double real;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '%'; }

int digit_of(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

Value integer_value(std::uint64_t integer, bool is_unsigned = false) {
  return {Kind::integer, is_unsigned, integer, 0};
}
Value real_value(double real) { return {Kind::real, false, 0, real}; }

double as_real(const Value& value) {
  if (value.kind == Kind::bits64) {
    double real = 0;
    memcpy(&real, &value.integer, sizeof real);
    return real;
  }
  if (value.kind == Kind::bits32) {
    const auto bits = static_cast<std::uint32_t>(value.integer);
    float real = 0;
    memcpy(&real, &bits, sizeof real);
    return static_cast<double>(real);
  }
  return value.real;
}

// strtod(3) that takes a point in every locale.
double decimal(const char* text) {
  const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
  if (plain == nullptr) return strtod(text, nullptr);
  const double value = strtod_l(text, nullptr, plain);
  freelocale(plain);
  return value;
}

// Expressions as in C, by precedence. The first trouble ends it all: `sense` says which.
class Expression {
 public:
  Expression(Words& words, const Resolver& resolver) : words_(words), resolver_(resolver) {}

  Sense sense() const { return sense_; }

  Value read() { return condition(); }

 private:
  struct Operator {
    const char* text;
    int precedence;
  };
  // Longer ones before those that they begin with.
  static constexpr Operator kOperators[] = {{"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<=", 7}, {">=", 7},
                                            {"<<", 8}, {">>", 8}, {"|", 3},  {"^", 4},  {"&", 5},  {"<", 7},
                                            {">", 7},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10}};

  Value fail(Sense sense = Sense::invalid) {
    if (sense_ == Sense::valid) sense_ = sense;
    return integer_value(0);
  }

  bool take(std::string_view text) {
    if (!words_.rest().starts_with(text)) return false;
    words_.take(text.size());
    return true;
  }

  Value condition() {
    if (++depth_ > kDeepest) return fail(Sense::unknown);
    Value value = binary(1);
    if (sense_ == Sense::valid && take("?")) {
      const Value yes = condition();
      if (!take(":")) return fail();
      const Value no = condition();
      if (value.kind != Kind::integer) return fail();
      value = value.integer != 0 ? yes : no;
    }
    --depth_;
    return value;
  }

  Value binary(int least) {
    Value left = unary();
    while (sense_ == Sense::valid) {
      const Operator* found = nullptr;
      for (const Operator& one : kOperators) {
        if (words_.rest().starts_with(one.text)) {
          found = &one;
          break;
        }
      }
      if (found == nullptr || found->precedence < least) return left;
      words_.take(strlen(found->text));
      left = combine(found->text, left, binary(found->precedence + 1));
    }
    return left;
  }

  Value combine(const char* text, const Value& a, const Value& b) {
    if (sense_ != Sense::valid) return integer_value(0);
    if (a.kind == Kind::address || b.kind == Kind::address) return move(text, a, b);
    if (a.kind == Kind::integer && b.kind == Kind::integer) return combine_integers(text, a, b);
    if (a.kind == Kind::integer || b.kind == Kind::integer) return fail(Sense::unknown);
    switch (text[0]) {
      case '+': return real_value(as_real(a) + as_real(b));
      case '-': return real_value(as_real(a) - as_real(b));
      case '*': return real_value(as_real(a) * as_real(b));
      case '/': return real_value(as_real(a) / as_real(b));
      default: return fail(Sense::unknown);
    }
  }

  Value move(const char* text, const Value& a, const Value& b) {
    const bool plus = text[0] == '+';
    const bool minus = text[0] == '-';
    if (a.kind == Kind::address && b.kind == Kind::integer && (plus || minus)) {
      return {Kind::address, true, plus ? a.integer + b.integer : a.integer - b.integer, 0};
    }
    return fail(Sense::unknown);
  }

  Value combine_integers(const char* text, const Value& a, const Value& b) {
    const bool is_unsigned = a.is_unsigned || b.is_unsigned;
    const std::uint64_t x = a.integer;
    const std::uint64_t y = b.integer;
    const auto sx = static_cast<std::int64_t>(x);
    const auto sy = static_cast<std::int64_t>(y);
    const auto truth = [](bool yes) { return integer_value(yes ? 1 : 0); };
    switch (text[0]) {
      case '+': return integer_value(x + y, is_unsigned);
      case '-': return integer_value(x - y, is_unsigned);
      case '*': return integer_value(x * y, is_unsigned);
      case '/':
      case '%': return divide(text[0] == '/', a, b);
      case '^': return integer_value(x ^ y, is_unsigned);
      case '|': return text[1] == '|' ? truth(x != 0 || y != 0) : integer_value(x | y, is_unsigned);
      case '&': return text[1] == '&' ? truth(x != 0 && y != 0) : integer_value(x & y, is_unsigned);
      case '=': return truth(x == y);
      case '!': return truth(x != y);
      case '<':
        if (text[1] == '<') return integer_value(y < 64 ? x << y : 0, a.is_unsigned);
        return truth(text[1] == '=' ? (is_unsigned ? x <= y : sx <= sy) : (is_unsigned ? x < y : sx < sy));
      default:
        if (text[1] == '>') return shift_right(a, y);
        return truth(text[1] == '=' ? (is_unsigned ? x >= y : sx >= sy) : (is_unsigned ? x > y : sx > sy));
    }
  }

  static Value shift_right(const Value& a, std::uint64_t count) {
    if (a.is_unsigned) return integer_value(count < 64 ? a.integer >> count : 0, true);
    return integer_value(static_cast<std::uint64_t>(static_cast<std::int64_t>(a.integer) >> (count < 63 ? count : 63)));
  }

  Value divide(bool quotient, const Value& a, const Value& b) {
    if (b.integer == 0) return fail();
    if (!quotient) return integer_value(a.integer % b.integer, true);  // NVIDIA's compiler has no other remainder
    if (a.is_unsigned || b.is_unsigned) return integer_value(a.integer / b.integer, true);
    const auto x = static_cast<std::int64_t>(a.integer);
    const auto y = static_cast<std::int64_t>(b.integer);
    return integer_value(y == -1 ? 0 - a.integer
                                 : static_cast<std::uint64_t>(x / y));  // the least number has no opposite
  }

  Value unary() {
    if (sense_ != Sense::valid) return integer_value(0);
    if (++depth_ > kDeepest) return fail(Sense::unknown);
    const Value value = unary_inside();
    --depth_;
    return value;
  }

  Value unary_inside() {
    if (take("+")) return unary();
    if (take("-")) {
      const Value value = unary();
      if (value.kind == Kind::integer) return integer_value(0 - value.integer, value.is_unsigned);
      return value.kind == Kind::address ? fail(Sense::unknown) : real_value(-as_real(value));
    }
    if (take("~")) {
      const Value value = unary();
      return value.kind == Kind::integer ? integer_value(~value.integer, value.is_unsigned) : fail(Sense::unknown);
    }
    if (take("!")) {
      const Value value = unary();
      return value.kind == Kind::integer ? integer_value(value.integer == 0 ? 1 : 0) : fail(Sense::unknown);
    }
    return primary();
  }

  Value primary() {
    if (take("(")) {
      const std::string_view type = words_.peek();
      if (type == ".s64" || type == ".u64") {
        words_.next();
        if (!take(")")) return fail();
        const Value value = unary();
        return value.kind == Kind::integer ? integer_value(value.integer, type == ".u64") : fail(Sense::unknown);
      }
      const Value value = condition();
      return take(")") ? value : fail();
    }
    const std::string_view rest = words_.rest();
    if (rest.empty()) return fail();
    if (is_digit(rest[0]) || rest[0] == '.') return number(rest);
    return is_letter(rest[0]) ? name() : fail();
  }

  Value number(std::string_view text) {
    if (text.size() > 2 && text[0] == '0') {
      const char mark = static_cast<char>(text[1] | 0x20);
      if (mark == 'f') return bits(behind(text, 2), 8, Kind::bits32);
      if (mark == 'd') return bits(behind(text, 2), 16, Kind::bits64);
      if (mark == 'x') return digits(behind(text, 2), 2, 16);
      if (mark == 'b') return digits(behind(text, 2), 2, 2);
    }
    std::size_t length = 0;
    bool fraction = false;
    while (length < text.size()) {
      const char c = text[length];
      const bool exponent = length > 0 && (c == 'e' || c == 'E');
      const bool sign = (c == '-' || c == '+') && (text[length - (length > 0 ? 1 : 0)] | 0x20) == 'e';
      if (!is_digit(c) && c != '.' && !exponent && !sign) break;
      fraction = fraction || !is_digit(c);
      ++length;
    }
    if (!fraction) return text[0] == '0' && length > 1 ? digits(behind(text, 1), 1, 8) : digits(text, 0, 10);
    char copy[128];
    if (length >= sizeof copy) return fail(Sense::unknown);
    memcpy(copy, text.data(), length);
    copy[length] = '\0';
    words_.take(length);
    return real_value(decimal(copy));
  }

  // The digits behind a prefix of `before` characters, and a U.
  Value digits(std::string_view text, std::size_t before, unsigned base) {
    std::uint64_t value = 0;
    std::size_t length = 0;
    for (; length < text.size() && digit_of(text[length]) < 16; ++length) {
      const auto digit = static_cast<unsigned>(digit_of(text[length]));
      if (digit >= base) return fail();
      if (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value))
        return fail(Sense::unknown);
    }
    if (length == 0) return fail();
    words_.take(before + length);
    const bool marked = take("U");
    return integer_value(value, marked || value >> 63 != 0);
  }

  Value bits(std::string_view text, std::size_t count, Kind kind) {
    if (text.size() < count) return fail();
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (digit_of(text[i]) > 15) return fail();
      value = value << 4 | static_cast<unsigned>(digit_of(text[i]));
    }
    words_.take(2 + count);
    return {kind, false, value, 0};
  }

  Value name() {
    const std::string_view word = words_.next();
    if (word == "generic") {  // all memory is in one address space here
      if (!take("(")) return fail();
      const Value inner = name();
      return take(")") ? inner : fail();
    }
    if (words_.peek() == "[") return fail();
    std::uint64_t address = 0;
    if (const Sense sense = resolver_.address(word, address, resolver_.data); sense != Sense::valid) return fail(sense);
    return {Kind::address, true, address, 0};
  }

  Words& words_;
  const Resolver& resolver_;
  Sense sense_ = Sense::valid;
  int depth_ = 0;
};

// One value as an element of its type; the quirks are those of a real driver's compiler.
Sense store(const Value& value, const Elements& elements, std::uint64_t& bits) {
  bits = value.integer;
  if (value.kind == Kind::integer) return elements.type == 'f' ? Sense::invalid : Sense::valid;
  if (value.kind == Kind::address) return elements.type == 'f' ? Sense::unknown : Sense::valid;
  if (elements.type == 'u' || elements.type == 's') return Sense::invalid;
  if (elements.bytes == 2) return elements.type == 'f' ? Sense::invalid : Sense::unknown;
  if (elements.bytes == 4 && value.kind != Kind::bits32) {
    const auto single = static_cast<float>(as_real(value));
    std::uint32_t word = 0;
    memcpy(&word, &single, sizeof word);
    bits = word;
    return Sense::valid;
  }
  if (elements.bytes == 4) return Sense::valid;
  if (elements.bytes != 8) return Sense::unknown;
  if (value.kind == Kind::real) memcpy(&bits, &value.real, sizeof bits);  // 0f in f64 stays the four bytes that it is
  return Sense::valid;
}

// Values one behind the other: a list that is too short leaves no gap before the next one.
class List {
 public:
  List(Words& words, const Elements& elements, const Resolver& resolver, unsigned char* out, std::uint64_t room)
      : words_(words), elements_(elements), resolver_(resolver), out_(out), room_(room) {}

  Sense read(unsigned depth, std::uint64_t& count) {
    count = 1;
    if (depth == elements_.dimensions) return read_one();
    if (words_.next() != "{") return Sense::invalid;
    count = 0;
    if (words_.peek() == "}") return words_.next(), Sense::valid;
    for (;;) {
      std::uint64_t inner = 0;
      if (const Sense sense = read(depth + 1, inner); sense != Sense::valid) return sense;
      ++count;
      const std::uint64_t most = elements_.counts[depth];
      if (most != 0 && count > most) return Sense::invalid;
      const std::string_view word = words_.next();
      if (word == "}") return Sense::valid;
      if (word != ",") return Sense::invalid;
    }
  }

 private:
  Sense read_one() {
    Expression expression(words_, resolver_);
    const Value value = expression.read();
    if (expression.sense() != Sense::valid) return expression.sense();
    std::uint64_t bits = 0;
    if (const Sense sense = store(value, elements_, bits); sense != Sense::valid) return sense;
    if (elements_.bytes > sizeof bits) return Sense::unknown;
    if (out_ != nullptr && elements_.bytes <= room_ - used_) memcpy(out_ + used_, &bits, elements_.bytes);
    if (out_ != nullptr) used_ += elements_.bytes <= room_ - used_ ? elements_.bytes : 0;
    return Sense::valid;
  }

  Words& words_;
  const Elements& elements_;
  const Resolver& resolver_;
  unsigned char* out_;
  std::uint64_t room_;
  std::uint64_t used_ = 0;
};

}  // namespace

Sense read_value(Words& words, const Elements& elements, const Resolver& resolver, unsigned char* out,
                 std::uint64_t room, std::uint64_t& rows) {
  if (elements.type == 'f' && elements.bytes == 2) return Sense::invalid;
  return List(words, elements, resolver, out, room).read(0, rows);
}

}  // namespace vgpu::cuda::ptx
