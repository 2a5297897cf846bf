// usage: ledger_storm kill|fork KILLS Processes reserve and give back while others are killed at any moment. No process
// asks for more than its share, and all shares together are half of the device: so every refusal is a false one, caused
// by memory of the dead. The books are checked all the while.
//
//   kill   each process works alone until SIGKILL comes
//   fork   it also forks children that work without exec, starts programs by vfork, and execs over what it holds
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "shims/device/ledger.h"
#include "tests/session/scene.h"

namespace {

namespace ledger = vgpu::device::ledger;

constexpr int kProcesses = 12;
constexpr std::uint64_t kLimit = 48 << 20;
constexpr std::uint64_t kShare = kLimit / 2 / (2 * kProcesses);  // a process and one child of it

struct Shared {
  std::atomic<std::uint64_t> operations;
  std::atomic<int> refused;
  std::atomic<int> unreachable;
};

class Worker {
 public:
  Worker(Shared& shared, unsigned seed) : shared_(shared), random_(seed) {}

  void operation() {
    const std::uint64_t bytes = (random_() % 64 + 1) * 512;
    if (held_ + bytes <= kShare && random_() % 8 < 5) {
      if (ledger::reserve(0, bytes)) {
        held_ += bytes;
      } else {
        ++shared_.refused;
      }
    } else if (held_ > 0) {
      const std::uint64_t back = std::min(held_, bytes);
      ledger::give_back(0, back);
      held_ -= back;
    }
    if (random_() % 64 == 0) ledger::used(0);
    ++shared_.operations;
  }

  // With memory in hand: a child that works, or a program instead of a child, or a program instead of us.
  void relatives() {
    const auto choice = random_() % 3;
    if (choice == 0) {
      const auto seed = static_cast<unsigned>(random_());
      const pid_t pid = fork();
      if (pid == 0) {
        if (!ledger::join()) ++shared_.unreachable;
        Worker child(shared_, seed);
        for (int i = 0; i < 200; ++i) child.operation();
        _exit(0);  // with what it holds
      }
      waitpid(pid, nullptr, 0);
    } else if (choice == 1) {
      const pid_t pid = vfork();
      if (pid == 0) {
        execl("/bin/true", "true", static_cast<char*>(nullptr));
        _exit(127);
      }
      waitpid(pid, nullptr, 0);
    } else {
      execl("/bin/sleep", "sleep", "100", static_cast<char*>(nullptr));
    }
  }

 private:
  Shared& shared_;
  std::mt19937_64 random_;
  std::uint64_t held_ = 0;
};

pid_t start(Shared& shared, unsigned seed, bool forks) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (!ledger::join()) {
    ++shared.unreachable;
    pause();
  }
  Worker worker(shared, seed);
  for (unsigned i = 1;; ++i) {
    worker.operation();
    if (forks && i % 500 == 0) worker.relatives();
  }
}

bool exact(const std::string& path) {
  vgpu::session::Reader reader;
  vgpu::session::Failure failure = {};
  bool undecided = false;
  if (!reader.open(path.c_str(), failure)) return failure.error == ENOENT;
  return reader.exact(undecided) && reader.used(0) <= kLimit;
}

// A worker's orphans end by themselves, soon.
bool empty_soon(const std::string& path, int milliseconds) {
  for (int i = 0; i < milliseconds; ++i) {
    if (vgpu::session_test::used(path) == 0) return true;
    usleep(1000);
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const bool forks = argc > 1 && std::strcmp(argv[1], "fork") == 0;
  const int kills = argc > 2 ? std::atoi(argv[2]) : 300;
  const vgpu::session_test::Directory directory;
  const std::string path = directory.session();
  setenv("VGPU_SESSION", path.c_str(), 1);
  setenv("VGPU_MEMORY", std::to_string(kLimit).c_str(), 1);
  void* pages = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return std::perror("mmap"), 1;
  auto& shared = *new (pages) Shared();
  const auto began = std::chrono::steady_clock::now();
  const auto seed = static_cast<unsigned>(began.time_since_epoch().count());
  std::mt19937_64 random(seed);
  std::vector<pid_t> workers;
  for (int i = 0; i < kProcesses; ++i) workers.push_back(start(shared, static_cast<unsigned>(random()), forks));
  int inexact = 0;
  for (int i = 0; i < kills; ++i) {
    usleep(static_cast<useconds_t>(random() % (forks ? 8000 : 2000)));
    pid_t& victim = workers[random() % workers.size()];
    kill(victim, SIGKILL);
    waitpid(victim, nullptr, 0);
    victim = start(shared, static_cast<unsigned>(random()), forks);
    if (i % 10 == 0 && !exact(path)) ++inexact;
  }
  for (const pid_t worker : workers) kill(worker, SIGKILL);
  for (const pid_t worker : workers) waitpid(worker, nullptr, 0);
  const bool empty = empty_soon(path, forks ? 2000 : 100);
  const bool at_last = exact(path);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf(
      "%s storm, seed %u: %d killed in %.1f s, %llu operations; %d false refusals, %d unreachable, %d checks failed; "
      "afterwards %s and %s\n",
      forks ? "fork" : "kill", seed, kills, seconds, static_cast<unsigned long long>(shared.operations),
      shared.refused.load(), shared.unreachable.load(), inexact, empty ? "empty" : "NOT EMPTY",
      at_last ? "exact" : "NOT EXACT");
  return shared.refused == 0 && shared.unreachable == 0 && inexact == 0 && empty && at_last ? 0 : 1;
}
