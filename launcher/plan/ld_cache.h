// /etc/ld.so.cache: the map from SONAME to path that ldconfig(8) writes. The format is glibc's dl-cache.h,
// both the "new" one alone and the new one behind the old one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vgpu::plan {

// The paths that the cache holds for `soname` on that machine, in the order of the cache. A broken cache
// holds nothing, as for ld.so.
std::vector<std::string> ld_cache_paths(std::span<const unsigned char> cache, std::string_view soname, int elf_class,
                                        std::string_view machine);

// What the cache calls a glibc library of that class and machine; nothing where we do not know.
std::optional<std::uint32_t> ld_cache_flags(int elf_class, std::string_view machine);

}  // namespace vgpu::plan
