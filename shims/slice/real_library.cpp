#include "shims/slice/real_library.h"

#include <dlfcn.h>
#include <errno.h>

#include <atomic>

#include "shims/device/log.h"
#include "shims/device/setting.h"
#include "shims/slice/doors.h"

namespace vgpu::slice {
namespace {

// What is tried once and did not work stays so: a null handle that nobody tries again.
void* const kNone = reinterpret_cast<void*>(1);

void* open_library(const char* variable, const char* shim) {
  const char* path = setting(variable);
  const char* why = nullptr;
  void* library = nullptr;
  if (path == nullptr || *path != '/') {
    why = "is not set to an absolute path: start the program with vgpu-run";
  } else {
    // Bound lazily, as a program that is linked with it has it; local, so that its names do not get in front of ours.
    library = libc_dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr)
      why = "cannot be opened (or this glibc has dlopen in libdl.so.2, which the program has not loaded)";
  }
  if (library == nullptr)
    log::line(log::Level::error, shim, {"no device: ", variable, "=", path != nullptr ? path : "", " ", why});
  return library;
}

}  // namespace

void* real_library(const char* variable, const char* shim) {
  static constinit std::atomic<void*> known = nullptr;
  void* library = known.load(std::memory_order_acquire);
  if (library == nullptr) {
    const int saved = errno;
    // Threads that race open it several times, which gives the same handle.
    library = open_library(variable, shim);
    known.store(library != nullptr ? library : kNone, std::memory_order_release);
    errno = saved;
  }
  return library == kNone ? nullptr : library;
}

void* real_symbol(void* library, const char* name) { return library != nullptr ? next_dlsym(library, name) : nullptr; }

}  // namespace vgpu::slice
