// What libvgpu-syscall did to the program it is loaded into: the exported object `vgpu_syscall_status`. The
// launcher's tools find it through the link map and read it from /proc/PID/mem; the layout only ever grows at
// its end.
#pragma once

#include <stdint.h>

#include "shims/exec/status.h"

namespace vgpu::redirect {

enum class State : uint32_t {
  none = 0,     // the constructor has not run
  idle = 1,     // the program is not one with a known stub: there was nothing to redirect
  active = 2,   // the stub is redirected
  refused = 3,  // there is, or should be, a stub, and it was left as it is: see `reason`
};

// Why nothing is redirected. The numbers do not change. reason_text() in status.cpp has the sentences.
enum class Reason : uint32_t {
  none = 0,
  nothing_to_carry = 1,  // no VGPU_PRELOAD, VGPU_SCOPE=inherit, VGPU_EXEC=off, or AT_SECURE
  not_known = 2,         // neither a Go program nor one that VGPU_SYSCALL names
  no_headers = 3,        // the program's headers are not where the kernel says, or make no sense
  no_stub = 4,           // no symbol, no entry of the function table and no signature of a known stub
  ambiguous = 5,         // more than one
  other_bytes = 6,       // the stub is not, byte for byte, one that we know
  file_differs = 7,      // the program's file cannot be read, or the code in memory is not what it says
  other_threads = 8,     // another thread runs already: it could be inside the stub
  no_memory = 9,         // no room within 2 GiB of the stub, or no memory for the stacks
  code_is_sealed = 10,   // the kernel refused: MemoryDenyWriteExecute=, PR_SET_MDWE, SELinux execmod or execmem
  swap_failed = 11,      // the new page could not take its place; the old one is there
};

// How the stub was found.
enum class Method : uint32_t { none = 0, symbol_table = 1, function_table = 2, signature = 3 };

struct Status {
  char magic[8];  // "vgpusys1"
  uint32_t size;  // of this structure
  State state;
  Reason reason;
  Method method;
  uint64_t stub;         // address of the stub, when one was found
  uint64_t trampoline;   // address of the page that it jumps to, when it is redirected
  char runtime[32];      // whose stub: "go"
  char version[32];      // of the runtime, as the program states it: "go1.19.8", or ""
  uint64_t nanoseconds;  // what looking and redirecting took
  // Counted while the program runs, over all its threads and vfork children.
  uint64_t taken;      // execs that came through the stub
  uint64_t passed_by;  // of these, made unchanged because no stack was free
  uint64_t failed;     // of these, refused by the kernel (a file that is not there, say)
  uint64_t by_libc;    // execs that came through libc's syscall()
  // Children that did not get all shims, and why: ring[unshimmed % kRing] is the next one.
  uint64_t unshimmed;
  static constexpr unsigned kRing = 16;
  UnshimmedChild ring[kRing];
};

const char* reason_text(Reason reason);
const char* method_text(Method method);

}  // namespace vgpu::redirect

extern "C" {
extern vgpu::redirect::Status vgpu_syscall_status;
// The same object by a name that nobody else's definition can take the place of.
[[gnu::visibility("hidden")]] extern vgpu::redirect::Status vgpu_syscall_own_status;
}
