// usage: session_driver WORD...
// A CUDA program, word by word: alloc=BYTES (the result's number is printed), free, info, total, processes (NVML's
// list: how many, our own bytes, the others' bytes), devices (how many, and how their UUIDs begin), nvml (how many NVML
// shows), say=TEXT, wait (for a line on stdin), fork WORD... (a child does the rest, we wait for it), visible (what
// CUDA_VISIBLE_DEVICES is), visible=LIST (sets it), spawn (runs ourselves once more with the words that follow).
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef unsigned long long Pointer;

static void* library;

static void* function(const char* name) {
  void* found = dlsym(library, name);
  if (found == NULL) fprintf(stderr, "no %s\n", name), exit(3);
  return found;
}

// nvmlProcessInfo_t of the third version.
struct Process {
  unsigned pid;
  unsigned long long used;
  unsigned instance, compute_instance;
};

static void list_processes(void) {
  void* cuda = library;
  library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
  if (library == NULL) fprintf(stderr, "%s\n", dlerror()), exit(3);
  struct Process all[8];
  unsigned count = 8;
  void* device = NULL;
  ((int (*)(void))function("nvmlInit_v2"))();
  ((int (*)(unsigned, void**))function("nvmlDeviceGetHandleByIndex_v2"))(0, &device);
  const int result = ((int (*)(void*, unsigned*, struct Process*))function("nvmlDeviceGetComputeRunningProcesses_v3"))(
      device, &count, all);
  unsigned long long own = 0, others = 0;
  for (unsigned i = 0; result == 0 && i < count; ++i)
    *(all[i].pid == (unsigned)getpid() ? &own : &others) += all[i].used;
  printf("processes %d %u own %llu others %llu\n", result, count, own, others);
  library = cuda;
}

static void list_devices(void) {
  int count = 0;
  ((int (*)(int*))function("cuDeviceGetCount"))(&count);
  printf("devices %d", count);
  for (int i = 0; i < count; ++i) {
    unsigned char uuid[16];
    ((int (*)(unsigned char*, int))function("cuDeviceGetUuid_v2"))(uuid, i);
    printf(" %02x%02x%02x%02x", uuid[0], uuid[1], uuid[2], uuid[3]);
  }
  puts("");
}

static void count_nvml(void) {
  void* cuda = library;
  unsigned count = 0;
  library = dlopen("libnvidia-ml.so.1", RTLD_NOW);
  if (library == NULL) fprintf(stderr, "%s\n", dlerror()), exit(3);
  ((int (*)(void))function("nvmlInit_v2"))();
  ((int (*)(unsigned*))function("nvmlDeviceGetCount_v2"))(&count);
  printf("nvml %u\n", count);
  library = cuda;
}

int main(int count, char** words) {
  library = dlopen("libcuda.so.1", RTLD_NOW);
  if (library == NULL) return fprintf(stderr, "%s\n", dlerror()), 3;
  setvbuf(stdout, NULL, _IOLBF, 0);
  const int started = ((int (*)(unsigned))function("cuInit"))(0);
  if (started != 0) return printf("cuInit %d\n", started), 2;
  void* context = NULL;
  ((int (*)(void**, int))function("cuDevicePrimaryCtxRetain"))(&context, 0);
  ((int (*)(void*))function("cuCtxSetCurrent"))(context);
  Pointer last = 0;
  for (int i = 1; i < count; ++i) {
    if (strncmp(words[i], "alloc=", 6) == 0) {
      const int result = ((int (*)(Pointer*, size_t))function("cuMemAlloc_v2"))(&last, strtoull(words[i] + 6, NULL, 0));
      printf("alloc %d\n", result);
    } else if (strcmp(words[i], "free") == 0) {
      printf("free %d\n", ((int (*)(Pointer))function("cuMemFree_v2"))(last));
    } else if (strcmp(words[i], "info") == 0) {
      size_t free_bytes = 0, total = 0;
      const int result = ((int (*)(size_t*, size_t*))function("cuMemGetInfo_v2"))(&free_bytes, &total);
      printf("info %d %zu of %zu\n", result, free_bytes, total);
    } else if (strcmp(words[i], "total") == 0) {
      size_t total = 0;
      ((int (*)(size_t*, int))function("cuDeviceTotalMem_v2"))(&total, 0);
      printf("total %zu\n", total);
    } else if (strcmp(words[i], "processes") == 0) {
      list_processes();
    } else if (strcmp(words[i], "devices") == 0) {
      list_devices();
    } else if (strcmp(words[i], "nvml") == 0) {
      count_nvml();
    } else if (strcmp(words[i], "visible") == 0) {
      const char* visible = getenv("CUDA_VISIBLE_DEVICES");
      printf("visible %s\n", visible == NULL ? "(unset)" : visible);
    } else if (strncmp(words[i], "visible=", 8) == 0) {
      setenv("CUDA_VISIBLE_DEVICES", words[i] + 8, 1);
    } else if (strncmp(words[i], "say=", 4) == 0) {
      puts(words[i] + 4);
    } else if (strcmp(words[i], "wait") == 0) {
      if (getchar() == EOF) return 0;
    } else if (strcmp(words[i], "fork") == 0) {
      const pid_t pid = fork();
      if (pid == 0) continue;
      waitpid(pid, NULL, 0);
      return 0;
    } else if (strcmp(words[i], "spawn") == 0) {
      words[i] = words[0];
      fflush(stdout);
      if (fork() == 0) execv("/proc/self/exe", words + i), _exit(127);
      wait(NULL);
      return 0;
    }
  }
  return 0;
}
