/* What the shims of a slice cost on a real driver: slice_cost calls | start. Under vgpu-run the driver's own functions
   stand beside ours in one process; "calls" takes turns between them and prints the medians (and the 99th of 100) in
   ns, ours behind theirs. "start" prints the µs from nothing to an initialised driver. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e9 * (double)time.tv_sec + (double)time.tv_nsec;
}

static int by_size(const void* a, const void* b) {
  const double left = *(const double*)a, right = *(const double*)b;
  return (left > right) - (left < right);
}

/* The driver itself: a link map is a handle, and opening it by its path would give the shim. */
static void* real_driver(void) {
  const char* path = getenv("VGPU_REAL_CUDA");
  struct link_map* map = dlopen(NULL, RTLD_NOW);
  for (; map != NULL; map = map->l_next) {
    if (path != NULL && strcmp(map->l_name, path) == 0) return map;
  }
  return NULL;
}

struct Api {
  int (*init)(unsigned);
  int (*get)(int*, int);
  int (*retain)(void**, int);
  int (*set)(void*);
  int (*current)(void**);
  int (*allocate)(uint64_t*, size_t);
  int (*release)(uint64_t);
  int (*allocate_async)(uint64_t*, size_t, void*);
  int (*release_async)(uint64_t, void*);
};

static struct Api api(void* library) {
  struct Api all;
  *(void**)&all.init = dlsym(library, "cuInit");
  *(void**)&all.get = dlsym(library, "cuDeviceGet");
  *(void**)&all.retain = dlsym(library, "cuDevicePrimaryCtxRetain");
  *(void**)&all.set = dlsym(library, "cuCtxSetCurrent");
  *(void**)&all.current = dlsym(library, "cuCtxGetCurrent");
  *(void**)&all.allocate = dlsym(library, "cuMemAlloc_v2");
  *(void**)&all.release = dlsym(library, "cuMemFree_v2");
  *(void**)&all.allocate_async = dlsym(library, "cuMemAllocAsync");
  *(void**)&all.release_async = dlsym(library, "cuMemFreeAsync");
  return all;
}

static void* context;
static uint64_t address;
static void current(const struct Api* one) {
  for (int i = 0; i < 1000; ++i) one->current(&context);
}
static void pair(const struct Api* one) { one->allocate(&address, 1 << 21), one->release(address); }
static void pair_async(const struct Api* one) {
  one->allocate_async(&address, 1 << 21, NULL), one->release_async(address, NULL);
}

static void compare(const char* name, const struct Api* theirs, const struct Api* ours, void (*body)(const struct Api*),
                    int rounds, double calls) {
  double* times[2] = {calloc((size_t)rounds, sizeof(double)), calloc((size_t)rounds, sizeof(double))};
  for (int i = -rounds / 10; i < rounds; ++i) {
    for (int side = 0; side < 2; ++side) {
      const double start = now();
      body(side == 0 ? theirs : ours);
      if (i >= 0) times[side][i] = (now() - start) / calls;
    }
  }
  for (int side = 0; side < 2; ++side) qsort(times[side], (size_t)rounds, sizeof(double), by_size);
  const int half = rounds / 2, most = rounds * 99 / 100;
  printf("%s %.2f %.2f %.2f %.2f\n", name, times[0][half], times[1][half], times[0][most], times[1][most]);
}

int main(int argc, char** argv) {
  const double start = now();
  void* library = dlopen("libcuda.so.1", RTLD_NOW);
  if (library == NULL || argc != 2) return fprintf(stderr, "%s\n", library == NULL ? dlerror() : "usage"), 125;
  const struct Api ours = api(library);
  if (ours.init(0) != 0) return 1;
  if (strcmp(argv[1], "start") == 0) return printf("%.0f\n", (now() - start) / 1000), 0;
  int device = 0;
  if (ours.get(&device, 0) != 0 || ours.retain(&context, device) != 0 || ours.set(context) != 0) return 2;
  void* real = real_driver();
  if (real == NULL) return fprintf(stderr, "the driver is not loaded behind a shim\n"), 3;
  const struct Api theirs = api(real);
  compare("cuCtxGetCurrent", &theirs, &ours, current, 1001, 1000);
  compare("cuMemAlloc+cuMemFree", &theirs, &ours, pair, 2000, 1);
  compare("cuMemAllocAsync+cuMemFreeAsync", &theirs, &ours, pair_async, 2000, 1);
  return 0;
}
