// Reading typed fields out of a JsonDocument while gathering what is wrong: the machinery behind manifest_reader.cpp.
// Every rule here has its twin in config/schema/manifest-1.json.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "launcher/plan/json_document.h"

namespace vgpu::plan {

class FieldReader {
 public:
  static constexpr std::size_t kMostItems = 256;     // of any array, and variables of an environment
  static constexpr std::size_t kLongestName = 64;    // characters
  static constexpr std::size_t kLongestText = 4096;  // characters

  // Duplicate keys of the document are the first complaints.
  FieldReader(const JsonDocument& document, std::string directory);

  using Read = std::function<void(const JsonValue& value, const std::string& pointer)>;
  struct Field {
    std::string_view key;
    Read read;
    bool required = false;
  };

  // Hands each known key of an object to its reader; complains of unknown keys ("x-..." apart) and of missing ones.
  void object(const JsonValue& value, const std::string& pointer, std::initializer_list<Field> fields);
  void array(const JsonValue& value, const std::string& pointer, const Read& item);

  // The value, or a fallback and a complaint.
  bool boolean(const JsonValue& value, const std::string& pointer);
  std::string prose(const JsonValue& value, const std::string& pointer);   // any string
  std::string text(const JsonValue& value, const std::string& pointer);    // not empty, no control characters
  std::string name(const JsonValue& value, const std::string& pointer);    // [A-Za-z0-9][A-Za-z0-9._+-]*
  std::string soname(const JsonValue& value, const std::string& pointer);  // a text without '/'
  std::string choice(const JsonValue& value, const std::string& pointer, const std::vector<std::string>& choices);
  // An array of strings, each once, read by one of the above.
  using ReadString = std::string (FieldReader::*)(const JsonValue&, const std::string&);
  std::vector<std::string> list(const JsonValue& value, const std::string& pointer, ReadString item);
  // Texts made absolute.
  std::string path(const JsonValue& value, const std::string& pointer);
  std::vector<std::string> paths(const JsonValue& value, const std::string& pointer);

  bool is(const JsonValue& value, const std::string& pointer, JsonValue::Type type);
  void complain(Code code, const JsonValue& value, const std::string& pointer, std::string cause, std::string fix);
  Position position(const JsonValue& value, const std::string& pointer) const;
  Problems take();  // in the order of the text
  bool good() const { return complaints_.empty(); }

 private:
  void unknown_key(const JsonMember& member, const std::string& pointer, std::initializer_list<Field> fields);
  void add(Code code, std::size_t offset, const std::string& pointer, std::string cause, std::string fix);

  const JsonDocument& document_;
  std::string directory_;
  std::vector<std::pair<std::size_t, Problem>> complaints_;  // with the offset in the text
};

// "/a/b/../c//d/." -> "/a/c/d", without looking at the file system; `base` is put in front of what is relative.
std::string absolute_path(std::string_view base, std::string_view path);

// "\"a\", \"b\""
std::string quoted_list(const std::vector<std::string>& words);

}  // namespace vgpu::plan
