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
  long long integer = 0;         // type integer; what does not fit in 63 bits is a number
  std::string string;
  std::vector<JsonValue> items;  // array
  std::vector<JsonMember> members;  // object, in file order
  std::size_t offset = 0;        // of its first byte in the text

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
  // Limits that no honest manifest reaches: 1 MiB of text, 64 levels.
  static constexpr std::size_t kMaxText = 1 << 20;
  static constexpr std::size_t kMaxDepth = 64;

  // Errors: Code::manifest_too_large, Code::manifest_syntax (also duplicate keys and invalid UTF-8), with excerpt.
  static Result<JsonDocument> parse(std::string_view text, const std::string& file);

  const JsonValue& root() const { return root_; }
  Position position(std::size_t offset, const std::string& pointer) const;
  // The line that holds the offset and a caret under its column; long lines are cut around it.
  std::string excerpt(std::size_t offset) const;

 private:
  JsonValue root_;
  std::string text_;
  std::string file_;
};

// One step of a JSON pointer, escaped (RFC 6901): "/" and "~" in a key become "~1" and "~0".
std::string pointer_step(std::string_view key);

}  // namespace vgpu::plan
