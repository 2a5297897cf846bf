#include "launcher/plan/manifest_fields.h"

#include <algorithm>

#include "launcher/plan/characters.h"
#include "launcher/plan/manifest_reader.h"
#include "launcher/plan/suggest.h"

namespace vgpu::plan {
namespace {

bool has_control_character(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

bool is_name(const std::string& text) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (text.empty() || text.size() > FieldReader::kLongestName || !alphanumeric(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return alphanumeric(c) || c == '.' || c == '_' || c == '+' || c == '-'; });
}

std::string quote(std::string_view text) { return std::string(1, '"').append(text).append(1, '"'); }

std::string did_you_mean(const std::string& guess) { return "did you mean " + quote(guess) + "?"; }

}  // namespace

FieldReader::FieldReader(const JsonDocument& document, std::string directory)
    : document_(document), directory_(std::move(directory)) {
  for (const JsonDocument::Duplicate& duplicate : document.duplicates()) {
    add(Code::manifest_conflict, duplicate.offset, duplicate.pointer, "the same key a second time in one object",
        "keep one of them");
  }
}

void FieldReader::object(const JsonValue& value, const std::string& pointer, std::initializer_list<Field> fields) {
  if (!is(value, pointer, JsonValue::Type::object)) return;
  for (const JsonMember& member : value.members) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == member.key; });
    if (field != fields.end()) {
      field->read(member.value, pointer + pointer_step(member.key));
    } else if (!member.key.starts_with("x-")) {
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
  if (value.items.size() > kMostItems) {
    complain(Code::manifest_invalid, value, pointer, "more than " + std::to_string(kMostItems) + " items",
             "keep what is needed");
    return;
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) item(value.items[i], pointer + "/" + std::to_string(i));
}

bool FieldReader::boolean(const JsonValue& value, const std::string& pointer) {
  return is(value, pointer, JsonValue::Type::boolean) && value.boolean;
}

std::string FieldReader::prose(const JsonValue& value, const std::string& pointer) {
  return is(value, pointer, JsonValue::Type::string) ? value.string : std::string();
}

std::string FieldReader::text(const JsonValue& value, const std::string& pointer) {
  if (!is(value, pointer, JsonValue::Type::string)) return {};
  if (value.string.empty()) {
    complain(Code::manifest_invalid, value, pointer, "an empty string", "write a value, or remove it");
  } else if (has_control_character(value.string)) {
    complain(Code::manifest_invalid, value, pointer,
             "a control character in " + quote(escaped(value.string.substr(0, 80))), "remove it");
  } else if (value.string.size() > kLongestText && count_characters(value.string) > kLongestText) {
    complain(Code::manifest_invalid, value, pointer, "longer than " + std::to_string(kLongestText) + " characters",
             "shorten it");
  }
  return value.string;
}

std::string FieldReader::name(const JsonValue& value, const std::string& pointer) {
  if (!is(value, pointer, JsonValue::Type::string)) return {};
  if (!is_name(value.string)) {
    complain(Code::manifest_invalid, value, pointer, quote(escaped(value.string.substr(0, 80))) + " is not a name",
             "use 1 to 64 letters, digits, '.', '_', '+' and '-', the first a letter or digit");
  }
  return value.string;
}

std::string FieldReader::soname(const JsonValue& value, const std::string& pointer) {
  std::string given = text(value, pointer);
  if (given.find('/') != std::string::npos) {
    complain(Code::manifest_invalid, value, pointer, "a SONAME has no '/'", "write the name alone: \"libcuda.so.1\"");
  }
  return given;
}

std::string FieldReader::path(const JsonValue& value, const std::string& pointer) {
  const std::string given = text(value, pointer);
  return given.empty() ? given : absolute_path(directory_, given);
}

std::vector<std::string> FieldReader::paths(const JsonValue& value, const std::string& pointer) {
  std::vector<std::string> given = list(value, pointer, &FieldReader::text);
  for (std::string& path : given) path = absolute_path(directory_, path);
  return given;
}

std::string FieldReader::choice(const JsonValue& value, const std::string& pointer,
                                const std::vector<std::string>& choices) {
  if (!is(value, pointer, JsonValue::Type::string)) return {};
  if (std::find(choices.begin(), choices.end(), value.string) == choices.end()) {
    const std::string guess = suggest(value.string, choices);
    complain(Code::manifest_invalid, value, pointer, "must be one of " + quoted_list(choices),
             guess.empty() ? "choose one of them" : did_you_mean(guess));
  }
  return value.string;
}

std::vector<std::string> FieldReader::list(const JsonValue& value, const std::string& pointer, ReadString item) {
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
  const bool wants_brackets = type == JsonValue::Type::array && value.type == JsonValue::Type::string;
  complain(Code::manifest_invalid, value, pointer,
           std::string("must be ") + describe(type) + ", not " + describe(value.type),
           wants_brackets ? "put it between brackets: [" + quote(escaped(value.string.substr(0, 80))) + "]"
                          : "write it as docs/manifest.md and schema/manifest-1.json say");
  return false;
}

void FieldReader::complain(Code code, const JsonValue& value, const std::string& pointer, std::string cause,
                           std::string fix) {
  add(code, value.offset, pointer, std::move(cause), std::move(fix));
}

void FieldReader::unknown_key(const JsonMember& member, const std::string& pointer,
                              std::initializer_list<Field> fields) {
  if (complaints_.size() >= kMostProblems) return;  // a suggestion is not cheap
  std::vector<std::string> known;
  for (const Field& field : fields) known.emplace_back(field.key);
  const std::string guess = suggest(member.key, known);
  add(Code::manifest_invalid, member.offset, pointer + pointer_step(member.key), "unknown key",
      guess.empty() ? "use one of " + quoted_list(known) + ", or a key that begins with \"x-\"" : did_you_mean(guess));
}

void FieldReader::add(Code code, std::size_t offset, const std::string& pointer, std::string cause, std::string fix) {
  if (complaints_.size() >= kMostProblems) return;
  complaints_.emplace_back(offset, Problem{.code = code,
                                           .where = to_string(document_.position(offset, pointer)),
                                           .cause = std::move(cause),
                                           .fix = std::move(fix),
                                           .excerpt = document_.excerpt(offset)});
}

Problems FieldReader::take() {
  std::stable_sort(complaints_.begin(), complaints_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Problems problems;
  for (auto& [offset, problem] : complaints_) problems.push_back(std::move(problem));
  return problems;
}

Position FieldReader::position(const JsonValue& value, const std::string& pointer) const {
  return document_.position(value.offset, pointer);
}

std::string absolute_path(std::string_view base, std::string_view path) {
  std::string whole;
  if (!path.starts_with('/')) whole.append(base).append(1, '/');
  whole.append(path);
  std::string result;
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t end = std::min(whole.find('/', at), whole.size());
    const std::string_view part = std::string_view(whole).substr(at, end - at);
    at = end + 1;
    if (part == "..") {
      result.resize(result.empty() ? 0 : result.rfind('/'));
    } else if (!part.empty() && part != ".") {
      result.append(1, '/').append(part);
    }
  }
  return result.empty() ? "/" : result;
}

std::string quoted_list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(quote(word));
  return text;
}

}  // namespace vgpu::plan
