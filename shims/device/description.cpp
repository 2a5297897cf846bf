#include "shims/device/description.h"

#include <sys/mman.h>

#include <atomic>

#include "shims/contract.h"
#include "shims/device/default_wire.h"  // generated from config/devices
#include "shims/device/fields.h"
#include "shims/device/setting.h"

namespace vgpu::device {
namespace {

// Collects the reason of a failure in the caller's buffer, always 0-terminated.
class Reason {
 public:
  Reason(char* text, std::size_t size) : text_(text), size_(size) {
    if (size_ > 0) text_[0] = '\0';
  }

  Reason& operator<<(std::string_view part) {
    for (char c : part) {
      if (length_ + 1 >= size_) break;
      const auto byte = static_cast<unsigned char>(c);
      text_[length_++] = byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    if (size_ > 0) text_[length_] = '\0';
    return *this;
  }

  Reason& operator<<(std::uint64_t number) {
    char digits[20];
    std::size_t at = sizeof digits;
    do {
      digits[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return *this << std::string_view(digits + at, sizeof digits - at);
  }

 private:
  char* text_;
  std::size_t size_;
  std::size_t length_ = 0;
};

// Cuts `text` at the first `separator`: returns what stands before it and leaves the rest.
std::string_view cut(std::string_view& text, char separator, bool& more) {
  std::size_t at = 0;
  while (at < text.size() && text[at] != separator) ++at;
  const std::string_view head(text.data(), at);
  more = at < text.size();
  text.remove_prefix(more ? at + 1 : at);
  return head;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// The whole of `text` as a number; false when it is empty, holds anything else, or does not fit.
bool number(std::string_view text, unsigned base, std::uint64_t& value) {
  if (text.empty()) return false;
  value = 0;
  for (char c : text) {
    const auto digit = static_cast<unsigned>(digit_value(c));
    if (digit >= base) return false;
    if (value > (~std::uint64_t{0} - digit) / base) return false;
    value = value * base + digit;
  }
  return true;
}

bool hexadecimal(std::string_view text, std::uint64_t most, std::uint64_t& value) {
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) text.remove_prefix(2);
  return number(text, 16, value) && value <= most;
}

bool text_value(std::string_view text, char* to, std::size_t size) {
  if (text.empty() || text.size() >= size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const char c = i < text.size() ? text[i] : '\0';
    if (i < text.size() && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)) return false;
    to[i] = c;
  }
  return true;
}

// "DDDD:BB:dd.F"; a virtual device is always function 0.
bool address(std::string_view text, Description& device) {
  bool more = false;
  std::uint64_t domain = 0, bus = 0, slot = 0, function = 0;
  const std::string_view first = cut(text, ':', more);
  if (!more || !hexadecimal(first, 0xffffffff, domain)) return false;
  const std::string_view second = cut(text, ':', more);
  if (!more || !hexadecimal(second, 0xff, bus)) return false;
  const std::string_view third = cut(text, '.', more);
  if (!hexadecimal(third, 0x1f, slot)) return false;
  if (more && (!number(text, 10, function) || function != 0)) return false;
  device.pci_domain = static_cast<unsigned>(domain);
  device.pci_bus = static_cast<unsigned>(bus);
  device.pci_device = static_cast<unsigned>(slot);
  return true;
}

// "GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
bool uuid(std::string_view text, unsigned char (&bytes)[16]) {
  if (text.size() != 40 || text[0] != 'G' || text[1] != 'P' || text[2] != 'U' || text[3] != '-') return false;
  text.remove_prefix(4);
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return false;
      continue;
    }
    const int value = digit_value(text[i]);
    if (value > 15) return false;
    const auto old = nibble % 2 == 0 ? 0 : bytes[nibble / 2] << 4;
    bytes[nibble / 2] = static_cast<unsigned char>(old | value);
    ++nibble;
  }
  return nibble == 32;
}

void store(char* at, std::size_t size, std::uint64_t value) {
  for (std::size_t i = 0; i < size; ++i)
    at[i] = static_cast<char>(value >> (8 * i));  // x86-64 and AArch64: little-endian
}

// Puts one value into its place. `device` is null for the fields of the system.
bool set(const Field& field, std::string_view text, char* object, Description* device, Reason& reason) {
  char* at = object + field.offset;
  std::uint64_t value = 0;
  switch (field.kind) {
    case FieldKind::text:
      if (text_value(text, at, field.size)) return true;
      reason << field.key << ": not a text of 1 to " << field.size - std::uint64_t{1} << " printable characters";
      return false;
    case FieldKind::integer:
      if (number(text, 10, value) && value >= field.least && value <= field.most) {
        store(at, field.size, value);
        return true;
      }
      reason << field.key << ": '" << text << "' is not a number from " << field.least << " to " << field.most;
      return false;
    case FieldKind::hexadecimal:
      if (hexadecimal(text, field.most, value)) {
        store(at, field.size, value);
        return true;
      }
      reason << field.key << ": '" << text << "' is not a hexadecimal number of 32 bits";
      return false;
    case FieldKind::capability: {
      bool more = false;
      std::string_view rest = text;
      std::uint64_t major = 0, minor = 0;
      const std::string_view head = cut(rest, '.', more);
      if (more && number(head, 10, major) && major <= 99 && number(rest, 10, minor) && minor <= 9 &&
          10 * major + minor >= field.least && 10 * major + minor <= field.most) {
        device->cc_major = static_cast<int>(major);
        device->cc_minor = static_cast<int>(minor);
        return true;
      }
      reason << field.key << ": '" << text << "' is not a compute capability such as 9.0";
      return false;
    }
    case FieldKind::address:
      if (address(text, *device)) return true;
      reason << field.key << ": '" << text << "' is not a PCI address such as 0000:1b:00.0";
      return false;
    case FieldKind::uuid:
      if (uuid(text, device->uuid)) return true;
      reason << field.key << ": '" << text << "' is not a UUID such as GPU-01234567-89ab-cdef-0123-456789abcdef";
      return false;
  }
  return false;
}

// One section of the wire: every key known to `fields` must be there once, others are ignored.
template <std::size_t N>
bool section(std::string_view text, const Field (&fields)[N], char* object, Description* device, Reason& reason) {
  static_assert(N <= 64);
  std::uint64_t seen = 0;
  bool more = true;
  while (more) {
    std::string_view value = cut(text, ';', more);
    if (value.empty() && !more) break;  // a trailing ';'
    bool has_value = false;
    const std::string_view key = cut(value, '=', has_value);
    if (!has_value) {
      reason << "'" << key << "' has no value";
      return false;
    }
    for (std::size_t i = 0; i < N; ++i) {
      if (key != fields[i].key) continue;
      if ((seen >> i & 1) != 0) {
        reason << key << " stands twice";
        return false;
      }
      seen |= std::uint64_t{1} << i;
      if (!set(fields[i], value, object, device, reason)) return false;
    }
  }
  for (std::size_t i = 0; i < N; ++i) {
    if ((seen >> i & 1) != 0) continue;
    reason << fields[i].key << " is missing";
    return false;
  }
  return true;
}

bool same_instance(const Description& a, const Description& b, const char*& what) {
  bool same_uuid = true;
  for (std::size_t i = 0; i < sizeof a.uuid; ++i) same_uuid = same_uuid && a.uuid[i] == b.uuid[i];
  what = same_uuid ? "uuid" : "pci_address";
  return same_uuid || (a.pci_domain == b.pci_domain && a.pci_bus == b.pci_bus && a.pci_device == b.pci_device);
}

bool parse_into(std::string_view wire, System& system, Reason& reason) {
  bool more = false;
  if (!section(cut(wire, '|', more), kSystemFields, reinterpret_cast<char*>(&system), nullptr, reason)) return false;
  int count = 0;
  while (more) {
    if (count == kMaxDevices) {
      reason << "more than " << std::uint64_t{kMaxDevices} << " devices";
      return false;
    }
    Description& device = system.devices[count];
    if (!section(cut(wire, '|', more), kDeviceFields, reinterpret_cast<char*>(&device), &device, reason)) {
      reason << " (device " << static_cast<std::uint64_t>(count) << ")";
      return false;
    }
    for (int i = 0; i < count; ++i) {
      const char* what = nullptr;
      if (!same_instance(system.devices[i], device, what)) continue;
      reason << "devices " << static_cast<std::uint64_t>(i) << " and " << static_cast<std::uint64_t>(count)
             << " have the same " << what;
      return false;
    }
    ++count;
  }
  system.count = count;
  return true;
}

struct Loaded {
  System system;
  char reason[256];
};

constexpr Loaded kNothing = {};
constinit std::atomic<Loaded*> loaded = nullptr;

// Lock-free on purpose: a lock here would be held by nobody in the child of a fork that happened meanwhile. Threads
// that race parse the same text into pages of their own; one wins, the others give theirs back.
const Loaded& load() {
  if (Loaded* known = loaded.load(std::memory_order_acquire)) return *known;
  void* pages = mmap(nullptr, sizeof(Loaded), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return kNothing;
  auto* mine = static_cast<Loaded*>(pages);
  const char* given = setting(contract::kDevice);
  const std::string_view wire = given != nullptr && *given != '\0' ? given : kDefaultWire;
  parse(wire, mine->system, mine->reason, sizeof mine->reason);
  Loaded* expected = nullptr;
  if (loaded.compare_exchange_strong(expected, mine, std::memory_order_acq_rel)) return *mine;
  munmap(pages, sizeof(Loaded));
  return *expected;
}

}  // namespace

bool parse(std::string_view wire, System& system, char* reason, std::size_t reason_size) {
  system = {};
  Reason why(reason, reason_size);
  if (parse_into(wire, system, why)) return true;
  system.count = 0;
  return false;
}

const System& system() { return load().system; }

const char* system_failure() { return load().reason; }

}  // namespace vgpu::device
