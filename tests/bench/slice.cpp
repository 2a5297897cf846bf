// What a slice adds to a call of the driver, in front of the fake driver: a trampoline, and an allocation that is accounted in a
// session. Interleaved, in one process; the ratio is what counts, for the fake does nothing.
#include <dlfcn.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
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
              {{"cuDriverGetVersion", "driver ns", "slice ns", "ratio", "more ns"}, {"", number(a, 2), number(b, 2), number(b / a, 2), number(b - a, 2)}});
  std::printf("\n");
  print_goal("trampoline", b - a, 2, "ns");
}

void allocation(void* driver, void* slice) {
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
    rows.push_back({part == 0.5 ? "median" : "99 of 100", number(a, 0), number(b, 0), number(b / a, 2), number(b - a, 0)});
  }
  print_table("An allocation that is accounted in a session", rows);
  std::printf("\n");
  print_goal("accounted pair, median", at(with, 0.5) - at(without, 0.5), 2000, "ns");
  print_goal("accounted pair, 99 of 100", at(with, 0.99) - at(without, 0.99), 20000, "ns");
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
  void* driver = dlopen(fake.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* slice = dlopen((build + "/lib/vgpu/libvgpu-cuda-slice.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  trampoline(driver, slice);
  allocation(driver, slice);
  std::filesystem::remove_all(directory);
  return 0;
}
