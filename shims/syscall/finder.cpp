#include "shims/syscall/finder.h"

namespace vgpu::redirect {
namespace {

const Stub* known_at(const Program& program, const uint8_t* place) {
  for (size_t i = 0; i < kStubCount; ++i) {
    if (program.segment(place, kStubs[i].size, PF_R | PF_X) != nullptr && kStubs[i].matches(place)) return &kStubs[i];
  }
  return nullptr;
}

}  // namespace

Found find_stub(const Program& program) {
  constexpr struct {
    Method method;
    void (*search)(const Program&, Places&);
  } kWays[] = {{Method::symbol_table, search_symbol_table},
               {Method::function_table, search_function_table},
               {Method::signature, search_code}};
  for (const auto& way : kWays) {
    Places places;
    way.search(program, places);
    if (places.count() == 0) continue;
    Found found = {.method = way.method, .reason = Reason::none};
    // More than we look at is more than one.
    if (places.count() > Places::kMost) found.reason = Reason::ambiguous;
    for (size_t i = 0; i < places.count() && found.reason == Reason::none; ++i) {
      // Of two functions of one name only one can be the stub: the other enters it by an older calling
      // convention.
      const Stub* known = known_at(program, places[i]);
      if (known == nullptr) continue;
      if (found.stub != nullptr) found.reason = Reason::ambiguous;
      found.stub = known;
      found.place = places[i];
    }
    if (found.stub == nullptr && found.reason == Reason::none) {
      found.place = places[0];
      found.reason = Reason::other_bytes;  // its name is known, it is not: no guessing by its looks
    }
    if (found.reason != Reason::none) found.stub = nullptr;
    return found;
  }
  return {};
}

// Linkers place functions at multiples of 16 at least, so one comparison of 8 bytes in 16 tells nearly
// always.
void search_code(const Program& program, Places& places) {
  for (size_t i = 0; i < program.header_count(); ++i) {
    const Elf64_Phdr& header = program.header(i);
    if (header.p_type != PT_LOAD || (header.p_flags & (PF_R | PF_X)) != (PF_R | PF_X)) continue;
    const uint8_t* from = program.at(header.p_vaddr);
    const uint8_t* end = from + header.p_filesz;
    from = reinterpret_cast<const uint8_t*>((reinterpret_cast<uint64_t>(from) + 15) & ~uint64_t{15});
    for (const uint8_t* at = from; end - at >= 16; at += 16) {
      uint64_t head;
      __builtin_memcpy(&head, at, sizeof head);
      for (size_t k = 0; k < kStubCount; ++k) {
        uint64_t code;
        __builtin_memcpy(&code, kStubs[k].code, sizeof code);
        if (head == code && static_cast<size_t>(end - at) >= kStubs[k].size && kStubs[k].matches(at)) places.add(at);
      }
    }
  }
}

}  // namespace vgpu::redirect
