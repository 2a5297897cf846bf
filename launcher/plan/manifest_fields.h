// Reading typed fields out of a JsonDocument while gathering what is wrong: the machinery behind manifest_reader.cpp.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/plan/json_document.h"

namespace vgpu::plan {

class FieldReader {
 public:
  FieldReader(const JsonDocument& document, std::string directory);

  using Read = std::function<void(const JsonValue& value, const std::string& pointer)>;
  struct Field {
    std::string_view key;
    Read read;
    bool required = false;
  };

  // Hands each known key of an object to its reader; complains of unknown keys ("x-..." and `ignored` apart) and of
  // missing ones.
  void object(const JsonValue& value, const std::string& pointer, std::initializer_list<Field> fields,
              std::initializer_list<std::string_view> ignored = {});
  void array(const JsonValue& value, const std::string& pointer, const Read& item);

  // The value, or a fallback and a complaint.
  bool boolean(const JsonValue& value, const std::string& pointer);
  std::string text(const JsonValue& value, const std::string& pointer);  // not empty, no control characters
  std::string name(const JsonValue& value, const std::string& pointer);  // [A-Za-z0-9][A-Za-z0-9._+-]*, 64 bytes at most
  std::string path(const JsonValue& value, const std::string& pointer);  // made absolute
  std::string choice(const JsonValue& value, const std::string& pointer, const std::vector<std::string>& choices);
  std::vector<std::string> list(const JsonValue& value, const std::string& pointer,
                                std::string (FieldReader::*item)(const JsonValue&, const std::string&));

  bool is(const JsonValue& value, const std::string& pointer, JsonValue::Type type);
  void complain(Code code, const JsonValue& value, const std::string& pointer, std::string cause, std::string fix);
  Position position(const JsonValue& value, const std::string& pointer) const;
  Problems take() { return std::move(problems_); }
  bool good() const { return problems_.empty(); }

 private:
  void unknown_key(const JsonMember& member, const std::string& pointer, std::initializer_list<Field> fields);
  void add(Code code, std::size_t offset, const std::string& pointer, std::string cause, std::string fix);

  const JsonDocument& document_;
  std::string directory_;
  Problems problems_;
};

}  // namespace vgpu::plan
