#include "launcher/plan/manifest_fields.h"

#include <algorithm>

#include "launcher/plan/manifest_reader.h"
#include "launcher/plan/suggest.h"

namespace vgpu::plan {
namespace {

constexpr std::size_t kLongestName = 64;

bool has_control_character(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

bool is_name(const std::string& text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > kLongestName || !letter(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || c == '.' || c == '_' || c == '+' || c == '-'; });
}

std::string quote(std::string_view text) { return std::string(1, '"').append(text).append(1, '"'); }

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(quote(word));
  return text;
}

}  // namespace

FieldReader::FieldReader(const JsonDocument& document, std::string directory)
    : document_(document), directory_(std::move(directory)) {}

void FieldReader::object(const JsonValue& value, const std::string& pointer, std::initializer_list<Field> fields,
                         std::initializer_list<std::string_view> ignored) {
  if (!is(value, pointer, JsonValue::Type::object)) return;
  for (const JsonMember& member : value.members) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == member.key; });
    if (field != fields.end()) {
      field->read(member.value, pointer + pointer_step(member.key));
    } else if (!member.key.starts_with("x-") && std::find(ignored.begin(), ignored.end(), member.key) == ignored.end()) {
      unknown_key(member, pointer, fields);
    }
  }
  for (const Field& field : fields) {
    if (field.required && value.find(field.key) == nullptr) {
      complain(Code::manifest_invalid, value, pointer, quote(field.key) + " is missing", "add it");
    }
  }
}

void FieldReader::array(const JsonValue& value, const std::string& pointer, const Read& item) {
  if (!is(value, pointer, JsonValue::Type::array)) return;
  for (std::size_t i = 0; i < value.items.size(); ++i) item(value.items[i], pointer + "/" + std::to_string(i));
}

bool FieldReader::boolean(const JsonValue& value, const std::string& pointer) {
  return is(value, pointer, JsonValue::Type::boolean) && value.boolean;
}

std::string FieldReader::text(const JsonValue& value, const std::string& pointer) {
  if (!is(value, pointer, JsonValue::Type::string)) return {};
  if (value.string.empty()) {
    complain(Code::manifest_invalid, value, pointer, "an empty string", "give a value, or remove the key");
  } else if (has_control_character(value.string)) {
    complain(Code::manifest_invalid, value, pointer, "holds a control character", "remove it");
  }
  return value.string;
}

std::string FieldReader::name(const JsonValue& value, const std::string& pointer) {
  if (!is(value, pointer, JsonValue::Type::string)) return {};
  if (!is_name(value.string)) {
    complain(Code::manifest_invalid, value, pointer, "not a name",
             "use 1 to 64 letters, digits, '.', '_', '+' and '-', the first a letter or digit");
  }
  return value.string;
}

std::string FieldReader::path(const JsonValue& value, const std::string& pointer) {
  const std::string given = text(value, pointer);
  return given.empty() ? given : absolute_path(directory_, given);
}

std::string FieldReader::choice(const JsonValue& value, const std::string& pointer,
                                const std::vector<std::string>& choices) {
  if (!is(value, pointer, JsonValue::Type::string)) return {};
  if (std::find(choices.begin(), choices.end(), value.string) == choices.end()) {
    const std::string guess = suggest(value.string, choices);
    complain(Code::manifest_invalid, value, pointer, "must be one of " + join(choices),
             guess.empty() ? "choose one of them" : "did you mean \"" + guess + "\"?");
  }
  return value.string;
}

std::vector<std::string> FieldReader::list(const JsonValue& value, const std::string& pointer,
                                           std::string (FieldReader::*item)(const JsonValue&, const std::string&)) {
  std::vector<std::string> result;
  array(value, pointer, [&](const JsonValue& element, const std::string& at) {
    std::string text = (this->*item)(element, at);
    if (element.type == JsonValue::Type::string && std::find(result.begin(), result.end(), text) != result.end()) {
      complain(Code::manifest_invalid, element, at, "stands in the list twice", "keep one of them");
    }
    result.push_back(std::move(text));
  });
  return result;
}

bool FieldReader::is(const JsonValue& value, const std::string& pointer, JsonValue::Type type) {
  if (value.type == type) return true;
  complain(Code::manifest_invalid, value, pointer,
           std::string("must be ") + describe(type) + ", not " + describe(value.type), "write it as docs/manifest.md says");
  return false;
}

void FieldReader::complain(Code code, const JsonValue& value, const std::string& pointer, std::string cause,
                           std::string fix) {
  add(code, value.offset, pointer, std::move(cause), std::move(fix));
}

void FieldReader::unknown_key(const JsonMember& member, const std::string& pointer, std::initializer_list<Field> fields) {
  std::vector<std::string> known;
  for (const Field& field : fields) known.emplace_back(field.key);
  const std::string guess = suggest(member.key, known);
  add(Code::manifest_invalid, member.offset, pointer + pointer_step(member.key), "unknown key",
      guess.empty() ? "use one of " + join(known) + ", or a key that begins with \"x-\"" : "did you mean \"" + guess + "\"?");
}

void FieldReader::add(Code code, std::size_t offset, const std::string& pointer, std::string cause, std::string fix) {
  if (problems_.size() >= kMostProblems) return;
  problems_.push_back({.code = code,
                       .where = to_string(document_.position(offset, pointer)),
                       .cause = std::move(cause),
                       .fix = std::move(fix),
                       .excerpt = document_.excerpt(offset)});
}

Position FieldReader::position(const JsonValue& value, const std::string& pointer) const {
  return document_.position(value.offset, pointer);
}

}  // namespace vgpu::plan
