// Where the stub is: three ways, each used when the one before it knows nothing.
#pragma once

#include "shims/syscall/program.h"
#include "shims/syscall/status.h"
#include "shims/syscall/stub.h"

namespace vgpu::redirect {

// Collects places, each once.
class Places {
 public:
  void add(const uint8_t* place) {
    for (size_t i = 0; i < count_; ++i) {
      if (places_[i] == place) return;
    }
    if (count_ < kMost) places_[count_] = place;
    ++count_;
  }
  size_t count() const { return count_; }
  const uint8_t* operator[](size_t index) const { return places_[index]; }
  static constexpr size_t kMost = 4;

 private:
  const uint8_t* places_[kMost] = {};
  size_t count_ = 0;
};

struct Found {
  const Stub* stub = nullptr;  // null: see `reason`
  const uint8_t* place = nullptr;
  Method method = Method::none;
  Reason reason = Reason::no_stub;
};

// Answers with a place whose every byte is that of a known stub, or with the reason why there is none.
Found find_stub(const Program& program);

// Functions of the name of a known stub, by the symbol table, by Go's function table.
void search_symbol_table(const Program& program, Places& places);
void search_function_table(const Program& program, Places& places);
// Whatever looks like a known stub, in all code.
void search_code(const Program& program, Places& places);

}  // namespace vgpu::redirect
