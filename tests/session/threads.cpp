// usage: ledger_threads OPERATIONS
// Threads of one process on the ledger, from the first moment (they race to join) on. Built with ThreadSanitizer.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>
#include <vector>

#include "shims/device/ledger.h"
#include "tests/session/scene.h"

int main(int argc, char** argv) {
  namespace ledger = vgpu::device::ledger;
  constexpr std::uint64_t kLimit = 4 << 20;
  const int operations = argc > 1 ? std::atoi(argv[1]) : 20000;
  const vgpu::session_test::Directory directory;
  const std::string path = directory.session();
  setenv("VGPU_SESSION", path.c_str(), 1);
  setenv("VGPU_MEMORY", std::to_string(kLimit).c_str(), 1);
  std::atomic<bool> go = false;
  std::atomic<std::uint64_t> held = 0;
  std::atomic<int> wrong = 0, refused = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937_64 random(i);
      while (!go) std::this_thread::yield();
      if (!ledger::join() || ledger::limit(0) != kLimit) ++wrong;
      std::uint64_t mine = 0;
      for (int k = 0; k < operations; ++k) {
        const std::uint64_t bytes = (random() % 1024 + 1) * 512;
        if (random() % 2 == 0) {
          if (!ledger::reserve(0, bytes)) {
            ++refused;
          } else if (mine += bytes; held.fetch_add(bytes) + bytes > kLimit) {
            ++wrong;
          }
        } else if (const std::uint64_t back = std::min(mine, bytes); back > 0) {
          held.fetch_sub(back);
          ledger::give_back(0, back);
          mine -= back;
        }
        if (k % 100 == 0 && ledger::used(0) > kLimit) ++wrong;
      }
      held.fetch_sub(mine);
      ledger::give_back(0, mine);
    });
  }
  // Beside them somebody looks from outside.
  std::thread looker([&] {
    while (!go) std::this_thread::yield();
    for (int k = 0; k < operations / 100; ++k) vgpu::session_test::used(path);
  });
  go = true;
  for (std::thread& thread : threads) thread.join();
  looker.join();
  vgpu::session::Reader reader;
  vgpu::session::Failure failure = {};
  bool undecided = true;
  const bool exact = reader.open(path.c_str(), failure) && reader.exact(undecided) && !undecided;
  unsigned next = 0;
  vgpu::session::Process process = {};
  int processes = 0;
  while (exact && reader.next_process(next, process)) ++processes;
  std::printf("8 threads: %d refused, %d wrong, left %llu, books %s, %d slot\n", refused.load(), wrong.load(),
              static_cast<unsigned long long>(ledger::used(0)), exact ? "exact" : "NOT EXACT", processes);
  return wrong == 0 && exact && ledger::used(0) == 0 && processes == 1 && refused > 0 ? 0 : 1;
}
