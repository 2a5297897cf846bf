// A JSON text as a tree that knows where each value stands, so that an error about a value can name line and column.
// nlohmann/json does the parsing (its SAX interface); its own tree keeps no positions and drops duplicate keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "launcher/plan/problem.h"

namespace vgpu::plan {

struct JsonMember;

struct JsonValue {
  enum class Type { null, boolean, integer, number, string, array, object };
  Type type = Type::null;
  bool boolean = false;
  long long integer = 0;  // type integer: also "1.0" and "1e0"; what no long long can hold is a number
  std::string string;
  std::vector<JsonValue> items;     // array
  std::vector<JsonMember> members;  // object, in file order; of a duplicate key the first one
  std::size_t offset = 0;           // of its first byte in the text

  const JsonValue* find(std::string_view key) const;
};

struct JsonMember {
  std::string key;
  std::size_t offset = 0;  // of the key
  JsonValue value;
};

// What a person calls it: "a string", "an array".
const char* describe(JsonValue::Type type);

class JsonDocument {
 public:
  // Limits that no honest manifest reaches.
  static constexpr std::size_t kMaxText = 1 << 20;
  static constexpr std::size_t kMaxDepth = 64;

  // Errors: Code::manifest_too_large, Code::manifest_syntax (also invalid UTF-8 and too many levels), with excerpt. A
  // byte order mark is skipped. A key that stands twice in an object is no error here: see duplicates().
  static Result<JsonDocument> parse(std::string_view text, const std::string& file);

  struct Duplicate {
    std::string pointer;
    std::size_t offset = 0;  // of the second one
  };

  const JsonValue& root() const { return root_; }
  const std::vector<Duplicate>& duplicates() const { return duplicates_; }
  // The value at a JSON pointer, or nothing.
  const JsonValue* find(std::string_view pointer) const;
  Position position(std::size_t offset, const std::string& pointer) const;
  // The line that holds the offset and a caret under its column, two lines; long lines are cut around it.
  std::string excerpt(std::size_t offset) const;

 private:
  JsonValue root_;
  std::string text_;
  std::string file_;
  std::vector<std::size_t> lines_;  // where each line begins
  std::vector<Duplicate> duplicates_;
};

// One step of a JSON pointer, escaped (RFC 6901): "/" and "~" in a key become "~1" and "~0".
std::string pointer_step(std::string_view key);

}  // namespace vgpu::plan
