// Carrying the shims into a child: what libvgpu-exec and libvgpu-syscall have in common. Free of any C library; nothing
// here allocates from the heap, locks, touches errno, or calls back into the program.
//
//   constructor:   capture(envp);
//   at an exec:    start(child, plan(child), [&](char* const* envp) { return <execve with envp, the error number>; });
//
// start() keeps an environment of up to 512 variables on the stack and a larger one in an arena of the thread. Who has
// a stack of its own calls plan() and write() instead.
#pragma once

#include <stddef.h>

#include "shims/propagate/reason.h"

namespace vgpu::propagate {

// One call of the exec or spawn family, as the caller made it.
struct Child {
  const char* path = nullptr;
  char* const* argv = nullptr;  // may be null
  char* const* envp = nullptr;  // may be null: empty
  int directory = -100;         // AT_FDCWD: what a relative path is relative to
  int flags = 0;                // of execveat: AT_EMPTY_PATH means `directory` itself
  bool search = false;          // a path without '/' is searched for in PATH
  bool elsewhere = false;       // a relative path may mean another file by then (a spawn that changes directory)
  unsigned char entry = 0;      // the library's own number of the call, for its record
};

// What is done to the environment.
enum class Treatment : unsigned char {
  leave,    // nothing
  inject,   // all shims, the library path, the VGPU_ variables
  musl,     // of the shims those that need no libc, and the VGPU_ variables
  class32,  // the 32-bit libvgpu-exec in place of the shims, and the VGPU_ variables
  hide,     // the shims are taken out of LD_PRELOAD
};

struct Plan {
  Treatment treatment = Treatment::leave;
  Reason reason = Reason::none;  // why the child does not get all shims
  bool changed = false;          // false: the caller's envp is right as it is; write() has nothing to do
  bool unreadable = false;       // a pointer of the caller's is bad: the kernel says so, nobody else may look at it
  size_t pointers = 0;           // room that write() needs, the closing null pointer included
  size_t bytes = 0;

  // For write().
  size_t count = 0;
  long preload_at = -1, library_path_at = -1;  // the last of each, which is the one that ld.so obeys
  bool preload_changes = false, library_path_changes = false, preload_goes = false;
  size_t preload_bytes = 0;
  unsigned long missing = 0;  // carried variables that the child has not, a bit each
};

// Takes what is to be carried out of the environment the process started with. Everything is copied: programs overwrite
// their initial stack (setproctitle). `secure`: AT_SECURE, no VGPU_ variable of the environment counts. Where the
// environment has no say, or does not come from a launch, what scope "namespace" left in a file does (preload_file.h).
// False: there is nothing to carry, and plan() leaves every child alone.
bool capture(char* const* envp, bool secure);
bool captured();

// Whether PATH is set is looked up here, at the time of a call. Without it the search is not predicted.
void use_environ(char*** address);

Plan plan(const Child& child);
void write(const Child& child, const Plan& plan, char** pointers, char* bytes);

// After E2BIG: whether the caller's own arguments and environment would have fitted, so that only ours were too much.
bool fits(char* const* argv, char* const* envp);

// One line on stderr, "LIBRARY: PART PART\n", with one write(2). level 0: always, 1: VGPU_LOG=info, 2: debug.
void log(int level, const char* const* parts, size_t count);
template <class... Parts>
void log(int level, Parts... parts) {
  const char* const list[] = {parts...};
  log(level, list, sizeof...(parts));
}

// Defined by each library: its name in the log, and its record of a child that does not get what plan() said.
extern const char kLibrary[];
void note_instead(const Child& child, Reason reason);

inline constexpr int kTooBig = 7;  // E2BIG

// call(what, envp) starts the child and answers the error number, 0 when it worked. Called a second time, with the
// caller's own environment, where ours was too big.
using Call = int (*)(void* what, char* const* envp);
int start_with(const Child& child, const Plan& plan, Call call, void* what);

template <class Starter>
int start(const Child& child, const Plan& plan, Starter starter) {
  const auto call = [](void* what, char* const* envp) { return (*static_cast<Starter*>(what))(envp); };
  return start_with(child, plan, call, &starter);
}

}  // namespace vgpu::propagate
