#include "shims/device/ledger.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "shims/device/description.h"
#include "shims/device/log.h"
#include "shims/session/residents.h"
#include "shims/session/settings.h"

// Linux 4.14, glibc 2.26: absent from older headers.
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

namespace vgpu::device::ledger {
namespace {

using session::Books;
using session::kUnit;

static_assert(session::kDevices == kMaxDevices);

constexpr std::uint64_t kSweepInterval = 50'000'000;  // ns

// In pages that a child of fork gets filled with zeros, as in life.cpp: the session's mapping is not there either.
struct State {
  bool alive;
  pid_t owner;  // 0: the kernel wipes the pages; else the process that joined
  bool shared;  // `member` is in a session, else the books below are used
  session::Member member;
  std::atomic<std::uint64_t> last_sweep;
  char path[PATH_MAX];
  session::Account accounts[kMaxDevices];
  session::Slot slot;

  Books books() { return shared ? member.books() : Books(accounts, &slot, 1); }
  unsigned own() const { return shared ? member.slot : 0; }
  const session::Account& account(int physical) const {
    return shared ? member.layout->accounts[physical] : accounts[physical];
  }
};

constinit std::atomic<State*> state = nullptr;

bool ours(const State& candidate) { return candidate.alive && (candidate.owner == 0 || candidate.owner == getpid()); }

// The books of this process, or null.
State* current() {
  State* known = state.load(std::memory_order_acquire);
  return known != nullptr && ours(*known) ? known : nullptr;
}

bool complain(const char* path, const session::Failure& failure, bool required) {
  const log::Number number(failure.error);
  log::line(required ? log::Level::error : log::Level::info, "libvgpu-cuda",
            {required ? "no device: " : "no quota: ", "the session ", path, " ", failure.what,
             failure.error != 0 ? ", errno " : "", failure.error != 0 ? number.text() : "",
             required ? " (VGPU_QUOTA=best-effort goes on without the shared quota)" : ""});
  return !required;
}

bool draw(session::Blueprint& blueprint, session::Failure& failure) {
  const System& all = system();
  blueprint.count = all.count;
  for (int i = 0; i < all.count; ++i) {
    session::Blueprint::Device& device = blueprint.devices[i];
    device.memory = all.devices[i].memory;
    device.name = all.devices[i].name;
    memcpy(device.uuid, all.devices[i].uuid, sizeof device.uuid);
    if (session::limit_of(session::memory_limits(), i, device.memory, device.limit)) continue;
    failure = {.what = "has a limit that is neither bytes nor a percentage (VGPU_MEMORY)", .error = 0};
    return false;
  }
  return true;
}

bool fill(State& made) {
  session::Blueprint blueprint = {};
  session::Failure failure = {};
  const char* path = session::session_path();
  const bool required = session::quota_required();
  if (!draw(blueprint, failure)) {
    if (!complain(path != nullptr ? path : "", failure, required)) return false;
    for (int i = 0; i < blueprint.count; ++i) blueprint.devices[i].limit = blueprint.devices[i].memory;
  }
  if (path != nullptr) {
    if (strlen(path) < sizeof made.path) {
      made.shared = session::join(path, blueprint, made.member, failure);
      strcpy(made.path, path);
    } else {
      failure = {.what = "has too long a path", .error = 0};
    }
    if (!made.shared && !complain(path, failure, required)) return false;
  }
  for (int i = 0; i < blueprint.count; ++i) made.accounts[i].limit = blueprint.devices[i].limit;
  return true;
}

State* make() {
  void* pages = mmap(nullptr, sizeof(State), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  State* made = new (pages) State();
  made->owner = madvise(pages, sizeof(State), MADV_WIPEONFORK) == 0 ? 0 : getpid();
  if (fill(*made)) {
    made->alive = true;
    return made;
  }
  munmap(pages, sizeof(State));
  return nullptr;
}

State* joined() {
  if (State* known = current()) return known;
  const int saved = errno;
  State* made = make();
  if (made != nullptr) {
    // Threads that race join with a slot each; one stays, the others leave.
    State* known = state.load(std::memory_order_acquire);
    while (known == nullptr || !ours(*known)) {
      if (state.compare_exchange_strong(known, made, std::memory_order_acq_rel)) break;
    }
    if (state.load(std::memory_order_acquire) != made) {
      if (made->shared) session::leave(made->member);
      munmap(made, sizeof(State));
    }
  }
  errno = saved;
  return current();
}

std::uint64_t now() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t sweep(State& books) {
  books.last_sweep.store(now(), std::memory_order_relaxed);
  return session::sweep(books.path, *books.member.layout, books.member.inode, books.member.pid_namespace,
                        books.member.slot);
}

// Rounded up without overflow; what no device has stays what no device has.
std::uint64_t units(std::uint64_t bytes) { return bytes / kUnit + (bytes % kUnit != 0 ? 1 : 0); }

}  // namespace

bool join() { return joined() != nullptr; }

bool reserve(int physical, std::uint64_t bytes) {
  State* mine = joined();
  if (mine == nullptr) return false;
  const Books books = mine->books();
  if (books.reserve(physical, mine->own(), units(bytes), limit(physical) / kUnit)) return true;
  if (!mine->shared || units(bytes) > limit(physical) / kUnit) return false;
  // What was freed may be taken by somebody else before we have it: then the device is full, and they are alive.
  sweep(*mine);
  return books.reserve(physical, mine->own(), units(bytes), limit(physical) / kUnit);
}

void give_back(int physical, std::uint64_t bytes) {
  if (State* mine = current()) mine->books().give_back(physical, mine->own(), units(bytes));
}

std::uint64_t used(int physical) {
  State* mine = joined();
  if (mine == nullptr) return 0;
  if (mine->shared && now() - mine->last_sweep.load(std::memory_order_relaxed) >= kSweepInterval) sweep(*mine);
  return mine->books().total(physical) * kUnit;
}

std::uint64_t own(int physical) {
  State* mine = current();
  return mine == nullptr ? 0 : mine->books().charged(physical, mine->own()) * kUnit;
}

bool note_context(int physical) {
  State* mine = current();
  if (mine == nullptr || !mine->shared) return false;
  session::Layout& layout = *mine->member.layout;
  __atomic_fetch_or(&layout.slots[mine->member.slot].contexts, std::uint64_t{1} << physical, __ATOMIC_RELAXED);
  return __atomic_load_n(&layout.accounts[physical].context, __ATOMIC_RELAXED) == 0;
}

void set_context(int physical, std::uint64_t bytes) {
  State* mine = current();
  if (mine != nullptr && mine->shared)
    __atomic_store_n(&mine->member.layout->accounts[physical].context, bytes, __ATOMIC_RELAXED);
}

std::uint64_t limit(int physical) {
  const State* mine = joined();
  return mine == nullptr ? 0 : __atomic_load_n(&mine->account(physical).limit, __ATOMIC_RELAXED);
}

}  // namespace vgpu::device::ledger
