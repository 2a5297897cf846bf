#include "launcher/os/link_map.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "launcher/os/foreign_memory.h"

namespace vgpu::os {
namespace {

constexpr std::size_t kMostObjects = 8192;  // PyTorch loads some 200
constexpr int kMostNameSpaces = 16;         // glibc has room for 16 (DL_NNS)
constexpr std::size_t kLongestPath = 4096;
constexpr std::size_t kMostNeeded = 512;
constexpr std::uint64_t kConsistent = 0;  // RT_CONSISTENT, link.h

std::uint64_t gnu_hash(std::string_view name) {
  std::uint32_t hash = 5381;
  for (const char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
  return hash;
}

class Walk {
 public:
  Walk(const AddressSpace& memory, const AuxiliaryVector& auxiliary)
      : memory_(memory, auxiliary.elf_class), raw_(memory), auxiliary_(auxiliary) {}

  LinkMap run() {
    const std::vector<ForeignSegment> segments = read_segments(memory_, auxiliary_);
    if (segments.empty()) return ended(LinkMap::State::unreadable, "the program's headers cannot be read");
    const std::uint64_t bias = load_bias(segments, auxiliary_);
    const auto dynamic =
        std::find_if(segments.begin(), segments.end(), [](const auto& s) { return s.type == PT_DYNAMIC; });
    if (dynamic == segments.end()) return ended(LinkMap::State::no_linker);
    const bool interpreted =
        std::any_of(segments.begin(), segments.end(), [](const auto& s) { return s.type == PT_INTERP; });

    std::uint64_t debug = 0;
    bool has_debug = false;
    for (const ForeignDynamic& entry : read_dynamic(memory_, dynamic->address + bias)) {
      if (entry.tag != DT_DEBUG) continue;
      has_debug = true;
      debug = entry.value;
    }
    if (!interpreted) {
      // A static program that can be relocated, which has a DT_DEBUG and a list of its own with nothing but itself; or
      // the dynamic linker, started as a program (`ld.so PROGRAM`): that one keeps what it loaded under a symbol.
      LinkedObject itself;
      itself.bias = bias;
      itself.dynamic = dynamic->address + bias;
      const auto symbol = find_symbol(raw_, auxiliary_.elf_class, itself, "_r_debug");
      if (!symbol) return ended(LinkMap::State::no_linker);
      debug = *symbol;
    }
    if (debug == 0) {
      if (!has_debug) return ended(LinkMap::State::broken, "the program has no DT_DEBUG entry");
      return ended(LinkMap::State::not_ready);
    }
    return name_spaces(debug);
  }

 private:
  static LinkMap ended(LinkMap::State state, std::string what = {}) {
    LinkMap map;
    map.state = state;
    map.what = std::move(what);
    return map;
  }

  // struct r_debug { int r_version; struct link_map *r_map; ElfW(Addr) r_brk; enum r_state; ElfW(Addr) r_ldbase; }
  // and, of version 2, struct r_debug_extended *r_next.
  LinkMap name_spaces(std::uint64_t debug) {
    LinkMap map;
    for (int space = 0; debug != 0; ++space) {
      if (space == kMostNameSpaces) return ended(LinkMap::State::broken, "it has more name spaces than there can be");
      const auto version = memory_.number(debug, 4);
      const auto words = memory_.natives(debug + memory_.width(), 4);
      if (!version || !words) return ended(LinkMap::State::unreadable, "r_debug cannot be read");
      if (*version == 0 || (space == 0 && (*words)[0] == 0)) return ended(LinkMap::State::not_ready);
      if (((*words)[2] & 0xffffffff) != kConsistent) return ended(LinkMap::State::not_ready);
      if (!objects((*words)[0], space, map)) return map;
      std::uint64_t next = 0;
      if (*version >= 2) next = memory_.native(debug + 5 * memory_.width()).value_or(0);
      debug = next;
    }
    map.state = LinkMap::State::complete;
    return map;
  }

  // struct link_map { ElfW(Addr) l_addr; char *l_name; ElfW(Dyn) *l_ld; struct link_map *l_next, *l_prev; }
  bool objects(std::uint64_t at, int space, LinkMap& map) {
    while (at != 0) {
      if (!seen_.insert(at).second || map.objects.size() == kMostObjects) {
        map = ended(LinkMap::State::broken, "the list of loaded objects has no end");
        return false;
      }
      const auto words = memory_.natives(at, 4);
      if (!words) {
        map = ended(LinkMap::State::unreadable, "the list of loaded objects cannot be read");
        return false;
      }
      LinkedObject object;
      object.bias = (*words)[0];
      object.dynamic = (*words)[2];
      object.name_space = space;
      if ((*words)[1] != 0) object.path = memory_.string((*words)[1], kLongestPath).value_or("?");
      names(object);
      map.objects.push_back(std::move(object));
      at = (*words)[3];
    }
    return true;
  }

  void names(LinkedObject& object) const {
    const std::vector<ForeignDynamic> dynamic = read_dynamic(memory_, object.dynamic);
    const DynamicTables tables = dynamic_tables(dynamic, object.bias);
    const auto name = [&](std::uint64_t offset) -> std::string {
      if (offset >= tables.strings_size) return {};
      return memory_.string(tables.strings + offset, kLongestPath).value_or("");
    };
    for (const ForeignDynamic& entry : dynamic) {
      if (entry.tag == DT_SONAME) object.soname = name(entry.value);
      if (entry.tag == DT_NEEDED && object.needed.size() < kMostNeeded) object.needed.push_back(name(entry.value));
    }
  }

  ForeignMemory memory_;
  const AddressSpace& raw_;
  const AuxiliaryVector& auxiliary_;
  std::unordered_set<std::uint64_t> seen_;
};

}  // namespace

LinkMap read_link_map(const AddressSpace& memory, const AuxiliaryVector& auxiliary) {
  return Walk(memory, auxiliary).run();
}

std::string read_interpreter(const AddressSpace& raw, const AuxiliaryVector& auxiliary) {
  const ForeignMemory memory(raw, auxiliary.elf_class);
  const std::vector<ForeignSegment> segments = read_segments(memory, auxiliary);
  for (const ForeignSegment& one : segments) {
    if (one.type == PT_INTERP)
      return memory.string(one.address + load_bias(segments, auxiliary), kLongestPath).value_or("");
  }
  return {};
}

// The table: number of buckets, first symbol, words of the Bloom filter, shift; the filter; the buckets; the chains.
std::optional<std::uint64_t> find_symbol(const AddressSpace& raw, int elf_class, const LinkedObject& object,
                                         std::string_view name) {
  constexpr std::uint64_t kMost = 1 << 20;
  const ForeignMemory memory(raw, elf_class);
  const DynamicTables tables = dynamic_tables(read_dynamic(memory, object.dynamic), object.bias);
  if (tables.gnu_hash == 0 || tables.symbols == 0 || tables.strings == 0) return std::nullopt;
  const auto bucket_count = memory.number(tables.gnu_hash, 4);
  const auto first = memory.number(tables.gnu_hash + 4, 4);
  const auto filter = memory.number(tables.gnu_hash + 8, 4);
  if (!bucket_count || !first || !filter || *bucket_count == 0 || *bucket_count > kMost || *filter > kMost)
    return std::nullopt;
  const std::uint64_t buckets = tables.gnu_hash + 16 + *filter * memory.width();
  const std::uint64_t chains = buckets + *bucket_count * 4;
  const std::uint64_t hash = gnu_hash(name);
  const auto start = memory.number(buckets + hash % *bucket_count * 4, 4);
  if (!start || *start < *first) return std::nullopt;  // 0: the bucket is empty
  for (std::uint64_t symbol = *start; symbol - *start < kMost; ++symbol) {
    const auto chain = memory.number(chains + (symbol - *first) * 4, 4);
    if (!chain) return std::nullopt;
    if ((*chain | 1) == (hash | 1)) {
      // Elf64_Sym: name, info, other, section (2 bytes at 6), value at 8. Elf32_Sym: name, value at 4, size, info,
      // other, section at 14.
      const std::uint64_t at = tables.symbols + symbol * (memory.is64() ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym));
      const auto offset = memory.number(at, 4);
      const auto section = memory.number(at + (memory.is64() ? 6 : 14), 2);
      const auto value = memory.native(at + (memory.is64() ? 8 : 4));
      if (!offset || !section || !value) return std::nullopt;
      if (*section != SHN_UNDEF && *offset < tables.strings_size &&
          memory.string(tables.strings + *offset, name.size()) == name) {
        return object.bias + *value;
      }
    }
    if ((*chain & 1) != 0) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace vgpu::os
