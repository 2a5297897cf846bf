#include "launcher/plan/json_document.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace vgpu::plan {
namespace {

using nlohmann::json;

// Walks the text for nlohmann's lexer and shows how far it has read.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** seen) : at_(at), seen_(seen) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    ++at_;
    *seen_ = at_;
    return *this;
  }
  Cursor operator++(int) {
    Cursor old = *this;
    ++*this;
    return old;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }
  bool operator!=(const Cursor& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** seen_;
};

// Builds the tree. Each event comes right after its token was read, so a token begins at the first byte behind the one
// before that is neither white space nor a separator.
class Builder {
 public:
  Builder(std::string_view text, const char* const* seen, JsonValue& root) : text_(text), seen_(seen), root_(root) {}

  bool null() { return add({}, 0); }
  bool boolean(bool value) {
    JsonValue made;
    made.type = JsonValue::Type::boolean;
    made.boolean = value;
    return add(std::move(made), 0);
  }
  bool number_integer(json::number_integer_t value) {
    JsonValue made;
    made.type = JsonValue::Type::integer;
    made.integer = value;
    return add(std::move(made), 1);
  }
  bool number_unsigned(json::number_unsigned_t value) {
    if (value <= static_cast<json::number_unsigned_t>(std::numeric_limits<long long>::max())) {
      return number_integer(static_cast<json::number_integer_t>(value));
    }
    return number_float(0, {});
  }
  bool number_float(json::number_float_t, const json::string_t&) {
    JsonValue made;
    made.type = JsonValue::Type::number;
    return add(std::move(made), 1);
  }
  bool string(json::string_t& value) {
    JsonValue made;
    made.type = JsonValue::Type::string;
    made.string = std::move(value);
    return add(std::move(made), 0);
  }
  bool binary(json::binary_t&) { return false; }  // never from text
  bool start_object(std::size_t) { return open(JsonValue::Type::object); }
  bool start_array(std::size_t) { return open(JsonValue::Type::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(json::string_t& name) {
    const std::size_t at = token(0);
    std::vector<JsonMember>& members = open_.back()->members;
    for (const JsonMember& member : members) {
      if (member.key == name) return fail(at, "the key \"" + name + "\" stands twice in one object", "keep one of them");
    }
    members.push_back({std::move(name), at, {}});
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ...: REASON"
    std::string what = error.what();
    if (const std::size_t colon = what.find(": "); colon != std::string::npos) what.erase(0, colon + 2);
    const std::size_t read = static_cast<std::size_t>(*seen_ - text_.data());
    return fail(read == 0 ? 0 : read - 1, what, "correct the JSON; jq . FILE shows the same place");
  }

  std::size_t error_offset = 0;
  std::string error_cause;
  std::string error_fix;

 private:
  // `lookahead`: a number ends where the next byte says so, and that byte has been read.
  std::size_t token(std::size_t lookahead) {
    std::size_t at = done_;
    while (at < text_.size() && std::string_view(" \t\r\n,:").find(text_[at]) != std::string_view::npos) ++at;
    done_ = static_cast<std::size_t>(*seen_ - text_.data());
    if (lookahead != 0 && done_ > at + 1 && done_ > 0 && std::isdigit(static_cast<unsigned char>(text_[done_ - 1])) == 0) {
      --done_;
    }
    return at;
  }
  bool add(JsonValue value, std::size_t lookahead) {
    value.offset = token(lookahead);
    place(std::move(value));
    return true;
  }
  JsonValue* place(JsonValue value) {
    if (open_.empty()) return &(root_ = std::move(value));
    JsonValue& parent = *open_.back();
    if (parent.type == JsonValue::Type::array) return &parent.items.emplace_back(std::move(value));
    return &(parent.members.back().value = std::move(value));
  }
  bool open(JsonValue::Type type) {
    JsonValue made;
    made.type = type;
    made.offset = token(0);
    if (open_.size() >= JsonDocument::kMaxDepth) {
      return fail(made.offset, "nested more than " + std::to_string(JsonDocument::kMaxDepth) + " levels deep",
                  "a manifest needs 5");
    }
    open_.push_back(place(std::move(made)));
    return true;
  }
  bool close() {
    token(0);
    open_.pop_back();
    return true;
  }
  bool fail(std::size_t at, std::string cause, std::string fix) {
    error_offset = std::min(at, text_.size());
    error_cause = std::move(cause);
    error_fix = std::move(fix);
    return false;
  }

  std::string_view text_;
  const char* const* seen_;
  JsonValue& root_;
  // Pointers stay good: a container only grows while it is the innermost open one.
  std::vector<JsonValue*> open_;
  std::size_t done_ = 0;
};

Problem problem(Code code, const JsonDocument& document, std::size_t offset, std::string cause, std::string fix) {
  return {.code = code,
          .where = to_string(document.position(offset, {})),
          .cause = std::move(cause),
          .fix = std::move(fix),
          .excerpt = document.excerpt(offset)};
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  for (const JsonMember& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

const char* describe(JsonValue::Type type) {
  switch (type) {
    case JsonValue::Type::null:
      return "null";
    case JsonValue::Type::boolean:
      return "true or false";
    case JsonValue::Type::integer:
    case JsonValue::Type::number:
      return "a number";
    case JsonValue::Type::string:
      return "a string";
    case JsonValue::Type::array:
      return "an array";
    case JsonValue::Type::object:
      return "an object";
  }
  return "?";
}

Result<JsonDocument> JsonDocument::parse(std::string_view text, const std::string& file) {
  JsonDocument document;
  document.file_ = file;
  if (text.size() > kMaxText) {
    return Problems{{.code = Code::manifest_too_large,
                     .where = file,
                     .cause = "larger than " + std::to_string(kMaxText) + " bytes",
                     .fix = "split it into several files in manifest.d",
                     .excerpt = {}}};
  }
  document.text_ = text;
  if (document.text_.starts_with("\xef\xbb\xbf")) document.text_.replace(0, 3, "   ");  // a byte order mark
  const std::string& kept = document.text_;
  const char* seen = kept.data();
  Builder builder(kept, &seen, document.root_);
  const bool good = json::sax_parse(Cursor(kept.data(), &seen), Cursor(kept.data() + kept.size(), &seen), &builder);
  if (!good) {
    return Problems{problem(Code::manifest_syntax, document, builder.error_offset, builder.error_cause, builder.error_fix)};
  }
  return document;
}

Position JsonDocument::position(std::size_t offset, const std::string& pointer) const {
  const std::string_view before = std::string_view(text_).substr(0, offset);
  const std::size_t line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return {file_, pointer, static_cast<unsigned>(line + 1), static_cast<unsigned>(offset - start + 1)};
}

std::string JsonDocument::excerpt(std::size_t offset) const {
  constexpr std::size_t kWidth = 100;
  offset = std::min(offset, text_.size());
  std::size_t start = offset;
  while (start > 0 && text_[start - 1] != '\n') --start;
  std::size_t end = std::min(text_.find('\n', offset), text_.size());
  if (end - start > kWidth) {
    if (offset - start > kWidth / 2) start = offset - kWidth / 2;
    end = std::min(end, start + kWidth);
  }
  std::string line, caret;
  for (std::size_t at = start; at < end || at == offset; ++at) {
    const unsigned char byte = at < end ? static_cast<unsigned char>(text_[at]) : ' ';
    if (at < end) line += byte < 0x20 || byte == 0x7f ? ' ' : static_cast<char>(byte);
    if (at < offset && (byte & 0xc0) != 0x80) caret += ' ';  // one column for a UTF-8 sequence
  }
  return line + "\n" + caret + "^";
}

std::string pointer_step(std::string_view key) {
  std::string step = "/";
  for (const char c : key) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

}  // namespace vgpu::plan
