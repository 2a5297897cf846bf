#include "shims/session/settings.h"

#include <string.h>

#include "shims/contract.h"
#include "shims/device/setting.h"
#include "shims/session/layout.h"

namespace vgpu::session {
namespace {

bool number(std::string_view text, std::uint64_t& value) {
  value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    if (__builtin_mul_overflow(value, std::uint64_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, static_cast<std::uint64_t>(c - '0'), &value)) return false;
  }
  return !text.empty();
}

bool entry(std::string_view text, std::uint64_t memory, std::uint64_t& limit) {
  if (!text.empty() && text.back() == '%') {
    text.remove_suffix(1);
    if (!number(text, limit) || limit == 0 || limit > 100) return false;
    limit = memory / 100 * limit + memory % 100 * limit / 100;
  } else {
    if (!number(text, limit) || limit == 0) return false;
    if (limit > memory) limit = memory;
  }
  limit -= limit % kUnit;
  return limit != 0;
}

const char* variable(const char* name) {
  const char* value = setting(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

bool limit_of(const char* text, int index, std::uint64_t memory, std::uint64_t& limit) {
  limit = memory;
  if (text == nullptr || *text == '\0') return true;
  std::string_view rest(text);
  for (int at = 0;; ++at) {
    const std::size_t comma = rest.find(',');
    // Every entry is read, so that a mistake in one is told whatever device asks.
    std::uint64_t value = 0;
    if (!entry(rest.substr(0, comma), memory, value)) return false;
    if (at <= index) limit = value;
    if (comma == std::string_view::npos) return true;
    rest.remove_prefix(comma + 1);
  }
}

const char* session_path() { return variable(contract::kSession); }

const char* memory_limits() { return variable(contract::kMemory); }

const char* session_devices() {
  const char* order = variable(contract::kSessionDevices);
  return order != nullptr ? order : variable(contract::kVisible);
}

bool quota_required() {
  const char* value = variable(contract::kQuota);
  return value == nullptr || strcmp(value, "best-effort") != 0;
}

}  // namespace vgpu::session
