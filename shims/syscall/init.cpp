// The constructor, the only one: takes what is to be carried, and redirects the program's stub when it has a
// known one. Nothing of the program has run yet, but for what its libraries' constructors may have started.
#include "shims/contract.h"
#include "shims/propagate/propagate.h"
#include "shims/syscall/finder.h"
#include "shims/syscall/kernel.h"
#include "shims/syscall/libc.h"
#include "shims/syscall/patch.h"
#include "shims/syscall/stacks.h"
#include "shims/syscall/status.h"

extern "C" [[gnu::visibility("hidden")]] void vgpu_syscall_entry();

namespace vgpu::redirect {
namespace {

Status& status = vgpu_syscall_own_status;

void conclude(State state, Reason reason) {
  status.state = state;
  status.reason = reason;
}

uint64_t nanoseconds() {
  struct {
    int64_t seconds, nanoseconds;
  } time = {};
  kernel::call(__NR_clock_gettime, 1 /* CLOCK_MONOTONIC */, kernel::address(&time));
  return static_cast<uint64_t>(time.seconds) * 1'000'000'000 + static_cast<uint64_t>(time.nanoseconds);
}

// Notes how long the look took.
struct Clock {
  uint64_t begin = nanoseconds();
  ~Clock() { status.nanoseconds = nanoseconds() - begin; }
};

// Up to `most` bytes, or to the 0.
void copy(char* into, size_t size, const char* from, size_t most) {
  size_t i = 0;
  for (; i < most && i + 1 < size && from[i] != '\0'; ++i) into[i] = from[i];
  into[i] = '\0';
}

const char* decimal(uint64_t value, char (&digits)[20]) {
  char* at = digits + sizeof digits - 1;
  *at = '\0';
  do {
    *--at = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0 && at != digits);
  return at;
}

// The value of a variable, null when it is not there.
const char* value_of(char* const* envp, const char* name) {
  for (; envp != nullptr && *envp != nullptr; ++envp) {
    const char* at = *envp;
    const char* wanted = name;
    while (*wanted != '\0' && *at == *wanted) ++at, ++wanted;
    if (*wanted == '\0' && *at == '=') return at + 1;
  }
  return nullptr;
}

// Whether VGPU_SYSCALL has this program, by its path or by the last part of it.
bool named(const char* list) {
  if (list == nullptr || *list == '\0') return false;
  char path[4096];
  program_path(path, sizeof path);
  const char* base = path;
  for (const char* c = path; *c != '\0'; ++c) {
    if (*c == '/') base = c + 1;
  }
  while (*list != '\0') {
    const char* wanted = *list == '/' ? path : base;
    while (*wanted != '\0' && *list == *wanted) ++list, ++wanted;
    if (*wanted == '\0' && wanted != path && (*list == ':' || *list == '\0')) return true;
    while (*list != '\0' && *list != ':') ++list;
    if (*list == ':') ++list;
  }
  return false;
}

// No program with one of the runtimes is as small as this in memory: Go's own code is more than twice of it.
constexpr uint64_t kSmallest = 512 << 10;

// The runtime that the program says it was built with, by its note or by its section. The note is in memory; for the
// sections the file has to be opened.
const Stub* by_note(const Program& program) {
  for (size_t i = 0; i < kStubCount; ++i) {
    if (program.has_note(kStubs[i].note)) return &kStubs[i];
  }
  return nullptr;
}
const Stub* by_section(const Program& program) {
  for (size_t i = 0; i < kStubCount; ++i) {
    if (program.section(kStubs[i].section) != nullptr) return &kStubs[i];
  }
  return nullptr;
}

// "go1.24.4", from Go's build information (debug/buildinfo): a header of 32 bytes, then the length and the
// text.
void read_version(const Program& program) {
  constexpr size_t kHeader = 32, kFlags = 15;
  const Bytes info = program.contents(program.section(".go.buildinfo"));
  if (info.size <= kHeader || (info.data[kFlags] & 2) == 0) return;  // before Go 1.18: by reference
  const size_t length = info.data[kHeader];
  if (length >= 0x80 || !info.holds(kHeader + 1, length)) return;
  copy(status.version, sizeof status.version, reinterpret_cast<const char*>(info.data + kHeader + 1), length);
}

void look_at_program(const propagate::Process& process, bool is_named) {
  Program program;
  if (!program.find(process)) return conclude(State::refused, Reason::no_headers);
  const Stub* runtime = by_note(program);
  // Nearly every small program ends here, without a system call.
  if (runtime == nullptr && !is_named && program.highest() - program.lowest() < kSmallest) {
    return conclude(State::idle, Reason::not_known);
  }
  const Clock clock;
  const bool readable = program.open();
  if (runtime == nullptr) runtime = by_section(program);
  if (runtime == nullptr && !is_named) return conclude(State::idle, Reason::not_known);
  if (runtime != nullptr) copy(status.runtime, sizeof status.runtime, runtime->runtime, sizeof status.runtime);
  if (!readable) return conclude(State::refused, Reason::file_differs);
  read_version(program);

  const Found found = find_stub(program);
  status.method = found.method;
  status.stub = reinterpret_cast<uint64_t>(found.place);
  if (found.reason != Reason::none) return conclude(State::refused, found.reason);
  if (!make_stacks()) return conclude(State::refused, Reason::no_memory);
  const Reason reason = redirect(program, found, reinterpret_cast<uint64_t>(&vgpu_syscall_entry), status.trampoline);
  if (reason != Reason::none) free_stacks();
  conclude(reason == Reason::none ? State::active : State::refused, reason);
}

void report() {
  if (status.state == State::active) {
    char digits[20];
    propagate::log(2, status.runtime, " ", status.version, ": execs of its own are redirected, found by its ",
                   method_text(status.method), " in ", decimal(status.nanoseconds / 1000, digits), " us");
  } else if (status.state == State::refused) {
    propagate::log(1, status.runtime, " ", status.version,
                   ": execs of its own do not carry the shims: ", reason_text(status.reason));
  }
}

[[gnu::constructor]] void init(int argc, char** argv, char** envp) {
  const propagate::Process process = propagate::look_at_process(argc, argv, envp);
  libc::find(process);
  char*** environ = libc::environment();
  char* const* environment = process.envp != nullptr ? process.envp : environ != nullptr ? *environ : nullptr;
  propagate::use_environ(environ);
  if (!propagate::capture(environment, process.secure)) return conclude(State::idle, Reason::nothing_to_carry);
  look_at_program(process, named(value_of(environment, contract::kSyscall)));
  report();
}

}  // namespace
}  // namespace vgpu::redirect
