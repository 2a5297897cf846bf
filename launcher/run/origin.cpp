// glibc asks /proc/self/exe at the start of every static program where it stands, for the $ORIGIN of a dlopen. vgpu-run
// opens no library, asks itself where it needs to know, and has 30 system calls.
//
// Static linking takes this definition instead of glibc's (elf/dl-origin.c); a C library without such a function never
// calls it.
extern "C" const char* _dl_get_origin() {
  return reinterpret_cast<const char*>(-1);  // not known
}
