// A library of the real driver, by the absolute path that the launcher found.
#pragma once

namespace vgpu::slice {

// Opened once; null, with one line in the log, when `variable` names none or it cannot be opened. By its absolute path:
// glibc compares SONAMEs only with names that have no slash, so that ours, which has the same SONAME, is not taken for
// it.
void* real_library(const char* variable, const char* shim);

// A function of it, or null.
void* real_symbol(void* library, const char* name);

}  // namespace vgpu::slice
