/* Every door to libcuda and libnvidia-ml that a program has, in front of the fake driver: try_doors REAL_CUDA REAL_NVML
   HELPER. Prints what is wrong; the exit status is the number of that. HELPER: a library with a RUNPATH of its own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int wrong;

#define CHECK(condition)                                                                      \
  do {                                                                                        \
    if (!(condition)) printf("line %d: %s (%s)\n", __LINE__, #condition, told()), wrong += 1; \
  } while (0)

static const char* told(void) {
  const char* error = dlerror();
  return error != NULL ? error : "";
}

static int is_from(void* function, const char* file) {
  Dl_info info;
  return function != NULL && dladdr(function, &info) != 0 && strstr(info.dli_fname, file) != NULL;
}

struct Library {
  const char* shim;
  const char* development;
  const char* soname;
  const char* known;
  const char* newer;
  const char* real;
};

static void check_doors(const struct Library* one) {
  void* by_soname = dlopen(one->soname, RTLD_NOW);
  CHECK(is_from(dlsym(by_soname, one->known), one->shim));
  CHECK(dlopen(one->development, RTLD_LAZY | RTLD_LOCAL) == by_soname);
  CHECK(dlopen(one->real, RTLD_LAZY | RTLD_GLOBAL) == by_soname);
  CHECK(dlopen(one->real, RTLD_LAZY | RTLD_NOLOAD) == by_soname);
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.1.2.3", getenv("LINKS"), one->development);
  if (symlink(one->real, path) != 0) wrong += 1;
  CHECK(dlopen(path, RTLD_NOW) == by_soname);
  /* What is not there is not there, and what is called otherwise is not ours. */
  snprintf(path, sizeof path, "/nowhere/%s", one->soname);
  CHECK(dlopen(path, RTLD_NOW) == NULL && strstr(told(), "/nowhere/") != NULL);
  snprintf(path, sizeof path, "%s/%s-other", getenv("LINKS"), one->development);
  if (symlink("/lib64/ld-linux-x86-64.so.2", path) != 0) wrong += 1;
  CHECK(dlopen(path, RTLD_NOW) != by_soname);

  void* self = dlopen(NULL, RTLD_NOW);
  CHECK(is_from(dlsym(RTLD_DEFAULT, one->known), one->shim));
  CHECK(is_from(dlsym(self, one->known), one->shim));
  /* A name that only the real one has. */
  void* newer = dlsym(by_soname, one->newer);
  CHECK(newer != NULL && !is_from(newer, one->shim));
  CHECK(dlsym(RTLD_DEFAULT, one->newer) == newer);
  CHECK(dlsym(self, one->newer) == newer);
  CHECK(newer != NULL && ((long (*)(long))newer)(1) >= 7000);
  /* One that nobody has, with ld.so's own words. */
  dlerror();
  CHECK(dlsym(by_soname, "cuNobodyHasThis") == NULL && strstr(told(), "cuNobodyHasThis") != NULL);
  CHECK(dlsym(by_soname, "nvmlNobodyHasThis") == NULL && strstr(told(), "nvmlNobodyHasThis") != NULL);

  /* Another namespace: another copy of ours. */
  snprintf(path, sizeof path, "%s", one->real);
  for (int i = 0; i < 2; ++i) {
    void* elsewhere = dlmopen(LM_ID_NEWLM, i == 0 ? one->soname : path, RTLD_NOW);
    CHECK(elsewhere != NULL && elsewhere != by_soname && is_from(dlsym(elsewhere, one->known), one->shim));
    CHECK(elsewhere != NULL && ((int (*)(int))dlsym(elsewhere, one->known))(0) == 0);
  }
}

int main(int argc, char** argv) {
  if (argc != 4) return 125;
  const struct Library cuda = {"libvgpu-cuda-slice.so", "libcuda.so", "libcuda.so.1", "cuInit",
                               "cuNewerThanTheList",    argv[1]};
  const struct Library nvml = {"libvgpu-nvml-slice.so", "libnvidia-ml.so",      "libnvidia-ml.so.1",
                               "nvmlInit_v2",           "nvmlNewerThanTheList", argv[2]};
  check_doors(&cuda);
  check_doors(&nvml);
  /* From the caller's address libc takes the RUNPATH, and what "next" means. */
  CHECK(dlopen("libdoors-private.so", RTLD_NOW) == NULL);
  void* helper = dlopen(argv[3], RTLD_NOW);
  CHECK(helper != NULL);
  CHECK(helper != NULL && ((int (*)(void))dlsym(helper, "opens_its_private_library"))() == 42);
  CHECK(helper != NULL && ((int (*)(void))dlsym(helper, "finds_the_next"))() == 1);
  /* A name that an older driver does not have is missing. */
  void* missing = dlsym(dlopen("libcuda.so.1", RTLD_NOW), "cuGreenCtxCreate");
  CHECK(getenv("FAKE_IS_OLD") == NULL ? missing != NULL : missing == NULL);
  CHECK(getenv("FAKE_IS_OLD") == NULL || dlsym(RTLD_DEFAULT, "cuGreenCtxCreate") == NULL);
  return wrong;
}
