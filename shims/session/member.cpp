#include "shims/session/member.h"

#include <errno.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "shims/session/cleanup.h"
#include "shims/session/identity.h"
#include "shims/session/lock.h"
#include "shims/session/places.h"

namespace vgpu::session {
namespace {

constexpr int kTries = 200;

void pause_a_moment() {
  const timespec millisecond = {.tv_sec = 0, .tv_nsec = 1'000'000};
  nanosleep(&millisecond, nullptr);
}

bool certain(unsigned, void*) { return true; }

// The slot is ours by its lock. What its last owner was charged is nobody's now.
void move_in(Member& member) {
  Slot& slot = member.layout->slots[member.slot];
  for (int device = 0; device < kDevices; ++device) member.books().reclaim(device, member.slot, certain, nullptr);
  const Identity identity = own_identity();
  member.pid_namespace = identity.pid_namespace;
  const std::uint64_t generation = (__atomic_load_n(&slot.owner, __ATOMIC_RELAXED) >> 32) + 1;
  __atomic_store_n(&slot.contexts, std::uint64_t{0}, __ATOMIC_RELAXED);
  __atomic_store_n(&slot.start, identity.start, __ATOMIC_RELAXED);
  __atomic_store_n(&slot.pid_namespace, identity.pid_namespace, __ATOMIC_RELAXED);
  __atomic_store_n(&slot.owner, generation << 32 | identity.pid, __ATOMIC_RELEASE);
}

void raise_top(Layout& layout, unsigned top) {
  std::uint32_t now = __atomic_load_n(&layout.header.top, __ATOMIC_RELAXED);
  while (now < top &&
         !__atomic_compare_exchange_n(&layout.header.top, &now, top, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
  }
}

// The lowest slot whose lock can be had: nobody's, or a dead process's. Slots are looked at in order, so that the used
// part of the table stays as short as the number of processes that ever lived at the same time.
enum class Found { slot, none, broken };

Found take_slot(int fd, Member& member, Failure& failure) {
  for (unsigned slot = 0; slot < kSlots; ++slot) {
    bool broken = false;
    if (lock_slot(fd, slot, broken)) {
      member.slot = slot;
      if (!provide_pages(fd, slot, failure)) return Found::broken;
      raise_top(*member.layout, slot + 1);
      return Found::slot;
    }
    if (!broken) continue;
    failure = {.what = "cannot be locked", .error = errno};
    return Found::broken;
  }
  failure = {.what = "has no free slot: 4096 processes use it", .error = 0};
  return Found::none;
}

bool take_places(const Blueprint& blueprint, Member& member, Failure& failure) {
  for (int i = 0; i < blueprint.count; ++i) {
    member.places[i] = take_place(*member.layout, blueprint.devices[i], blueprint.limits, failure);
    if (member.places[i] < 0) return false;
  }
  return true;
}

enum class Outcome { joined, again, failed };

Outcome enter(int fd, const char* path, const Blueprint& blueprint, Member& member, Failure& failure) {
  member.layout = map_session(fd);
  if (member.layout == nullptr) {
    failure = {.what = "cannot be mapped", .error = errno};
    return Outcome::failed;
  }
  Outcome outcome = Outcome::failed;
  if (is_session(*member.layout, failure)) {
    const Found found = take_slot(fd, member, failure);
    // All locks taken: by 4096 processes, or for a moment by one that removes the file. Removed before we had our
    // lock: nobody else will come here.
    if (found == Found::none) outcome = Outcome::again;
    if (found == Found::slot && !leads_to(path, member.inode)) outcome = Outcome::again;
    if (found == Found::slot && outcome != Outcome::again && take_places(blueprint, member, failure)) {
      outcome = Outcome::joined;
    }
  }
  if (outcome != Outcome::joined) munmap(member.layout, sizeof(Layout));
  return outcome;
}

Outcome attempt(const char* path, const Blueprint& blueprint, Member& member, Failure& failure) {
  int fd = open_session(path, member.inode, failure);
  if (fd < 0) {
    if (failure.error != ENOENT) return Outcome::failed;
    switch (create_session(path, blueprint, fd, member.layout, member.inode, failure)) {
      case Created::failed: return Outcome::failed;
      case Created::exists: return Outcome::again;
      case Created::done: break;
    }
    member.slot = 0;
    close(fd);
    // Once in the life of a session, so not on anybody's hot path.
    remove_abandoned(path);
    if (take_places(blueprint, member, failure)) return Outcome::joined;
    munmap(member.layout, sizeof(Layout));
    return Outcome::failed;
  }
  const Outcome outcome = enter(fd, path, blueprint, member, failure);
  close(fd);
  return outcome;
}

}  // namespace

bool join(const char* path, const Blueprint& blueprint, Member& member, Failure& failure) {
  for (int i = 0; i < kTries; ++i) {
    const Outcome outcome = attempt(path, blueprint, member, failure);
    if (outcome == Outcome::failed) break;
    if (outcome == Outcome::joined) {
      move_in(member);
      return true;
    }
    if (i > 2) pause_a_moment();
  }
  member = {};
  return false;
}

void leave(Member& member) {
  if (member.layout == nullptr) return;
  std::uint64_t& owner = member.layout->slots[member.slot].owner;
  __atomic_store_n(&owner, owner & ~std::uint64_t{0xffffffff}, __ATOMIC_RELEASE);
  munmap(member.layout, sizeof(Layout));
  member = {};
}

}  // namespace vgpu::session
