// The receiver of nlohmann's SAX events behind JsonDocument::parse.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/plan/json_document.h"

namespace vgpu::plan {

// Walks the text for nlohmann's lexer and shows how far it has read.
class JsonCursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  JsonCursor(const char* at, const char** seen) : at_(at), seen_(seen) {}
  reference operator*() const { return *at_; }
  JsonCursor& operator++() {
    *seen_ = ++at_;
    return *this;
  }
  JsonCursor operator++(int) {
    JsonCursor old = *this;
    ++*this;
    return old;
  }
  bool operator==(const JsonCursor& other) const { return at_ == other.at_; }
  bool operator!=(const JsonCursor& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** seen_;
};

// Builds the tree. nlohmann reports a token right after it has read it, so a token begins at the first byte behind the
// token before that is neither white space nor a separator. (A number has been read one byte too far, but that byte is
// white space or a separator.) No recursion: neither here nor in nlohmann's parser; the tree is kMaxDepth deep at most.
class JsonBuilder {
 public:
  using json = nlohmann::json;

  JsonBuilder(std::string_view text, const char* const* seen, JsonValue& root,
              std::vector<JsonDocument::Duplicate>& duplicates)
      : text_(text), seen_(seen), root_(root), duplicates_(duplicates) {}

  bool null();
  bool boolean(bool value);
  bool number_integer(json::number_integer_t value);
  bool number_unsigned(json::number_unsigned_t value);
  bool number_float(json::number_float_t value, const json::string_t&);
  bool string(json::string_t& value);
  bool binary(json::binary_t&) { return false; }  // never from text
  bool start_object(std::size_t) { return open(JsonValue::Type::object); }
  bool start_array(std::size_t) { return open(JsonValue::Type::array); }
  bool end_object();
  bool end_array();
  bool key(json::string_t& name);
  bool parse_error(std::size_t, const std::string&, const json::exception& error);

  std::size_t error_offset = 0;
  std::string error_cause;
  std::string error_fix;

 private:
  std::size_t token();
  bool scalar(JsonValue value);
  JsonValue* place(JsonValue value);
  bool open(JsonValue::Type type);
  void drop_duplicates(JsonValue& object);
  std::string pointer_to_innermost() const;
  bool fail(std::size_t at, std::string cause, std::string fix);

  std::string_view text_;
  const char* const* seen_;
  JsonValue& root_;
  std::vector<JsonDocument::Duplicate>& duplicates_;
  // The containers being built. The pointers stay good: a container only grows while it is the innermost one.
  std::vector<JsonValue*> open_;
  std::size_t done_ = 0;  // end of the last token
};

}  // namespace vgpu::plan
