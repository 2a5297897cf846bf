// The doors through which a program could get past this library to the real one: dlopen and dlmopen by the development
// name or by a path, and dlsym for names that only one of the two has. Both libraries of a slice have these, each for
// its own kind.
//
// libc must see who called: from the caller's address it takes the RUNPATH that a file is looked for in, $ORIGIN, and
// what RTLD_NEXT and RTLD_DEFAULT mean. So nothing is called in the caller's stead: a look at the arguments, perhaps
// another argument, and a jump to the next dlopen (another preload's, libc's) with the caller's return address still on
// the stack.
#pragma once

namespace vgpu::slice {

// What the library says about itself.
struct Doors {
  const char* library;                  // "libcuda.so": the name of the file without version
  const char* real;                     // the variable with the real one's path
  const char* shim;                     // for the log
  bool (*is_name)(const char* symbol);  // whether the API has names of that kind
};
extern const Doors kDoors;

// libc's own: the next one may be the door of the other library of a slice, which gives itself for the real NVML.
void* libc_dlopen(const char* file, int mode);
// The next one, which for a handle is as good as libc's.
void* next_dlsym(void* handle, const char* name);

}  // namespace vgpu::slice
