// Threads that lend `environ` to system() at the same time, under ThreadSanitizer, while another one reads it: each
// sees the shims in it as long as its own call lasts, and in the end it is the program's own again.
//   lent_environ_threads CALLS
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "shims/exec/lent_environ.h"
#include "shims/exec/real.h"

namespace {

using vgpu::exec::LentEnviron;

char plain[] = "PLAIN=1";
char* cleaned[] = {plain, nullptr};  // the program took the shims out of its environment
char** programs_environ = cleaned;

char preload[] = "VGPU_PRELOAD=/v/libvgpu-exec.so:/v/libvgpu-cuda.so";
char directories[] = "VGPU_LIBRARY_PATH=/v/link";
char* started_with[] = {plain, preload, directories, nullptr};

bool has_shims() {
  bool found = false;
  for (char** entry = __atomic_load_n(&programs_environ, __ATOMIC_ACQUIRE); *entry != nullptr; ++entry) {
    found = found || std::strncmp(*entry, "LD_PRELOAD=/v/libvgpu-exec.so", 29) == 0;
  }
  return found;
}

}  // namespace

namespace vgpu::exec {

// Without libc's functions behind: what the class itself does is under test.
const Real& real() {
  static const Real none = [] {
    Real made{};
    made.environ = &programs_environ;
    return made;
  }();
  return none;
}

}  // namespace vgpu::exec

namespace vgpu::propagate {

constinit const char kLibrary[] = "lent_environ_threads";
void note_instead(const Child&, Reason) {}

}  // namespace vgpu::propagate

int main(int count, char** arguments) {
  const int calls = count > 1 ? std::atoi(arguments[1]) : 1000;
  if (!vgpu::propagate::capture(started_with, false)) return std::puts("nothing was captured"), 1;
  char shell[] = "/bin/true";
  char* words[] = {shell, nullptr};
  int missed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < calls; ++call) {
        vgpu::propagate::Child child;
        child.path = shell;
        child.argv = words;
        const LentEnviron lent(child);
        if (!lent.is_lent() || !has_shims()) __atomic_add_fetch(&missed, 1, __ATOMIC_RELAXED);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (programs_environ != cleaned) return std::puts("environ did not become the program's own again"), 1;
  std::printf("%d calls by 8 threads, %d without the shims\n", 8 * calls, missed);
  return missed == 0 ? 0 : 1;
}
