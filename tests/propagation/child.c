// A child that says what it was given: "shimmed" or "bare" (is libvgpu-exec mapped?), or with CHILD_TELLS_ALL or an
// argument "all" its arguments, environment, signals and descriptors, but for the variables of ld.so and of ours.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern char** environ;

static int is_mapped(const char* name) {
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[4096];
  int found = 0;
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) found |= strstr(line, name) != NULL;
  if (maps != NULL) fclose(maps);
  return found;
}

int main(int argc, char** argv) {
  if (argc < 2 || strcmp(argv[1], "all") != 0) {
    const char* preload = "";
    for (char** entry = environ; *entry != NULL; ++entry)
      if (strncmp(*entry, "LD_PRELOAD=", 11) == 0) preload = *entry + 11;
    const int shimmed = is_mapped("/libvgpu-exec.so");
    printf("%s%s %s\n", shimmed ? "shimmed" : "bare", is_mapped("/libown.so") ? "+own" : "", preload);
    return !shimmed;
  }
  for (int i = 0; i < argc; ++i) printf("argv[%d]=%s\n", i, argv[i]);
  for (char** entry = environ; *entry != NULL; ++entry)
    if (strncmp(*entry, "LD_PRELOAD=", 11) != 0 && strncmp(*entry, "LD_LIBRARY_PATH=", 16) != 0 &&
        strncmp(*entry, "VGPU_", 5) != 0)
      printf("%s\n", *entry);
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  for (int number = 1; number < 32; ++number) {
    struct sigaction action;
    sigaction(number, NULL, &action);
    if (sigismember(&mask, number) == 1) printf("signal %d is blocked\n", number);
    if (action.sa_handler == SIG_IGN) printf("signal %d is ignored\n", number);
  }
  for (int descriptor = 0; descriptor < 64; ++descriptor)
    if (fcntl(descriptor, F_GETFD) >= 0) printf("descriptor %d is open\n", descriptor);
  char directory[4096];
  printf("in %s, process group %s\n", getcwd(directory, sizeof directory), getpgrp() == getpid() ? "own" : "inherited");
  return 0;
}
