#include "shims/session/residents.h"

#include <errno.h>
#include <unistd.h>

#include "shims/session/identity.h"
#include "shims/session/lock.h"

namespace vgpu::session {
namespace {

Identity identity_of(const Slot& slot) {
  return {.pid = static_cast<std::uint32_t>(__atomic_load_n(&slot.owner, __ATOMIC_ACQUIRE)),
          .start = __atomic_load_n(&slot.start, __ATOMIC_RELAXED),
          .pid_namespace = __atomic_load_n(&slot.pid_namespace, __ATOMIC_RELAXED)};
}

bool dead_in(unsigned slot, void* data) { return static_cast<const Residents*>(data)->dead(slot); }

}  // namespace

Residents::Residents(const char* path, const Layout& layout, const Inode& inode, std::uint64_t pid_namespace)
    : layout_(layout), pid_namespace_(pid_namespace), fd_(-1) {
  Inode found = {};
  Failure failure = {};
  fd_ = open_session(path, found, failure);
  if (fd_ < 0 || found == inode) return;
  close(fd_);
  fd_ = -1;
}

Residents::~Residents() {
  if (fd_ >= 0) close(fd_);
}

bool Residents::dead(unsigned slot) const {
  if (fd_ >= 0) return !slot_is_locked(fd_, slot);
  return certainly_gone(identity_of(layout_.slots[slot]), pid_namespace_);
}

unsigned slots_in_use(const Layout& layout) {
  const std::uint32_t top = __atomic_load_n(&layout.header.top, __ATOMIC_ACQUIRE);
  return top < kSlots ? top : kSlots;
}

std::uint64_t sweep(const char* path, Layout& layout, const Inode& inode, std::uint64_t pid_namespace, unsigned own) {
  const int saved = errno;
  Residents residents(path, layout, inode, pid_namespace);
  const Books books(layout.accounts, layout.slots, kSlots);
  const unsigned top = slots_in_use(layout);
  const int devices = layout.header.devices < kDevices ? static_cast<int>(layout.header.devices) : kDevices;
  std::uint64_t freed = 0;
  for (unsigned slot = 0; slot < top; ++slot) {
    if (slot == own) continue;
    bool charged = false;
    for (int device = 0; device < devices && !charged; ++device) charged = books.charged(device, slot) != 0;
    std::uint64_t owner = __atomic_load_n(&layout.slots[slot].owner, __ATOMIC_ACQUIRE);
    const std::uint64_t nobody = owner & ~std::uint64_t{0xffffffff};
    if ((!charged && owner == nobody) || !residents.dead(slot)) continue;
    for (int device = 0; device < devices; ++device) freed += books.reclaim(device, slot, dead_in, &residents);
    // Takes the name off. A new owner has another generation, and then this fails.
    __atomic_compare_exchange_n(&layout.slots[slot].owner, &owner, nobody, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
  }
  errno = saved;
  return freed;
}

}  // namespace vgpu::session
