// A library that stands in the way of vgpu-probe's test: as libcuda.so it answers one call and then crashes, or reports
// devices that nobody else sees.
#include <stdlib.h>

int cuInit(unsigned flags) {
  (void)flags;
  if (getenv("PROBE_LIAR_CRASHES") != NULL) abort();
  return 0;
}

int cuDriverGetVersion(int* version) { return *version = 99000, 0; }
int cuDeviceGetCount(int* count) { return *count = 0, 0; }
