// Both majors in one process, preloaded: the version nodes keep them apart, the driver behind them is one.
//   LD_PRELOAD=libvgpu-cuda.so:libvgpu-cudart12.so:libvgpu-cudart13.so runtime_both
#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr const char* kNodes[] = {"libcudart.so.12", "libcudart.so.13"};

// A function of one major, as a program that was linked against that major gets it.
template <class... Arguments>
int call(int which, const char* name, Arguments... arguments) {
  void* function = dlvsym(RTLD_DEFAULT, name, kNodes[which]);
  if (function == nullptr) {
    std::printf("FAILED: %s\n", dlerror());
    std::exit(1);
  }
  return reinterpret_cast<int (*)(Arguments...)>(function)(arguments...);
}

void check(bool good, const char* what) {
  if (good) return;
  std::printf("FAILED: %s\n", what);
  std::exit(1);
}

pthread_barrier_t barrier;

// The first calls of the process, from many threads at the same moment.
void* first_call(void* argument) {
  const int which = argument != nullptr ? 1 : 0;
  int count = 0;
  pthread_barrier_wait(&barrier);
  check(call(which, "cudaGetDeviceCount", &count) == 0 && count >= 1, "a first call among many failed");
  void* pointer = nullptr;
  check(call(which, "cudaMalloc", &pointer, std::size_t{4096}) == 0, "a first allocation among many failed");
  check(call(which, "cudaFree", pointer) == 0, "and its cudaFree");
  return nullptr;
}

void race() {
  constexpr int kThreads = 16;
  pthread_t threads[kThreads];
  pthread_barrier_init(&barrier, nullptr, kThreads);
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], nullptr, first_call, i % 2 != 0 ? &barrier : nullptr);
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

std::size_t free_memory(int which) {
  std::size_t free_bytes = 0;
  std::size_t total = 0;
  check(call(which, "cudaMemGetInfo", &free_bytes, &total) == 0, "cudaMemGetInfo");
  return free_bytes;
}

// A child of fork(2) has no CUDA of its parent's: the real runtime says initialization error there.
void fork_child() {
  const pid_t child = fork();
  if (child == 0) {
    int count = 0;
    void* pointer = nullptr;
    constexpr int kInitializationError = 3;
    const bool refused = call(0, "cudaGetDeviceCount", &count) == kInitializationError &&
                         call(1, "cudaMalloc", &pointer, std::size_t{16}) == kInitializationError;
    _exit(refused ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  check(status == 0, "a child of fork was not told that CUDA cannot be used there");
}

}  // namespace

int main() {
  int version = 0;
  check(call(0, "cudaRuntimeGetVersion", &version) == 0 && version / 1000 == 12, "libcudart.so.12 is not 12");
  check(call(1, "cudaRuntimeGetVersion", &version) == 0 && version / 1000 == 13, "libcudart.so.13 is not 13");
  race();
  const std::size_t before = free_memory(0);
  void* pointer = nullptr;
  check(call(1, "cudaMalloc", &pointer, std::size_t{1} << 30) == 0, "cudaMalloc of 13");
  check(free_memory(0) + (std::size_t{1} << 30) <= before, "12 does not see what 13 allocated");
  check(free_memory(0) == free_memory(1), "the two do not agree on the free memory");
  check(call(0, "cudaFree", pointer) == 0, "12 cannot free what 13 allocated");
  check(free_memory(1) == before, "the memory did not come back");
  check(call(0, "cudaSetDevice", 99) == 101, "cudaSetDevice 99");
  check(call(1, "cudaPeekAtLastError") == 0, "an error of 12 is the last error of 13");
  fork_child();
  std::printf("both majors work side by side\n");
  return 0;
}
