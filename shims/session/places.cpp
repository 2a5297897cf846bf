#include "shims/session/places.h"

#include <string.h>

#include <string_view>

#include "shims/device/uuid.h"
#include "shims/session/settings.h"

namespace vgpu::session {
namespace {

using Whole = unsigned __int128;

std::string_view kept_for(const Account& account) { return {account.kept, strnlen(account.kept, sizeof account.kept)}; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

// "0000:1b:00.0" as Blueprint::Device has it.
bool address_of(std::string_view text, std::uint64_t& address) {
  std::uint64_t fields[3] = {};
  int field = 0;
  for (const char c : text) {
    if (c == '.') break;  // a GPU is function 0
    if (c == ':' && ++field > 2) return false;
    if (c == ':') continue;
    if (digit(c) < 0) return false;
    fields[field] = fields[field] << 4 | static_cast<std::uint64_t>(digit(c));
  }
  address = fields[0] << 32 | fields[1] << 8 | fields[2];
  return field == 2;
}

// "GPU-..." and "MIG-..." are told apart by what follows.
bool names(std::string_view entry, const unsigned char (&uuid)[16], std::uint64_t address) {
  constexpr std::size_t kPrefix = 4;
  if (entry.size() > kPrefix && entry[kPrefix - 1] == '-') {
    device::UuidText text;
    device::format_uuid(uuid, text);
    if (entry.size() > sizeof text - 1) return false;
    for (std::size_t i = kPrefix; i < entry.size(); ++i) {
      if (lower(entry[i]) != text[i]) return false;
    }
    return true;
  }
  std::uint64_t theirs = 0;
  return address != kNoAddress && address_of(entry, theirs) && theirs == address;
}

// Calls visit(place, entry) until it says that it has seen enough.
template <class Visit>
void each_entry(const char* order, Visit visit) {
  std::string_view rest(order != nullptr ? order : "");
  for (int place = 0; !rest.empty() && place < kDevices; ++place) {
    const std::size_t comma = rest.find(',');
    if (visit(place, rest.substr(0, comma))) return;
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
}

// A UUID in one piece. The only load of 16 bytes that every x86-64 does in one piece is a compare-and-swap.
Whole swap(Account& account, Whole expected, Whole wanted) {
  return __sync_val_compare_and_swap(reinterpret_cast<Whole*>(account.uuid), expected, wanted);
}

bool take(Account& account, Whole uuid) {
  const Whole was = swap(account, 0, uuid);
  return was == 0 || was == uuid;
}

int find_place(Layout& layout, const Blueprint::Device& device) {
  Whole uuid = 0;
  memcpy(&uuid, device.uuid, sizeof uuid);
  if (uuid == 0) return -1;
  for (const bool kept : {true, false}) {
    for (int place = 0; place < kDevices; ++place) {
      Account& account = layout.accounts[place];
      const std::string_view whose = kept_for(account);
      if (kept != !whose.empty() || (kept && !names(whose, device.uuid, device.address))) continue;
      if (take(account, uuid)) return place;
    }
  }
  return -1;
}

std::uint64_t asked_of(const Account& account) { return __atomic_load_n(&account.asked, __ATOMIC_SEQ_CST); }

void raise_devices(Header& header, std::uint32_t devices) {
  std::uint32_t now = __atomic_load_n(&header.devices, __ATOMIC_RELAXED);
  while (now < devices &&
         !__atomic_compare_exchange_n(&header.devices, &now, devices, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
  }
}

}  // namespace

bool is_described(const Account& account) { return __atomic_load_n(&account.memory, __ATOMIC_ACQUIRE) != 0; }

std::uint64_t asked_limit(std::uint64_t asked, std::uint64_t memory) {
  std::uint64_t limit = asked;
  if ((asked & kPercent) != 0) {
    const std::uint64_t percent = asked & ~kPercent;
    limit = percent > 100 ? memory : memory / 100 * percent + memory % 100 * percent / 100;
  }
  if (limit > memory) limit = memory;
  return limit - limit % kUnit;
}

bool limit_at(const Layout* layout, int place, std::uint64_t memory, const char* limits, std::uint64_t& limit) {
  const std::uint64_t asked = layout != nullptr ? asked_of(layout->accounts[place]) : 0;
  if (asked == 0) return limit_of(limits, place, memory, limit);
  limit = asked_limit(asked, memory);
  return true;
}

int take_place(Layout& layout, const Blueprint::Device& device, const char* limits, Failure& failure) {
  const int place = find_place(layout, device);
  if (place < 0) return failure = {.what = "has no place for one more device", .error = 0}, -1;
  Account& account = layout.accounts[place];
  if (!is_described(account)) {
    for (std::size_t i = 0; i + 1 < sizeof account.name && device.name[i] != '\0'; ++i) {
      __atomic_store_n(&account.name[i], device.name[i], __ATOMIC_RELAXED);
    }
    std::uint64_t asked = asked_of(account);
    std::uint64_t limit = 0;
    std::uint64_t unknown = 0;
    if (!limit_at(&layout, place, device.memory, limits, limit)) limit = device.memory;
    __atomic_compare_exchange_n(&account.limit, &unknown, limit, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    // From here on the device is seen, and vgpuctl sets its limit itself. What it asked for when it was not seen yet,
    // is seen now.
    __atomic_store_n(&account.memory, device.memory, __ATOMIC_SEQ_CST);
    for (std::uint64_t now = asked_of(account); now != asked; now = asked_of(account)) {
      __atomic_store_n(&account.limit, asked_limit(now, device.memory), __ATOMIC_SEQ_CST);
      asked = now;
    }
    raise_devices(layout.header, static_cast<std::uint32_t>(place) + 1);
  }
  if (account.memory == device.memory) return place;
  return failure = {.what = "was made for a device of another size than this process has", .error = 0}, -1;
}

void keep_places(Layout& layout, const char* order) {
  each_entry(order, [&](int place, std::string_view entry) {
    Account& account = layout.accounts[place];
    if (entry.size() < sizeof account.kept) memcpy(account.kept, entry.data(), entry.size());
    return false;
  });
}

int listed_place(const char* order, const unsigned char (&uuid)[16], std::uint64_t address) {
  int found = -1;
  each_entry(order, [&](int place, std::string_view entry) {
    if (names(entry, uuid, address)) found = place;
    return found >= 0;
  });
  return found;
}

}  // namespace vgpu::session
