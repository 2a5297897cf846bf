#include "launcher/os/auxiliary_vector.h"

#include <cstring>

namespace vgpu::os {
namespace {

// linux/auxvec.h; the numbers are the same on every architecture we know.
enum : std::uint64_t { kNull = 0, kPhdr = 3, kPhent = 4, kPhnum = 5, kBase = 7, kSecure = 23 };
constexpr std::uint64_t kLargestType = 4096;
constexpr std::size_t kMostEntries = 512;

template <class Word>
std::optional<AuxiliaryVector> parse_as(std::string_view bytes) {
  AuxiliaryVector vector;
  vector.elf_class = static_cast<int>(8 * sizeof(Word));
  for (std::size_t i = 0; i < kMostEntries && (i + 1) * 2 * sizeof(Word) <= bytes.size(); ++i) {
    Word pair[2];
    std::memcpy(pair, bytes.data() + i * sizeof pair, sizeof pair);
    if (pair[0] > kLargestType) return std::nullopt;
    switch (pair[0]) {
      case kNull: return vector;
      case kPhdr: vector.program_headers = pair[1]; break;
      case kPhent: vector.program_header_size = pair[1]; break;
      case kPhnum: vector.program_header_count = pair[1]; break;
      case kBase: vector.loader = pair[1]; break;
      case kSecure: vector.secure = pair[1] != 0; break;
      default: break;
    }
  }
  return std::nullopt;  // no end
}

}  // namespace

std::optional<AuxiliaryVector> parse_auxiliary_vector(std::string_view bytes) {
  if (auto vector = parse_as<std::uint64_t>(bytes); vector && vector->program_headers != 0) return vector;
  if (auto vector = parse_as<std::uint32_t>(bytes); vector && vector->program_headers != 0) return vector;
  return std::nullopt;
}

}  // namespace vgpu::os
