// The stubs that are known: short functions through which a language's runtime issues its system calls.
//
// To add a runtime: find the one function through which it issues execve, and add an entry to kStubs in
// stub.cpp.
//  1. `names`: what the function is called in a symbol table (the function table is Go's own and has the same
//  names).
//  2. `code`: its bytes from the entry to behind the last one that must be right, as objdump shows them. "??"
//  is any
//     byte: a displacement that the compiler is free in.
//  3. `displaced`: the length of the whole instructions at the entry that make room for a jump of 5 bytes.
//  They, and all
//     up to the SYSCALL, are copied: they must not depend on where they stand, and after them RAX must be the
//     number.
//  4. `system_call`: where in `code` the SYSCALL stands. At it all arguments are where the kernel wants them.
//  5. `section` and `note`: the section, and the owner of the note, by which a program of the runtime is
//  known.
// A test program of that runtime belongs beside tests/propagation/go.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vgpu::redirect {

inline constexpr size_t kMaxCode = 64;
inline constexpr size_t kMaxNames = 4;

struct Stub {
  const char* runtime;
  const char* section;
  const char* note;
  const char* names[kMaxNames];  // the rest null
  uint8_t code[kMaxCode];
  uint64_t any;  // a bit for each byte of `code` that may differ
  size_t size;
  size_t displaced;
  size_t system_call;

  bool matches(const uint8_t* at) const {
    for (size_t i = 0; i < size; ++i) {
      if (at[i] != code[i] && (any >> i & 1) == 0) return false;
    }
    return true;
  }
  bool has_name(const char* name) const;
};

extern const Stub kStubs[];
extern const size_t kStubCount;

}  // namespace vgpu::redirect
