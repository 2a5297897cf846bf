#include "shims/syscall/status.h"

extern "C" {
constinit vgpu::redirect::Status vgpu_syscall_own_status = {
    .magic = {'v', 'g', 'p', 'u', 's', 'y', 's', '1'},
    .size = sizeof(vgpu::redirect::Status),
    .state = vgpu::redirect::State::none,
    .reason = vgpu::redirect::Reason::none,
    .method = vgpu::redirect::Method::none,
    .stub = 0,
    .trampoline = 0,
    .runtime = {},
    .version = {},
    .nanoseconds = 0,
    .taken = 0,
    .passed_by = 0,
    .failed = 0,
    .by_libc = 0,
    .unshimmed = 0,
    .ring = {},
};
extern vgpu::redirect::Status vgpu_syscall_status [[gnu::alias("vgpu_syscall_own_status"), gnu::visibility("default")]];
}

namespace vgpu::redirect {

const char* reason_text(Reason reason) {
  switch (reason) {
    case Reason::none: return "they do";
    case Reason::nothing_to_carry: return "there are no shims to carry";
    case Reason::not_known: return "the program has no known way of its own to issue system calls";
    case Reason::no_headers: return "the headers of the program were not found";
    case Reason::no_stub: return "the function that issues system calls was not found";
    case Reason::ambiguous: return "more than one function looks like the one that issues system calls";
    case Reason::other_bytes: return "the function that issues system calls is not one we know";
    case Reason::file_differs: return "the program's file cannot be read, or its code in memory is not the file's";
    case Reason::other_threads: return "a second thread runs already";
    case Reason::no_memory: return "no memory, or none near enough to the program";
    case Reason::code_is_sealed: return "the kernel forbids to change code (MemoryDenyWriteExecute=, SELinux)";
    case Reason::swap_failed: return "the kernel did not replace the page of code";
  }
  return "?";
}

const char* method_text(Method method) {
  switch (method) {
    case Method::none: return "?";
    case Method::symbol_table: return "symbol table";
    case Method::function_table: return "function table";
    case Method::signature: return "signature";
  }
  return "?";
}

}  // namespace vgpu::redirect
