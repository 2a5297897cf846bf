#include "launcher/plan/ld_cache.h"

#include <cstdint>
#include <cstring>
#include <optional>

namespace vgpu::plan {
namespace {

using Bytes = std::span<const unsigned char>;

constexpr std::string_view kOldMagic = "ld.so-1.7.0";
constexpr std::string_view kNewMagic = "glibc-ld.so.cache1.1";
constexpr std::size_t kOldHeader = 16;  // magic padded to 12, count
constexpr std::size_t kOldEntry = 12;
constexpr std::size_t kNewHeader = 48;
constexpr std::size_t kNewEntry = 24;  // flags, key, value, osversion, hwcap (8)
constexpr std::size_t kMaxPath = 4096;

bool starts_with(Bytes bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

// In host order: ld.so refuses a cache of the other byte order.
std::uint32_t word(Bytes bytes, std::size_t at) {
  std::uint32_t value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::string_view text(Bytes bytes, std::size_t at) {
  if (at >= bytes.size()) return {};
  const std::size_t room = std::min(bytes.size() - at, kMaxPath);
  const void* zero = std::memchr(bytes.data() + at, 0, room);
  if (zero == nullptr) return {};
  const auto* begin = reinterpret_cast<const char*>(bytes.data() + at);
  return {begin, static_cast<std::size_t>(static_cast<const char*>(zero) - begin)};
}

}  // namespace

// The low byte 3 says "ELF, libc6", the next one which ABI (glibc, sysdeps/generic/ldconfig.h).
std::optional<std::uint32_t> ld_cache_flags(int elf_class, std::string_view machine) {
  if (machine == "x86_64") return elf_class == 64 ? 0x0303u : 0x0803u;  // 32-bit x86_64 is x32
  if (machine == "i386") return 0x0003u;
  if (machine == "aarch64") return 0x0a03u;
  return std::nullopt;
}

std::vector<std::string> ld_cache_paths(Bytes cache, std::string_view soname, int elf_class, std::string_view machine) {
  const auto wanted = ld_cache_flags(elf_class, machine);
  if (!wanted) return {};
  if (starts_with(cache, kOldMagic) && cache.size() >= kOldHeader) {
    const std::size_t count = word(cache, 12);
    const std::size_t end = (kOldHeader + count * kOldEntry + 7) / 8 * 8;
    if (end > cache.size()) return {};
    cache = cache.subspan(end);
  }
  if (!starts_with(cache, kNewMagic) || cache.size() < kNewHeader) return {};
  const std::size_t count = word(cache, 20);
  if (count > (cache.size() - kNewHeader) / kNewEntry) return {};

  std::vector<std::string> plain;
  std::vector<std::string> special;  // for certain CPUs (glibc-hwcaps): ld.so prefers one that fits, we do not know it
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = kNewHeader + i * kNewEntry;
    if (word(cache, at) != *wanted || text(cache, word(cache, at + 4)) != soname) continue;
    const std::string_view path = text(cache, word(cache, at + 8));
    if (path.empty()) continue;
    const bool any_cpu = word(cache, at + 16) == 0 && word(cache, at + 20) == 0;
    (any_cpu ? plain : special).emplace_back(path);
  }
  plain.insert(plain.end(), special.begin(), special.end());
  return plain;
}

}  // namespace vgpu::plan
