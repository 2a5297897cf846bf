// usage: ledger_race PROCESSES OPERATIONS Processes reserve and give back at random, far more than there is, through
// the code that libvgpu-cuda uses. Each keeps what it was granted in a counter beside the ledger; that counter must
// never pass the limit, by one byte.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "shims/device/description.h"
#include "shims/device/ledger.h"
#include "tests/session/scene.h"

namespace {

namespace ledger = vgpu::device::ledger;

constexpr std::uint64_t kLimit = 64 << 20;

struct Shared {
  std::atomic<bool> go;
  std::atomic<std::uint64_t> held;
  std::atomic<std::uint64_t> most;
  std::atomic<std::uint64_t> granted;
  std::atomic<std::uint64_t> refused;
  std::atomic<int> wrong;
};

void note(Shared& shared, std::uint64_t held) {
  std::uint64_t most = shared.most.load();
  while (held > most && !shared.most.compare_exchange_weak(most, held)) {
  }
}

void work(Shared& shared, unsigned seed, int operations) {
  if (!ledger::join()) {
    ++shared.wrong;
    return;
  }
  while (!shared.go) usleep(100);
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> mine;
  std::uint64_t granted = 0, refused = 0;
  for (int i = 0; i < operations; ++i) {
    if (mine.empty() || random() % 5 < 3) {
      const std::uint64_t bytes = (random() % 4096 + 1) * 512;
      if (ledger::reserve(0, bytes)) {
        note(shared, shared.held.fetch_add(bytes) + bytes);
        mine.push_back(bytes);
        ++granted;
      } else {
        ++refused;
        for (std::size_t k = mine.size() / 2; k > 0; --k) {
          shared.held.fetch_sub(mine.back());
          ledger::give_back(0, mine.back());
          mine.pop_back();
        }
      }
    } else {
      std::swap(mine[random() % mine.size()], mine.back());
      shared.held.fetch_sub(mine.back());
      ledger::give_back(0, mine.back());
      mine.pop_back();
    }
    if (ledger::used(0) > kLimit) ++shared.wrong;
  }
  for (const std::uint64_t bytes : mine) {
    shared.held.fetch_sub(bytes);
    ledger::give_back(0, bytes);
  }
  shared.granted += granted;
  shared.refused += refused;
}

}  // namespace

int main(int argc, char** argv) {
  const int processes = argc > 1 ? std::atoi(argv[1]) : 64;
  const int operations = argc > 2 ? std::atoi(argv[2]) : 2000;
  const vgpu::session_test::Directory directory;
  const std::string path = directory.session();
  setenv("VGPU_SESSION", path.c_str(), 1);
  setenv("VGPU_MEMORY", std::to_string(kLimit).c_str(), 1);
  void* pages = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return std::perror("mmap"), 1;
  auto& shared = *new (pages) Shared();
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    const pid_t pid = fork();
    if (pid < 0) return std::perror("fork"), 1;
    if (pid == 0) {
      work(shared, static_cast<unsigned>(i + 1), operations);
      _exit(0);
    }
    children.push_back(pid);
  }
  shared.go = true;
  int failed = shared.wrong;
  for (const pid_t pid : children) {
    int status = 0;
    waitpid(pid, &status, 0);
    if (status != 0) ++failed;
  }
  failed += shared.wrong;
  vgpu::session::Reader reader;
  vgpu::session::Failure failure = {};
  bool undecided = true;
  if (!reader.open(path.c_str(), failure)) return std::printf("%s %s\n", path.c_str(), failure.what), 1;
  const bool exact = reader.exact(undecided) && !undecided;
  const std::uint64_t most = shared.most;
  std::printf(
      "%d processes, %d operations each: %llu granted, %llu refused; most held %llu of %llu, over-shoot %llu; left "
      "%llu, "
      "books %s, %d wrong\n",
      processes, operations, static_cast<unsigned long long>(shared.granted),
      static_cast<unsigned long long>(shared.refused), static_cast<unsigned long long>(most),
      static_cast<unsigned long long>(kLimit), static_cast<unsigned long long>(most > kLimit ? most - kLimit : 0),
      static_cast<unsigned long long>(reader.used(0)), exact ? "exact" : "NOT EXACT", failed);
  // Without refusals there was no race to lose.
  return failed == 0 && exact && most <= kLimit && reader.used(0) == 0 && shared.refused > 0 ? 0 : 1;
}
