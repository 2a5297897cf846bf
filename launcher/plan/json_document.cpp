#include "launcher/plan/json_document.h"

#include <algorithm>
#include <charconv>

#include "launcher/plan/characters.h"
#include "launcher/plan/json_builder.h"

namespace vgpu::plan {
namespace {

constexpr std::size_t kExcerptBytes = 100;

// The inverse of pointer_step, without the leading "/".
std::string key_of(std::string_view step) {
  std::string key;
  for (std::size_t at = 0; at < step.size(); ++at) {
    const bool escape = step[at] == '~' && at + 1 < step.size();
    key += !escape ? step[at] : step[++at] == '1' ? '/' : '~';
  }
  return key;
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
    case JsonValue::Type::null: return "null";
    case JsonValue::Type::boolean: return "true or false";
    case JsonValue::Type::integer:
    case JsonValue::Type::number: return "a number";
    case JsonValue::Type::string: return "a string";
    case JsonValue::Type::array: return "an array";
    case JsonValue::Type::object: return "an object";
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
  const std::string& kept = document.text_;
  document.lines_.push_back(0);
  for (std::size_t end = kept.find('\n'); end != std::string::npos; end = kept.find('\n', end + 1)) {
    document.lines_.push_back(end + 1);
  }
  const auto wrong = [&](std::size_t offset, const std::string& cause, const std::string& fix) {
    return Problems{{.code = Code::manifest_syntax,
                     .where = to_string(document.position(offset, {})),
                     .cause = cause,
                     .fix = fix,
                     .excerpt = document.excerpt(offset)}};
  };
  // nlohmann takes it for the end of the text.
  if (const std::size_t nul = kept.find('\0'); nul != std::string::npos) {
    return wrong(nul, "a NUL byte: this is no text", "write the manifest in UTF-8");
  }
  const char* seen = kept.data();
  JsonBuilder builder(kept, &seen, document.root_, document.duplicates_);
  const bool good =
      nlohmann::json::sax_parse(JsonCursor(kept.data(), &seen), JsonCursor(kept.data() + kept.size(), &seen), &builder);
  if (good) return document;
  return wrong(builder.error_offset, builder.error_cause, builder.error_fix);
}

const JsonValue* JsonDocument::find(std::string_view pointer) const {
  const JsonValue* value = &root_;
  while (!pointer.empty() && value != nullptr) {
    pointer.remove_prefix(1);
    const std::string_view step = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(step.size());
    if (value->type == JsonValue::Type::array) {
      std::size_t index = value->items.size();
      std::from_chars(step.data(), step.data() + step.size(), index);
      value = index < value->items.size() ? &value->items[index] : nullptr;
    } else {
      value = value->find(key_of(step));
    }
  }
  return value;
}

Position JsonDocument::position(std::size_t offset, const std::string& pointer) const {
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  const auto line = static_cast<std::size_t>(next - lines_.begin());  // lines_[0] is 0: at least 1
  return {file_, pointer, static_cast<unsigned>(line), static_cast<unsigned>(offset - lines_[line - 1] + 1)};
}

std::string JsonDocument::excerpt(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  std::size_t start = *(next - 1);
  std::size_t end = next == lines_.end() ? text_.size() : *next - 1;
  if (end > start && text_[end - 1] == '\r') --end;
  if (end - start > kExcerptBytes) {
    if (offset - start > kExcerptBytes / 2) start = offset - kExcerptBytes / 2;
    end = std::min(end, start + kExcerptBytes);
  }
  std::string line, caret;
  const std::string_view shown = std::string_view(text_).substr(0, std::max(end, offset));
  for (std::size_t at = start; at < shown.size();) {
    const Character character = character_at(shown, at);
    if (character.printable) {
      line.append(shown.substr(at, character.bytes));
    } else {
      line += text_[at] == '\t' ? ' ' : '?';
    }
    if (at < offset) caret += ' ';
    at += character.bytes;
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
