// dlsym(3) and its kin for a library that needs nothing but libc.so.6 and no symbol newer than GLIBC_2.17.
//
// glibc 2.34 moved them from libdl.so.2 into libc.so.6 and kept their old version node there. So the old node
// is asked for, weakly: on an older glibc they are null in a program that has not loaded libdl.so.2.
#pragma once

#include <dlfcn.h>

#pragma weak dlsym
#pragma weak dlopen
#pragma weak dladdr
#if defined(__x86_64__)
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");
__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");
__asm__(".symver dladdr, dladdr@GLIBC_2.2.5");
#endif
