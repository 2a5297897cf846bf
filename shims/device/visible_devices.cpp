#include "shims/device/visible_devices.h"

namespace vgpu::device {
namespace {

constexpr int kNone = -1;
constexpr std::uint64_t kMost = ~std::uint64_t{0} >> 1;  // of a long
constexpr std::size_t kPrefix = 4;

bool is_uuid(std::string_view entry) {
  return entry.substr(0, kPrefix) == "GPU-" || entry.substr(0, kPrefix) == "MIG-";
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// As strtol, and then cut to an int: too large a number is -1.
int number(std::string_view entry) {
  std::size_t at = 0;
  while (at < entry.size() && is_blank(entry[at])) ++at;
  const bool negative = at < entry.size() && entry[at] == '-';
  if (at < entry.size() && (entry[at] == '-' || entry[at] == '+')) ++at;
  const std::size_t first = at;
  std::uint64_t value = 0;
  for (; at < entry.size() && entry[at] >= '0' && entry[at] <= '9'; ++at) {
    const auto digit = static_cast<std::uint64_t>(entry[at] - '0');
    if (value > (kMost - digit) / 10) return kNone;
    value = value * 10 + digit;
  }
  if (at == first) return kNone;
  return static_cast<int>(static_cast<std::uint32_t>(negative ? 0 - value : value));
}

int by_uuid(const UuidDigits* devices, int count, std::string_view entry) {
  const UuidDigits wanted = uuid_digits(entry);
  int found = kNone;
  for (int i = 0; i < count; ++i) {
    if (!same_uuid(devices[i], wanted)) continue;
    if (found != kNone) return kNone;  // fits several
    found = i;
  }
  return found;
}

}  // namespace

UuidDigits uuid_digits(std::string_view name) {
  UuidDigits digits = {};
  if (!is_uuid(name)) return digits;
  for (std::size_t at = kPrefix; at < name.size() && digits.length < 32; ++at) {
    const char c = name[at] >= 'A' && name[at] <= 'F' ? static_cast<char>(name[at] - 'A' + 'a') : name[at];
    if (c == '-') continue;
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return {};
    digits.text[digits.length++] = c;
  }
  return digits;
}

UuidDigits uuid_digits(const unsigned char (&uuid)[16]) {
  constexpr char kDigits[] = "0123456789abcdef";
  UuidDigits digits = {};
  for (const unsigned char byte : uuid) {
    digits.text[digits.length++] = kDigits[byte >> 4];
    digits.text[digits.length++] = kDigits[byte & 15];
  }
  return digits;
}

bool same_uuid(const UuidDigits& a, const UuidDigits& b) {
  const int length = a.length < b.length ? a.length : b.length;
  for (int i = 0; i < length; ++i) {
    if (a.text[i] != b.text[i]) return false;
  }
  return length > 0;
}

int visible_devices(const UuidDigits* devices, int count, const char* value, int (&chosen)[kMaxDevices]) {
  int seen = 0;
  if (value == nullptr) {
    for (; seen < count && seen < kMaxDevices; ++seen) chosen[seen] = seen;
    return seen;
  }
  std::string_view rest(value);
  const bool uuids = is_uuid(rest);
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    more = comma != std::string_view::npos;
    const std::string_view entry = rest.substr(0, comma);
    const int device = uuids ? by_uuid(devices, count, entry) : number(entry);
    if (device < 0 || device >= count) break;
    for (int i = 0; i < seen; ++i) {
      if (chosen[i] == device) return kNamedTwice;
    }
    chosen[seen++] = device;
    if (more) rest.remove_prefix(comma + 1);
  }
  return seen;
}

int visible_devices(const System& system, const char* value, int (&chosen)[kMaxDevices]) {
  UuidDigits devices[kMaxDevices];
  for (int i = 0; i < system.count; ++i) devices[i] = uuid_digits(system.devices[i].uuid);
  return visible_devices(devices, system.count, value, chosen);
}

}  // namespace vgpu::device
