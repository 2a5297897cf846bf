/* A library with a RUNPATH ($ORIGIN/private): what it opens by name is looked for there, and RTLD_NEXT is behind it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <unistd.h>

pid_t getppid(void) { return -1; }

int opens_its_private_library(void) {
  void* library = dlopen("libdoors-private.so", RTLD_NOW);
  if (library == NULL) return 0;
  const int answer = ((int (*)(void))dlsym(library, "answer"))();
  return answer;
}

int finds_the_next(void) {
  pid_t (*next)(void) = (pid_t(*)(void))dlsym(RTLD_NEXT, "getppid");
  const int found = next != NULL && next() != -1;
  return found;
}
