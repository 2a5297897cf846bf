// Which export stands for a base name at a version of CUDA. To be included behind a generated table of entry points
// (vgpu_generate_entry_points), whose names it uses.
#pragma once

#include <string.h>

namespace vgpu::abi {

inline const EntryBase* find_base(const char* name) {
  std::size_t low = 0;
  std::size_t high = sizeof kEntryBases / sizeof kEntryBases[0];
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const int order = strcmp(name, kEntryNames + kEntryBases[middle].name);
    if (order == 0) return &kEntryBases[middle];
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return nullptr;
}

inline bool has_per_thread(const EntryBase& base) {
  for (int i = base.first; i < base.first + base.count; ++i) {
    if (kEntryVariants[i].per_thread) return true;
  }
  return false;
}

// The newest variant that CUDA `version` has, or -1. Where there are per-thread variants and one is wanted, only they
// count: a version before them has none.
inline int choose(const EntryBase& base, int version, bool per_thread) {
  const bool wanted = per_thread && has_per_thread(base);
  int best = -1;
  for (int i = base.first; i < base.first + base.count; ++i) {
    const EntryVariant& one = kEntryVariants[i];
    if (one.cuda > version || one.per_thread != wanted) continue;
    if (best < 0 || one.generation > kEntryVariants[best].generation) best = i;
  }
  return best;
}

// Not every export can be looked up: where the list says no version of CUDA, a real driver does not know the name.
inline bool known(const EntryBase& base) {
  for (int i = base.first; i < base.first + base.count; ++i) {
    if (kEntryVariants[i].cuda != 0) return true;
  }
  return false;
}

// The function of this library for an index that choose() gave.
inline void* function_at(int index) {
  const auto table = reinterpret_cast<std::uintptr_t>(vgpu_entry_points);
  return reinterpret_cast<void*>(table + static_cast<std::uintptr_t>(std::intptr_t{vgpu_entry_points[index]}));
}

}  // namespace vgpu::abi
