// A copy of /etc/ld.so.cache that has more in it, for ld.so and ldconfig(8) -p.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace vgpu::plan {

struct CacheEntry {
  std::string name;  // what programs ask for: "libcuda.so"
  std::string path;
  std::uint32_t flags = 0;  // ld_cache_flags
};

// `cache` (the host's; a broken or an empty one counts as none, as for ld.so) with `front` before what it has of the
// same name and `behind` after it. An entry that it has already is not added again.
std::string extended_ld_cache(std::span<const unsigned char> cache, std::span<const CacheEntry> front,
                              std::span<const CacheEntry> behind);

}  // namespace vgpu::plan
