#include "launcher/session/truncation_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace vgpu::sessions {
namespace {

// What the handler needs. mmap(2) and sigaction(2) are all that it calls.
char* begin = nullptr;
std::size_t length = 0;
std::uintptr_t page = 0;
volatile sig_atomic_t hit = 0;

void on_bus_error(int number, siginfo_t* info, void*) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const auto first = reinterpret_cast<std::uintptr_t>(begin);
  if (begin == nullptr || address < first || address >= first + length) {
    signal(number, SIG_DFL);  // and the instruction that brought us here does it again
    return;
  }
  void* const at = reinterpret_cast<void*>(address / page * page);
  if (mmap(at, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
    signal(number, SIG_DFL);
  }
  hit = 1;
}

}  // namespace

TruncationGuard::TruncationGuard(int fd, std::size_t size) : size_(size) {
  void* const at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return;
  begin = static_cast<char*>(at);
  length = size;
  page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  hit = 0;
  struct sigaction action = {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, &before_);
  at_ = at;
}

TruncationGuard::~TruncationGuard() {
  if (at_ == nullptr) return;
  sigaction(SIGBUS, &before_, nullptr);
  begin = nullptr;
  munmap(at_, size_);
}

bool TruncationGuard::truncated() const { return hit != 0; }

}  // namespace vgpu::sessions
