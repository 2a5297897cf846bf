#include "shims/session/lock.h"

#include <errno.h>
#include <fcntl.h>

#include "shims/session/layout.h"

// Linux 3.15, glibc 2.20: absent from older headers, and where _GNU_SOURCE is not set.
#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#endif

namespace vgpu::session {
namespace {

struct flock range(unsigned slot, unsigned count) {
  struct flock lock = {};  // l_pid must be 0 for the F_OFD_ commands
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kLockBase + slot;
  lock.l_len = count;
  return lock;
}

bool locked(int fd, struct flock lock) { return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK; }

}  // namespace

bool lock_slot(int fd, unsigned slot, bool& broken) {
  struct flock lock = range(slot, 1);
  broken = false;
  if (fcntl(fd, F_OFD_SETLK, &lock) == 0) return true;
  broken = errno != EAGAIN && errno != EACCES;
  return false;
}

bool lock_all_slots(int fd) {
  struct flock lock = range(0, kSlots);
  return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool slot_is_locked(int fd, unsigned slot) { return locked(fd, range(slot, 1)); }

bool any_slot_is_locked(int fd) { return locked(fd, range(0, kSlots)); }

}  // namespace vgpu::session
