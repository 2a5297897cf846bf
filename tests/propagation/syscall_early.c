// Preloaded beside libvgpu-syscall: what other libraries may do before a program begins. EARLY says what.
//   exit    ends the process: in front of libvgpu-syscall in LD_PRELOAD, and so initialised after it
//   thread  starts a thread: behind it, and so initialised first
//   code    changes the page of code at EARLY_PAGE, an offset from the program's start, as a debugger's breakpoint
//           would
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void* sleeper(void* unused) {
  for (;;) pause();
  return unused;
}

static int first(struct dl_phdr_info* info, size_t size, void* base) {
  (void)size;
  *(uintptr_t*)base = info->dlpi_addr;
  return 1;
}

__attribute__((constructor)) static void early(void) {
  const char* what = getenv("EARLY");
  if (what == NULL) return;
  if (strcmp(what, "exit") == 0) _exit(0);
  if (strcmp(what, "thread") == 0) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, sleeper, NULL) != 0) _exit(3);
  }
  if (strcmp(what, "code") == 0) {
    uintptr_t base = 0;
    dl_iterate_phdr(first, &base);
    unsigned char* page = (unsigned char*)(base + strtoul(getenv("EARLY_PAGE"), NULL, 0));
    if (mprotect(page, 4096, PROT_READ | PROT_WRITE) != 0) _exit(3);
    // Between functions linkers leave room that nothing executes.
    for (int i = 0; i < 4095; ++i) {
      if (page[i] == 0xcc && page[i + 1] == 0xcc) {
        page[i] = 0x90;
        break;
      }
    }
    if (mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0) _exit(3);
  }
}
