#include "launcher/plan/ld_cache_writer.h"

#include <algorithm>
#include <cstring>
#include <string_view>

// The format is glibc's sysdeps/generic/dl-cache.h. After the header come the entries, and after those the strings and
// the extensions, which are kept byte for byte: they only move, by the size of the entries that are new, and so do the
// offsets that lead to them.
namespace vgpu::plan {
namespace {

using Bytes = std::span<const unsigned char>;

constexpr std::string_view kOldMagic = "ld.so-1.7.0";
constexpr std::string_view kNewMagic = "glibc-ld.so.cache1.1";
constexpr std::size_t kOldHeader = 16, kOldEntry = 12;
constexpr std::size_t kNewHeader = 48, kNewEntry = 24;
constexpr std::size_t kCountAt = 20, kStringsAt = 24, kByteOrderAt = 28, kExtensionAt = 32;
constexpr unsigned char kLittleEndian = 2;
constexpr std::uint32_t kExtensionMagic = 0xeaa42174;
constexpr std::uint32_t kHwcapsTag = 1;  // an array of offsets of strings
constexpr std::size_t kExtensionHeader = 8, kSection = 16;

std::uint32_t word(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  if (at <= bytes.size() && bytes.size() - at >= sizeof value) std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

void put(std::string& bytes, std::size_t at, std::uint32_t value) {
  if (at <= bytes.size() && bytes.size() - at >= sizeof value) std::memcpy(bytes.data() + at, &value, sizeof value);
}

bool starts_with(Bytes bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The order that ld.so's binary search goes by, largest first: runs of digits count as numbers, a digit is more than
// any other character. Runs too long for an int do what they do there: wrap.
int compared(std::string_view a, std::string_view b) {
  const auto at = [](std::string_view text, std::size_t i) { return i < text.size() ? text[i] : '\0'; };
  const auto number = [&](std::string_view text, std::size_t& i) {
    std::uint32_t value = 0;
    while (is_digit(at(text, i))) value = value * 10 + static_cast<std::uint32_t>(text[i++] - '0');
    return static_cast<std::int32_t>(value);
  };
  std::size_t i = 0, j = 0;
  while (i < a.size()) {
    const char left = a[i], right = at(b, j);
    if (is_digit(left) && is_digit(right)) {
      const std::int32_t first = number(a, i), second = number(b, j);
      if (first != second) return first < second ? -1 : 1;
    } else if (is_digit(left) != is_digit(right)) {
      return is_digit(left) ? 1 : -1;
    } else if (left != right) {
      return left < right ? -1 : 1;
    } else {
      ++i, ++j;
    }
  }
  return j < b.size() ? -1 : 0;
}

struct Entry {
  std::string_view name;
  std::string_view path;
  std::uint32_t name_at = 0;
  std::uint32_t path_at = 0;
  std::uint32_t flags = 0;
  unsigned char rest[12] = {};  // the operating system's version, and the CPU it is for
  bool is_new = false;
};

class Writer {
 public:
  explicit Writer(Bytes cache) {
    if (starts_with(cache, kOldMagic) && cache.size() >= kOldHeader) {
      const std::size_t end = (kOldHeader + std::size_t{word(cache, 12)} * kOldEntry + 7) / 8 * 8;
      cache = end <= cache.size() ? cache.subspan(end) : Bytes{};
    }
    if (starts_with(cache, kNewMagic) && cache.size() >= kNewHeader) read(cache);
  }

  void add(std::span<const CacheEntry> front, std::span<const CacheEntry> behind) {
    // Backwards, so that of two with the same name the earlier one ends in front.
    for (std::size_t i = front.size(); i-- > 0;) insert(front[i], true);
    for (const CacheEntry& entry : behind) insert(entry, false);
  }

  std::string text() const {
    const std::size_t more = (entries_.size() - had_) * kNewEntry;
    const std::size_t entries_end = kNewHeader + entries_.size() * kNewEntry;
    std::string out(kNewHeader, '\0');
    std::memcpy(out.data(), kNewMagic.data(), kNewMagic.size());
    std::string strings;
    const std::size_t strings_at = entries_end + tail_.size();
    const auto string = [&](std::string_view text) {
      const std::size_t at = strings_at + strings.size();
      strings.append(text).push_back('\0');
      return static_cast<std::uint32_t>(at);
    };
    for (const Entry& entry : entries_) {
      const auto shift = static_cast<std::uint32_t>(more);
      const std::uint32_t words[3] = {entry.flags, entry.is_new ? string(entry.name) : entry.name_at + shift,
                                      entry.is_new ? string(entry.path) : entry.path_at + shift};
      out.append(reinterpret_cast<const char*>(words), sizeof words);
      out.append(reinterpret_cast<const char*>(entry.rest), sizeof entry.rest);
    }
    out.append(reinterpret_cast<const char*>(tail_.data()), tail_.size());
    out += strings;
    put(out, kCountAt, static_cast<std::uint32_t>(entries_.size()));
    put(out, kStringsAt, static_cast<std::uint32_t>(out.size() - entries_end));
    out[kByteOrderAt] = static_cast<char>(kLittleEndian);
    if (extension_ != 0) move_extension(out, extension_ + more, more);
    return out;
  }

 private:
  void read(Bytes cache) {
    const std::size_t count = word(cache, kCountAt);
    if (count > (cache.size() - kNewHeader) / kNewEntry) return;
    const auto string = [&](std::uint32_t at) -> std::string_view {
      if (at >= cache.size()) return {};
      const auto* begin = reinterpret_cast<const char*>(cache.data()) + at;
      const void* end = std::memchr(begin, 0, cache.size() - at);
      return end == nullptr ? std::string_view{}
                            : std::string_view(begin, static_cast<std::size_t>(static_cast<const char*>(end) - begin));
    };
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = kNewHeader + i * kNewEntry;
      Entry entry;
      entry.flags = word(cache, at);
      entry.name_at = word(cache, at + 4);
      entry.path_at = word(cache, at + 8);
      entry.name = string(entry.name_at);
      entry.path = string(entry.path_at);
      std::memcpy(entry.rest, cache.data() + at + 12, sizeof entry.rest);
      entries_.push_back(entry);
    }
    had_ = entries_.size();
    tail_ = cache.subspan(kNewHeader + count * kNewEntry);
    extension_ = word(cache, kExtensionAt);
  }

  void insert(const CacheEntry& added, bool front) {
    const auto same = [&](const Entry& entry) {
      return entry.flags == added.flags && entry.name == added.name && entry.path == added.path;
    };
    if (std::any_of(entries_.begin(), entries_.end(), same)) return;
    Entry entry;
    entry.name = added.name;
    entry.path = added.path;
    entry.flags = added.flags;
    entry.is_new = true;
    const auto before = [&](const Entry& known) {
      const int order = compared(known.name, entry.name);
      return front ? order > 0 : order >= 0;
    };
    entries_.insert(std::find_if_not(entries_.begin(), entries_.end(), before), entry);
  }

  // Offsets in the extension count from the start of the cache, as all others do.
  static void move_extension(std::string& out, std::size_t at, std::size_t more) {
    const auto bytes = [&] { return Bytes(reinterpret_cast<const unsigned char*>(out.data()), out.size()); };
    const auto shift = [&](std::size_t where) {
      put(out, where, static_cast<std::uint32_t>(word(bytes(), where) + more));
    };
    if (word(bytes(), at) != kExtensionMagic) return;  // none that ld.so knows; without its offset it is not looked at
    put(out, kExtensionAt, static_cast<std::uint32_t>(at));
    const std::size_t sections = std::min<std::size_t>(word(bytes(), at + 4), (out.size() - at) / kSection);
    for (std::size_t i = 0; i < sections; ++i) {
      const std::size_t section = at + kExtensionHeader + i * kSection;
      shift(section + 8);
      if (word(bytes(), section) != kHwcapsTag) continue;
      const std::size_t begin = word(bytes(), section + 8), size = word(bytes(), section + 12);
      for (std::size_t j = 0; j + 4 <= size && begin + j + 4 <= out.size(); j += 4) shift(begin + j);
    }
  }

  std::vector<Entry> entries_;
  std::size_t had_ = 0;
  Bytes tail_;
  std::size_t extension_ = 0;
};

}  // namespace

std::string extended_ld_cache(Bytes cache, std::span<const CacheEntry> front, std::span<const CacheEntry> behind) {
  Writer writer(cache);
  writer.add(front, behind);
  return writer.text();
}

}  // namespace vgpu::plan
