// slice_storm SECONDS: 64 processes allocate and free at random through the shims of a slice, in every way the fake
// driver knows, and one after another is killed at a random moment. At no moment do the living together have more than
// the limit, nobody is refused while there is room for it, and in the end the books are exact and empty. Prints a line;
// the status is 0 when all that held.
#include <dlfcn.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "shims/session/reader.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kProcesses = 64;
constexpr std::uint64_t kUnit = 512;
constexpr std::uint64_t kMost = 1 << 20;      // of one allocation
constexpr std::uint64_t kLimit = 24 * kMost;  // 64 processes with up to 4 each do not fit
constexpr std::uint64_t kRoomForAll = 64 * 4 * kMost;

struct Cell {
  // Bytes that the process has of the driver. Rather too few: what it has just got, and what it is about to give back,
  // is not in it. So it is the ledger's own race (tests/session) that proves the limit to the byte; this one is about
  // the shims' way of asking it.
  std::atomic<std::uint64_t> held;
  std::atomic<bool> doomed;         // about to be killed: not counted any more
  std::atomic<std::uint64_t> done;  // allocations that were granted
  std::atomic<std::uint64_t> refused;
};

struct Shared {
  std::atomic<bool> wrong;
  Cell cells[kProcesses];
};

struct Properties {
  int type = 1, handle_types = 0, location_type = 1, location = 0;
  char rest[72] = {};
};

template <class... Arguments>
int call(void* library, const char* name, Arguments... arguments) {
  void* function = dlsym(library, name);
  if (function == nullptr) _exit(9);
  return reinterpret_cast<int (*)(Arguments...)>(function)(arguments...);
}

// One of the ways to get memory, and the way back.
struct Piece {
  int kind = 0;
  std::uint64_t at = 0;
  std::uint64_t bytes = 0;
};

int take(void* shim, Piece& piece) {
  const Properties properties;
  switch (piece.kind) {
    case 0: return call(shim, "cuMemAlloc_v2", &piece.at, static_cast<std::size_t>(piece.bytes));
    case 1: return call(shim, "cuMemAllocManaged", &piece.at, static_cast<std::size_t>(piece.bytes), 1U);
    default:
      return call(shim, "cuMemCreate", &piece.at, static_cast<std::size_t>(piece.bytes), &properties, std::uint64_t{0});
  }
}
int give(void* shim, const Piece& piece) {
  return piece.kind == 2 ? call(shim, "cuMemRelease", piece.at) : call(shim, "cuMemFree_v2", piece.at);
}

[[noreturn]] void work(Shared& shared, int number, unsigned seed) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  void* shim = dlopen(VGPU_SLICE_CUDA, RTLD_NOW | RTLD_LOCAL);
  if (shim == nullptr || call(shim, "cuInit", 0U) != 0) _exit(8);
  Cell& cell = shared.cells[number];
  std::mt19937 random(seed);
  std::vector<Piece> pieces;
  for (;;) {
    if (pieces.size() < 4 && random() % 2 == 0) {
      Piece piece{.kind = static_cast<int>(random() % 3), .bytes = (random() % (kMost / kUnit) + 1) * kUnit};
      const int status = take(shim, piece);
      if (status == 2) {
        cell.refused.fetch_add(1);
      } else if (status != 0) {
        _exit(7);
      } else {
        cell.held.fetch_add(piece.bytes);
        cell.done.fetch_add(1);
        pieces.push_back(piece);
      }
    } else if (!pieces.empty()) {
      const std::size_t which = random() % pieces.size();
      cell.held.fetch_sub(pieces[which].bytes);
      if (give(shim, pieces[which]) != 0) _exit(6);
      pieces[which] = pieces.back();
      pieces.pop_back();
    }
  }
}

std::uint64_t held(const Shared& shared) {
  std::uint64_t sum = 0;
  for (const Cell& cell : shared.cells) sum += cell.doomed.load() ? 0 : cell.held.load();
  return sum;
}

bool is_exact(const std::string& path, std::uint64_t& used) {
  vgpu::session::Reader reader;
  vgpu::session::Failure failure;
  if (!reader.open(path.c_str(), failure)) return false;
  bool undecided = false;
  const bool exact = reader.exact(undecided);
  used = reader.used(0);
  return exact;
}

int fail(const char* what) { return std::printf("WRONG: %s\n", what), 1; }

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  // Room for all of them, or not: then nobody, or somebody, may be refused.
  const bool tight = argc < 3;
  char directory[] = "/dev/shm/slice-storm-XXXXXX";
  if (mkdtemp(directory) == nullptr) return 125;
  const std::string path = std::string(directory) + "/session";
  setenv("VGPU_REAL_CUDA", VGPU_FAKE_CUDA, 1);
  setenv("VGPU_SESSION", path.c_str(), 1);
  setenv("VGPU_MEMORY", std::to_string(tight ? kLimit : kRoomForAll).c_str(), 1);
  void* pages = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return 125;
  Shared& shared = *new (pages) Shared{};
  std::random_device device;
  std::mt19937 random(device());
  pid_t pids[kProcesses] = {};
  const auto start = [&](int number) {
    Cell& cell = shared.cells[number];
    cell.held = 0;
    cell.doomed = false;
    const unsigned seed = static_cast<unsigned>(random());
    pids[number] = fork();
    if (pids[number] == 0) work(shared, number, seed);
  };
  for (int i = 0; i < kProcesses; ++i) start(i);
  int status = 0, killed = 0, checks = 0;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (status == 0 && Clock::now() < end) {
    const int victim = static_cast<int>(random() % kProcesses);
    shared.cells[victim].doomed = true;
    kill(pids[victim], SIGKILL);
    // It dies when it gets its turn. Until then there is time to look.
    int how = 0;
    for (pid_t dead = 0; dead == 0 && status == 0; dead = waitpid(pids[victim], &how, WNOHANG)) {
      for (int i = 0; i < 200; ++i) {
        if (held(shared) > (tight ? kLimit : kRoomForAll)) status = fail("the living have more than the limit");
        ++checks;
      }
      usleep(200);
    }
    if (status != 0) break;
    if (!WIFSIGNALED(how)) status = fail("a process ended by itself: a driver's or a shim's error");
    ++killed;
    start(victim);
    std::uint64_t used = 0;
    if (killed % 50 == 0 && !is_exact(path, used)) status = fail("the books are not exact");
  }
  for (int i = 0; i < kProcesses; ++i) kill(pids[i], SIGKILL);
  for (int i = 0; i < kProcesses; ++i) waitpid(pids[i], nullptr, 0);
  std::uint64_t done = 0, refused = 0, used = 1;
  for (const Cell& cell : shared.cells) done += cell.done, refused += cell.refused;
  if (status == 0 && !is_exact(path, used)) status = fail("the books are not exact in the end");
  if (status == 0 && used != 0) status = fail("what the dead had was not given back");
  if (status == 0 && !tight && refused != 0) status = fail("somebody was refused although there was room");
  if (status == 0 && tight && refused == 0) status = fail("nobody was refused: nothing was tried");
  std::printf("%d killed, %llu granted, %llu refused, %d looks\n", killed, static_cast<unsigned long long>(done),
              static_cast<unsigned long long>(refused), checks);
  std::filesystem::remove_all(directory);
  return status;
}
