// What a slice adds to a call of the driver, in front of the fake driver: a trampoline, and an allocation that is
// accounted in a session. Interleaved, in one process; the ratio is what counts, for the fake does nothing.
#include <dlfcn.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/report.h"

namespace vgpu::bench {
namespace {

using Clock = std::chrono::steady_clock;

double at(std::vector<double>& values, double part) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

template <class Function>
Function find(void* library, const char* name) {
  void* function = library != nullptr ? dlsym(library, name) : nullptr;
  if (function == nullptr) {
    std::fprintf(stderr, "bench_slice: no %s: %s\n", name, library == nullptr ? dlerror() : "");
    std::exit(2);
  }
  return reinterpret_cast<Function>(function);
}

// Nanoseconds of one call, the mean of `calls`.
template <class Body>
double time(int calls, Body body) {
  const auto start = Clock::now();
  for (int i = 0; i < calls; ++i) body();
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / calls;
}

void trampoline(void* driver, void* slice) {
  using Version = int (*)(int*);
  const Version bare = find<Version>(driver, "cuDriverGetVersion");
  const Version through = find<Version>(slice, "cuDriverGetVersion");
  int version = 0;
  std::vector<double> without, with;
  for (int round = 0; round < 1001; ++round) {
    without.push_back(time(2000, [&] { bare(&version); }));
    with.push_back(time(2000, [&] { through(&version); }));
  }
  const double a = at(without, 0.5), b = at(with, 0.5);
  print_table("A function that is only forwarded",
              {{"cuDriverGetVersion", "driver ns", "slice ns", "ratio", "more ns"},
               {"", number(a, 2), number(b, 2), number(b / a, 2), number(b - a, 2)}});
  std::printf("\n");
  print_goal("trampoline", b - a, 2, "ns");
}

// `others`: processes that do the same all the while, in the same session.
void allocation(void* driver, void* slice, int others) {
  using Allocate = int (*)(std::uint64_t*, std::size_t);
  using Free = int (*)(std::uint64_t);
  const auto pair = [](void* library) {
    return [allocate = find<Allocate>(library, "cuMemAlloc_v2"), release = find<Free>(library, "cuMemFree_v2")] {
      std::uint64_t address = 0;
      allocate(&address, 4096);
      release(address);
    };
  };
  const auto bare = pair(driver);
  const auto through = pair(slice);
  if (find<int (*)(unsigned)>(slice, "cuInit")(0) != 0) std::exit(2);
  std::vector<double> without, with;
  for (int round = 0; round < 200'000; ++round) {
    without.push_back(time(1, bare));
    with.push_back(time(1, through));
  }
  std::vector<std::vector<std::string>> rows{{"cuMemAlloc and cuMemFree", "driver ns", "slice ns", "ratio", "more ns"}};
  for (const double part : {0.5, 0.99}) {
    const double a = at(without, part), b = at(with, part);
    rows.push_back(
        {part == 0.5 ? "median" : "99 of 100", number(a, 0), number(b, 0), number(b / a, 2), number(b - a, 0)});
  }
  const std::string beside = others == 0 ? "" : ", beside " + std::to_string(others) + " processes that do so, too";
  print_table("An allocation that is accounted in a session" + beside, rows);
  std::printf("\n");
  print_goal("accounted pair, median", at(with, 0.5) - at(without, 0.5), 2000, "ns");
  print_goal("accounted pair, 99 of 100", at(with, 0.99) - at(without, 0.99), 20000, "ns");
}

// Processes that allocate and free through a shim of their own, or hold still, until they are killed.
class Crowd {
 public:
  Crowd(int count, const std::string& shim, bool idle) {
    int ready[2];
    if (pipe(ready) != 0) std::exit(2);
    for (int i = 0; i < count; ++i) {
      const pid_t child = fork();
      if (child == 0) work(shim, ready[1], idle);
      members_.push_back(child);
    }
    char byte = 0;
    for (int i = 0; i < count; ++i) {
      if (read(ready[0], &byte, 1) != 1) std::exit(2);
    }
    close(ready[0]);
    close(ready[1]);
  }
  ~Crowd() {
    for (const pid_t member : members_) kill(member, SIGKILL);
    for (const pid_t member : members_) waitpid(member, nullptr, 0);
  }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

 private:
  [[noreturn]] static void work(const std::string& shim, int ready, bool idle) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // whatever becomes of the benchmark
    void* library = dlopen(shim.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (find<int (*)(unsigned)>(library, "cuInit")(0) != 0) _exit(2);
    const auto allocate = find<int (*)(std::uint64_t*, std::size_t)>(library, "cuMemAlloc_v2");
    const auto release = find<int (*)(std::uint64_t)>(library, "cuMemFree_v2");
    if (write(ready, "", 1) != 1) _exit(2);
    while (idle) pause();
    for (std::size_t size = 512;; size = size * 5 % 65521) {
      std::uint64_t address = 0;
      if (allocate(&address, size) != 0 || release(address) != 0) _exit(3);
    }
  }

  std::vector<pid_t> members_;
};

// From a process without CUDA to one that has initialised it, in a process of its own: the shim or the driver alone.
double start(const std::string& library) {
  int told[2];
  if (pipe(told) != 0) std::exit(2);
  const pid_t child = fork();
  if (child == 0) {
    const double taken = time(1, [&] {
      void* opened = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
      if (find<int (*)(unsigned)>(opened, "cuInit")(0) != 0) _exit(2);
    });
    _exit(write(told[1], &taken, sizeof taken) == sizeof taken ? 0 : 2);
  }
  double taken = 0;
  if (read(told[0], &taken, sizeof taken) != sizeof taken) std::exit(2);
  waitpid(child, nullptr, 0);
  close(told[0]);
  close(told[1]);
  return taken;
}

void starts(const std::string& fake, const std::string& shim, int others) {
  std::vector<double> without, with;
  for (int round = 0; round < 500; ++round) {
    without.push_back(start(fake) / 1000);
    with.push_back(start(shim) / 1000);
  }
  const double a = at(without, 0.5), b = at(with, 0.5);
  print_table("A process that initialises the driver in a session of " + std::to_string(others) + " others",
              {{"dlopen and cuInit", "driver µs", "slice µs", "ratio", "more µs"},
               {"median", number(a, 0), number(b, 0), number(b / a, 2), number(b - a, 0)}});
  std::printf("\n");
  print_goal("start, median", b - a, 1000, "µs");
}

}  // namespace
}  // namespace vgpu::bench

int main() {
  using namespace vgpu::bench;
  // <build>/tests/bench_slice
  const std::string build = std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
  const std::string fake = build + "/tests/fake_driver/libcuda.so.1";
  char directory[] = "/dev/shm/vgpu-bench-XXXXXX";
  if (mkdtemp(directory) == nullptr) return 2;
  setenv("VGPU_REAL_CUDA", fake.c_str(), 1);
  setenv("VGPU_SESSION", (std::string(directory) + "/session").c_str(), 1);
  setenv("VGPU_MEMORY", "1073741824", 1);
  setvbuf(stdout, nullptr, _IOLBF, 0);
  print_machine();
  const std::string shim = build + "/lib/vgpu/libvgpu-cuda-slice.so";
  constexpr int kOthers = 63;
  auto crowd = std::make_unique<Crowd>(kOthers, shim, true);  // before this process has a driver
  starts(fake, shim, kOthers);
  std::printf("\n");
  crowd.reset();
  crowd = std::make_unique<Crowd>(kOthers, shim, false);
  void* driver = dlopen(fake.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* slice = dlopen(shim.c_str(), RTLD_NOW | RTLD_LOCAL);
  allocation(driver, slice, kOthers);
  std::printf("\n");
  crowd.reset();
  trampoline(driver, slice);
  std::printf("\n");
  allocation(driver, slice, 0);
  std::filesystem::remove_all(directory);
  return 0;
}
