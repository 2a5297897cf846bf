#include "shims/device/visible_devices.h"

#include <string_view>

#include "shims/device/uuid.h"

namespace vgpu::device {
namespace {

constexpr int kNone = -1;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

int ordinal(std::string_view text, int count) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return kNone;
    value = value * 10 + (c - '0');
    if (value >= count) return kNone;
  }
  return value;
}

char lower(char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_with(std::string_view uuid, std::string_view prefix) {
  if (prefix.size() > uuid.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    const bool same = i < 4 ? prefix[i] == uuid[i] : lower(prefix[i]) == uuid[i];
    if (!same) return false;
  }
  return true;
}

int by_uuid(const System& system, std::string_view text) {
  int found = kNone;
  for (int i = 0; i < system.count; ++i) {
    UuidText uuid;
    format_uuid(system.devices[i].uuid, uuid);
    if (!starts_with(std::string_view(uuid, sizeof uuid - 1), text)) continue;
    if (found != kNone) return kNone;  // fits several
    found = i;
  }
  return found;
}

int device_named(const System& system, std::string_view text) {
  if (text.empty()) return kNone;
  if (text.substr(0, 4) == "GPU-") return by_uuid(system, text);
  return ordinal(text, system.count);
}

}  // namespace

int visible_devices(const System& system, const char* value, int (&physical)[kMaxDevices]) {
  int count = 0;
  if (value == nullptr) {
    for (; count < system.count; ++count) physical[count] = count;
    return count;
  }
  std::string_view rest(value);
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    more = comma != std::string_view::npos;
    const int device = device_named(system, trimmed(rest.substr(0, comma)));
    if (device == kNone) break;
    for (int i = 0; i < count; ++i) {
      if (physical[i] == device) return 0;
    }
    physical[count++] = device;
    if (more) rest.remove_prefix(comma + 1);
  }
  return count;
}

}  // namespace vgpu::device
