// system, popen and wordexp: libc's own, with `environ` lent (lent_environ.h). pclose needs nothing: the stream is
// libc's.
#include "shims/exec/lent_environ.h"
#include "shims/exec/note.h"
#include "shims/exec/real.h"

#define VGPU_EXPORT extern "C" __attribute__((visibility("default")))

namespace vgpu::exec {
namespace {

using namespace propagate;

constexpr int kNoCommands = 1 << 2;  // WRDE_NOCMD, in glibc and musl
constexpr int kNoShell = 127 << 8;   // system's answer when its shell could not be started

// call() with the shims' environment; again with the caller's where that was too big and the answer says so.
template <class Answer, class Call, class Failed>
Answer shell(ExecEntry entry, const char* command, Call call, Failed failed) {
  real();
  const char* const argv[] = {"sh", "-c", command, nullptr};
  Child child;
  child.path = "/bin/sh";
  child.argv = const_cast<char* const*>(argv);
  child.entry = static_cast<unsigned char>(entry);
  LentEnviron environ(child);
  note_call(child, environ.plan());
  const Answer answer = call();
  if (!environ.is_lent() || !failed(answer) || last_error() != kTooBig) return answer;
  environ.give_back();
  const Answer plain = call();
  if (!failed(plain) || last_error() != kTooBig) {
    log(0, "/bin/sh: too big with the shims' variables, started without them");
    note_instead(child, Reason::too_big);
  }
  return plain;
}

bool runs_commands(const char* words) {
  for (; *words != '\0'; ++words) {
    if (*words == '`' || (*words == '$' && words[1] == '(')) return true;
  }
  return false;
}

}  // namespace

VGPU_EXPORT int system(const char* command) {
  const Real& libc = real();
  if (libc.system == nullptr) return fail(38);
  return shell<int>(
      ExecEntry::system, command, [&] { return libc.system(command); },
      [](int answer) { return answer == kNoShell || answer == -1; });
}

VGPU_EXPORT void* popen(const char* command, const char* type) {
  const Real& libc = real();
  if (libc.popen == nullptr) return fail(38), nullptr;
  return shell<void*>(
      ExecEntry::popen, command, [&] { return libc.popen(command, type); },
      [](const void* stream) { return stream == nullptr; });
}

VGPU_EXPORT int wordexp(const char* words, void* result, int flags) {
  const Real& libc = real();
  if (libc.wordexp == nullptr) return fail(38);
  if (words == nullptr || (flags & kNoCommands) != 0 || !runs_commands(words))
    return libc.wordexp(words, result, flags);
  return shell<int>(
      ExecEntry::wordexp, words, [&] { return libc.wordexp(words, result, flags); }, [](int) { return false; });
}

}  // namespace vgpu::exec
