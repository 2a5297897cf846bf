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
#include "shims/session/places.h"
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
  // The books' number of a device of this process: the session has other devices, too.
  int place(int physical) const { return shared ? member.places[physical] : physical; }
  const session::Account& account(int physical) const {
    return shared ? member.layout->accounts[place(physical)] : accounts[physical];
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

void draw(session::Blueprint& blueprint) {
  const System& all = system();
  blueprint.count = all.count;
  blueprint.limits = session::memory_limits();
  blueprint.order = session::session_devices();
  for (int i = 0; i < all.count; ++i) {
    const Description& from = all.devices[i];
    session::Blueprint::Device& to = blueprint.devices[i];
    to.memory = from.memory;
    to.name = from.name;
    memcpy(to.uuid, from.uuid, sizeof to.uuid);
    to.address = std::uint64_t{from.pci_domain} << 32 | from.pci_bus << 8 | from.pci_device;
  }
}

bool is_list_of_limits(const char* limits) {
  constexpr std::uint64_t kAnySize = std::uint64_t{1} << 40;
  std::uint64_t unused = 0;
  return session::limit_of(limits, 0, kAnySize, unused);
}

// What the device may have in books of this process alone.
std::uint64_t limit_alone(const session::Blueprint& blueprint, int physical) {
  const session::Blueprint::Device& device = blueprint.devices[physical];
  const int listed = session::listed_place(blueprint.order, device.uuid, device.address);
  std::uint64_t limit = 0;
  session::limit_of(blueprint.limits, listed >= 0 ? listed : physical, device.memory, limit);
  return limit;
}

bool fill(State& made) {
  session::Blueprint blueprint = {};
  session::Failure failure = {};
  const char* path = session::session_path();
  const bool required = session::quota_required();
  draw(blueprint);
  if (!is_list_of_limits(blueprint.limits)) {
    failure = {.what = "has a limit that is neither bytes nor a percentage (VGPU_MEMORY)", .error = 0};
    if (!complain(path != nullptr ? path : "", failure, required)) return false;
    blueprint.limits = nullptr;
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
  for (int i = 0; i < blueprint.count; ++i) made.accounts[i].limit = limit_alone(blueprint, i);
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
  const int place = mine->place(physical);
  if (books.reserve(place, mine->own(), units(bytes), limit(physical) / kUnit)) return true;
  if (!mine->shared || units(bytes) > limit(physical) / kUnit) return false;
  // What was freed may be taken by somebody else before we have it: then the device is full, and they are alive.
  sweep(*mine);
  return books.reserve(place, mine->own(), units(bytes), limit(physical) / kUnit);
}

void give_back(int physical, std::uint64_t bytes) {
  if (State* mine = current()) mine->books().give_back(mine->place(physical), mine->own(), units(bytes));
}

std::uint64_t used(int physical) {
  State* mine = joined();
  if (mine == nullptr) return 0;
  if (mine->shared && now() - mine->last_sweep.load(std::memory_order_relaxed) >= kSweepInterval) sweep(*mine);
  return mine->books().total(mine->place(physical)) * kUnit;
}

std::uint64_t own(int physical) {
  State* mine = current();
  return mine == nullptr ? 0 : mine->books().charged(mine->place(physical), mine->own()) * kUnit;
}

bool note_context(int physical) {
  State* mine = current();
  if (mine == nullptr || !mine->shared) return false;
  session::Layout& layout = *mine->member.layout;
  const int place = mine->place(physical);
  __atomic_fetch_or(&layout.slots[mine->member.slot].contexts, std::uint64_t{1} << place, __ATOMIC_RELAXED);
  return __atomic_load_n(&layout.accounts[place].context, __ATOMIC_RELAXED) == 0;
}

void set_context(int physical, std::uint64_t bytes) {
  State* mine = current();
  if (mine == nullptr || !mine->shared) return;
  __atomic_store_n(&mine->member.layout->accounts[mine->place(physical)].context, bytes, __ATOMIC_RELAXED);
}

std::uint64_t limit(int physical) {
  const State* mine = joined();
  return mine == nullptr ? 0 : __atomic_load_n(&mine->account(physical).limit, __ATOMIC_RELAXED);
}

}  // namespace vgpu::device::ledger
