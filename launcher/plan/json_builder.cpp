#include "launcher/plan/json_builder.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace vgpu::plan {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// What the commonest slips look like at the byte where the parser gave up.
std::string advice(std::string_view text, std::size_t at) {
  const char here = at < text.size() ? text[at] : '\0';
  std::size_t before = std::min(at, text.size());
  while (before > 0 && is_space(text[before - 1])) --before;
  const char previous = before > 0 ? text[before - 1] : '\0';
  if ((here == ']' || here == '}') && previous == ',') return "remove the comma in front of it";
  if (here == '/' || here == '#') return "JSON has no comments: write a key \"x-comment\" instead";
  if (here == '\'') return "put strings between double quotes";
  if (here == '"' && (previous == '"' || previous == '}' || previous == ']')) return "put a comma in front of it";
  return "correct the JSON; a manifest is one object { ... }";
}

// "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing array - unexpected ']';
// expected ..." -> "unexpected ']'; expected ...". What it read last stands in the excerpt.
std::string brief(std::string what) {
  if (what.starts_with('[')) what.erase(0, what.find("] ") + 2);
  if (what.starts_with("parse error at")) what.erase(0, what.find(": ") + 2);
  if (const std::size_t dash = what.find(" - "); dash != std::string::npos) what.erase(0, dash + 3);
  if (const std::size_t last = what.find("; last read: "); last != std::string::npos) {
    const std::size_t end = what.find("; expected ", last);
    what.erase(last, end == std::string::npos ? end : end - last);
  }
  return what;
}

}  // namespace

bool JsonBuilder::null() { return scalar({}); }

bool JsonBuilder::boolean(bool value) {
  JsonValue made;
  made.type = JsonValue::Type::boolean;
  made.boolean = value;
  return scalar(std::move(made));
}

bool JsonBuilder::number_integer(json::number_integer_t value) {
  JsonValue made;
  made.type = JsonValue::Type::integer;
  made.integer = value;
  return scalar(std::move(made));
}

bool JsonBuilder::number_unsigned(json::number_unsigned_t value) {
  constexpr auto kMost = static_cast<json::number_unsigned_t>(std::numeric_limits<json::number_integer_t>::max());
  if (value <= kMost) return number_integer(static_cast<json::number_integer_t>(value));
  return number_float(static_cast<json::number_float_t>(value), {});
}

// JSON Schema has one kind of number: 1.0 is an integer.
bool JsonBuilder::number_float(json::number_float_t value, const json::string_t&) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (value >= -kExact && value <= kExact) {
    const auto whole = static_cast<json::number_integer_t>(value);
    if (static_cast<double>(whole) == value) return number_integer(whole);
  }
  JsonValue made;
  made.type = JsonValue::Type::number;
  return scalar(std::move(made));
}

bool JsonBuilder::string(json::string_t& value) {
  JsonValue made;
  made.type = JsonValue::Type::string;
  made.string = std::move(value);
  return scalar(std::move(made));
}

bool JsonBuilder::key(json::string_t& name) {
  open_.back()->members.push_back({std::move(name), token(), {}});
  return true;
}

bool JsonBuilder::end_object() {
  token();
  drop_duplicates(*open_.back());
  open_.pop_back();
  return true;
}

bool JsonBuilder::end_array() {
  token();
  open_.pop_back();
  return true;
}

bool JsonBuilder::parse_error(std::size_t, const std::string&, const json::exception& error) {
  const std::string cause = brief(error.what());
  const auto read = static_cast<std::size_t>(*seen_ - text_.data());
  const bool at_end = cause.starts_with("unexpected end of input");
  const std::size_t at = at_end || read == 0 ? read : read - 1;
  return fail(at, cause, at_end ? "the file is cut off: close what is open" : advice(text_, at));
}

std::size_t JsonBuilder::token() {
  std::size_t at = done_;
  while (at < text_.size() && (is_space(text_[at]) || text_[at] == ',' || text_[at] == ':')) ++at;
  done_ = static_cast<std::size_t>(*seen_ - text_.data());
  return at;
}

bool JsonBuilder::scalar(JsonValue value) {
  value.offset = token();
  place(std::move(value));
  return true;
}

JsonValue* JsonBuilder::place(JsonValue value) {
  if (open_.empty()) return &(root_ = std::move(value));
  JsonValue& parent = *open_.back();
  if (parent.type == JsonValue::Type::array) return &parent.items.emplace_back(std::move(value));
  return &(parent.members.back().value = std::move(value));
}

bool JsonBuilder::open(JsonValue::Type type) {
  JsonValue made;
  made.type = type;
  made.offset = token();
  if (open_.size() >= JsonDocument::kMaxDepth) {
    return fail(made.offset, "nested more than " + std::to_string(JsonDocument::kMaxDepth) + " levels deep",
                "take some levels out: a manifest needs 6");
  }
  open_.push_back(place(std::move(made)));
  return true;
}

// The first of each key stays. Sorting keeps an object of 100 000 keys from costing 100 000 squared comparisons.
void JsonBuilder::drop_duplicates(JsonValue& object) {
  std::vector<JsonMember>& members = object.members;
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int difference = members[a].key.compare(members[b].key);
    return difference != 0 ? difference < 0 : a < b;
  });
  std::vector<std::size_t> twice;
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (members[order[i - 1]].key == members[order[i]].key) twice.push_back(order[i]);
  }
  if (twice.empty()) return;
  std::sort(twice.begin(), twice.end());
  const std::string pointer = pointer_to_innermost();
  std::vector<JsonMember> kept;
  for (std::size_t i = 0, next = 0; i < members.size(); ++i) {
    if (next == twice.size() || twice[next] != i) {
      kept.push_back(std::move(members[i]));
    } else {
      constexpr std::size_t kEnough = 100;
      if (duplicates_.size() < kEnough)
        duplicates_.push_back({pointer + pointer_step(members[i].key), members[i].offset});
      ++next;
    }
  }
  members = std::move(kept);
}

std::string JsonBuilder::pointer_to_innermost() const {
  std::string pointer;
  for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
    const JsonValue& container = *open_[i];
    pointer += pointer_step(container.type == JsonValue::Type::array ? std::to_string(container.items.size() - 1)
                                                                     : container.members.back().key);
  }
  return pointer;
}

bool JsonBuilder::fail(std::size_t at, std::string cause, std::string fix) {
  error_offset = std::min(at, text_.size());
  error_cause = std::move(cause);
  error_fix = std::move(fix);
  return false;
}

}  // namespace vgpu::plan
