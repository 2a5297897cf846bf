#include "shims/slice/doors.h"

#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "shims/device/linker.h"
#include "shims/slice/real_library.h"

#pragma weak dlvsym
__asm__(".symver dlvsym, dlvsym@GLIBC_2.2.5");

extern "C" {
__attribute__((visibility("hidden"))) void* vgpu_next_dlopen = nullptr;
__attribute__((visibility("hidden"))) void* vgpu_next_dlmopen = nullptr;
__attribute__((visibility("hidden"))) void* vgpu_next_dlsym = nullptr;
}

namespace vgpu::slice {
namespace {

using DlOpen = void* (*)(const char*, int);
using DlSym = void* (*)(void*, const char*);

// A look-up with a version passes over preloads that have the name without one, ours among them.
void* of_libc(const char* name) {
  if (dlvsym == nullptr) return nullptr;  // an old glibc, in a program without libdl.so.2: it has none of these either
  return dlvsym(RTLD_NEXT, name, "GLIBC_2.2.5");
}

// The first function of that name behind this library: libc's dlsym finds the next of whatever kind.
void* next(const char* name) {
  auto find = reinterpret_cast<DlSym>(__atomic_load_n(&vgpu_next_dlsym, __ATOMIC_ACQUIRE));
  if (find == nullptr) find = reinterpret_cast<DlSym>(of_libc("dlsym"));
  return find == nullptr ? nullptr : find(RTLD_NEXT, name);
}

void* known(void*& slot, const char* name, void* (*find)(const char*) = next) {
  void* function = __atomic_load_n(&slot, __ATOMIC_ACQUIRE);
  if (function != nullptr) return function;
  const int saved = errno;
  function = find(name);
  errno = saved;
  if (function != nullptr) __atomic_store_n(&slot, function, __ATOMIC_RELEASE);
  return function;
}

// glibc's handles are the link maps themselves (dlinfo(3), RTLD_DI_LINKMAP).
bool is_own(void* handle) { return static_cast<const link_map*>(handle)->l_ld == _DYNAMIC; }
bool is_program(void* handle) {
  const auto* map = static_cast<const link_map*>(handle);
  return map->l_prev == nullptr && map->l_name != nullptr && *map->l_name == '\0';
}

// "libcuda.so", "libcuda.so.1", "libcuda.so.580.159.04", behind any directory.
bool is_library(const char* file) {
  const char* slash = strrchr(file, '/');
  const char* base = slash == nullptr ? file : slash + 1;
  const size_t length = strlen(kDoors.library);
  if (strncmp(base, kDoors.library, length) != 0) return false;
  for (base += length; *base != '\0'; ++base) {
    if (*base != '.' && (*base < '0' || *base > '9')) return false;
  }
  // A file that is not there is not there: programs try one directory after another.
  return slash == nullptr || access(file, F_OK) == 0;
}

// This library's own file, as ld.so knows it; null where it does not say.
const char* own_file() {
  Dl_info info = {};
  const bool found =
      dladdr != nullptr && dladdr(const_cast<void*>(static_cast<const void*>(&vgpu_next_dlopen)), &info) != 0;
  return found && info.dli_fname != nullptr && *info.dli_fname == '/' ? info.dli_fname : nullptr;
}

// Opened once; whoever races opens it once more.
void* own_handle() {
  static constinit void* opened = nullptr;
  void* handle = __atomic_load_n(&opened, __ATOMIC_ACQUIRE);
  const char* file = handle == nullptr ? own_file() : nullptr;
  if (file == nullptr) return handle;
  handle = libc_dlopen(file, RTLD_LAZY | RTLD_NOLOAD);
  __atomic_store_n(&opened, handle, __ATOMIC_RELEASE);
  return handle;
}

}  // namespace

void* libc_dlopen(const char* file, int mode) {
  static constinit void* slot = nullptr;
  const auto open = reinterpret_cast<DlOpen>(known(slot, "dlopen", of_libc));
  return open == nullptr ? nullptr : open(file, mode);
}

void* next_dlsym(void* handle, const char* name) {
  const auto find = reinterpret_cast<DlSym>(known(vgpu_next_dlsym, "dlsym"));
  return find == nullptr ? nullptr : find(handle, name);
}

}  // namespace vgpu::slice

using namespace vgpu::slice;

extern "C" {

[[gnu::used, gnu::visibility("hidden")]] void* vgpu_door_find_dlopen() { return known(vgpu_next_dlopen, "dlopen"); }
[[gnu::used, gnu::visibility("hidden")]] void* vgpu_door_find_dlmopen() { return known(vgpu_next_dlmopen, "dlmopen"); }
[[gnu::used, gnu::visibility("hidden")]] void* vgpu_door_find_dlsym() { return known(vgpu_next_dlsym, "dlsym"); }

// The file to open for `file`: this library in place of the real one. In another namespace (dlmopen) that is one more
// copy of it, with books of its own in the same session.
[[gnu::used, gnu::visibility("hidden")]] const char* vgpu_door_file(const char* file) {
  if (file == nullptr) return file;
  const int saved = errno;
  const char* own = is_library(file) ? own_file() : nullptr;
  errno = saved;
  return own != nullptr ? own : file;
}

// Where to look for `name`. A name that only the real library has is found there; one that only we have (the driver is
// older than our list) is looked for there, too, so that it is missing as it would be without us.
[[gnu::used, gnu::visibility("hidden")]] void* vgpu_door_handle(void* handle, const char* name) {
  if (name == nullptr || !kDoors.is_name(name) || handle == RTLD_NEXT) return handle;
  const bool global = handle == RTLD_DEFAULT || is_program(handle);
  if (!global && !is_own(handle)) return handle;
  const int saved = errno;
  void* real = real_library(kDoors.real, kDoors.shim);
  const bool theirs = real != nullptr && next_dlsym(real, name) != nullptr;
  void* own = global ? own_handle() : handle;
  const bool ours = own != nullptr && next_dlsym(own, name) != nullptr;
  errno = saved;
  return real == nullptr || own == nullptr || theirs == ours ? handle : real;
}

}  // extern "C"
