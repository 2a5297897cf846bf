#include "shims/syscall/stub.h"

namespace vgpu::redirect {
namespace {

// Not constexpr: an entry that calls one does not compile.
inline void wrong_displaced() {}
inline void wrong_system_call() {}

constexpr int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c - 'a' + 10; }

// "49 89 f2 ?? ..." as objdump shows it.
consteval Stub with_code(Stub stub, const char* text) {
  for (; *text != '\0'; text += text[2] == ' ' ? 3 : 2) {
    if (text[0] == '?') {
      stub.any |= uint64_t{1} << stub.size;
    } else {
      stub.code[stub.size] = static_cast<uint8_t>(digit(text[0]) * 16 + digit(text[1]));
    }
    ++stub.size;
  }
  // A jump takes 5 bytes; what it displaces ends before the SYSCALL, which stays where it is.
  if (stub.displaced < 5 || stub.displaced > stub.system_call) wrong_displaced();
  if (stub.code[stub.system_call] != 0x0f || stub.code[stub.system_call + 1] != 0x05) wrong_system_call();
  return stub;
}

// Syscall6 of Go: the arguments come in RAX RBX RCX RDI RSI R8 R9, Go's ABIInternal. The function has no
// frame, and the package has stood under three names.
constexpr Stub kGo = {
    .runtime = "go",
    .section = ".go.buildinfo",
    .note = "Go",
    .names = {"runtime/internal/syscall.Syscall6",         // 1.19 to 1.22
              "internal/runtime/syscall.Syscall6",         // 1.23 to 1.25
              "internal/runtime/syscall/linux.Syscall6"},  // from 1.26
    .code = {},
    .any = 0,
    .size = 0,
    .displaced = 6,
    .system_call = 12,
};

}  // namespace

constinit const Stub kStubs[] = {
    // 1.19 to 1.26
    with_code(kGo,
              "49 89 f2 "              // mov %rsi,%r10
              "48 89 fa "              // mov %rdi,%rdx
              "48 89 ce "              // mov %rcx,%rsi
              "48 89 df "              // mov %rbx,%rdi
              "0f 05 "                 // syscall
              "48 3d 01 f0 ff ff "     // cmp $-4095,%rax
              "76 15 "                 // jbe
              "48 f7 d8 48 89 c1 "     // neg %rax; mov %rax,%rcx
              "48 c7 c0 ff ff ff ff "  // mov $-1,%rax
              "48 c7 c3 00 00 00 00 "  // mov $0,%rbx
              "c3 "                    //
              "48 89 d3 "              // mov %rdx,%rbx
              "48 c7 c1 00 00 00 00 "  // mov $0,%rcx
              "c3"),
    // From 1.27 the assembler clears a register in 5 bytes.
    with_code(kGo,
              "49 89 f2 48 89 fa 48 89 ce 48 89 df 0f 05 48 3d 01 f0 ff ff 76 13 48 f7 d8 48 89 c1 48 c7 c0 "
              "ff ff ff ff "
              "bb 00 00 00 00 c3 48 89 d3 b9 00 00 00 00 c3"),
};
const size_t kStubCount = sizeof kStubs / sizeof kStubs[0];

bool Stub::has_name(const char* name) const {
  for (const char* known : names) {
    if (known == nullptr) break;
    const char* at = name;
    while (*known != '\0' && *at == *known) ++at, ++known;
    if (*at == *known) return true;
  }
  return false;
}

}  // namespace vgpu::redirect
