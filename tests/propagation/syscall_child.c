// Exit status 0: this process has libvgpu-syscall in its link map, LD_PRELOAD names it, and an environment of `clean`
// is otherwise as the parent gave it. With an argument, that many variables VARIABLE_n must have come along.
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_shim(struct dl_phdr_info* info, size_t size, void* found) {
  (void)size;
  if (strstr(info->dlpi_name, "/libvgpu-syscall.so") != NULL) *(int*)found = 1;
  return 0;
}

int main(int argc, char** argv) {
  int found = 0;
  dl_iterate_phdr(is_shim, &found);
  const char* preload = getenv("LD_PRELOAD");
  if (!found || preload == NULL || strstr(preload, "libvgpu-syscall.so") == NULL) {
    fprintf(stderr, "not carried: LD_PRELOAD=%s, %s in the link map\n", preload ? preload : "",
            found ? "it is" : "it is not");
    return 1;
  }
  for (int i = 0, count = argc > 1 ? atoi(argv[1]) : 0; i < count; ++i) {
    char name[40], value[20];
    snprintf(name, sizeof name, "VARIABLE_%d", i);
    snprintf(value, sizeof value, "%d", i);
    const char* got = getenv(name);
    if (got == NULL || strcmp(got, value) != 0) {
      fprintf(stderr, "%s=%s\n", name, got ? got : "(not there)");
      return 1;
    }
  }
  return 0;
}
