// Who is alive: the kernel says, through one lock a slot on the session file.
//
// The lock is of the open file description (fcntl(2), F_OFD_SETLK) that the process's mapping of the file came from.
// The descriptor is closed at once: the mapping alone keeps the description and with it the lock. So the lock lives
// exactly as long as the process's address space, like the memory that the ledger counts:
//
//   SIGKILL, exit        the address space goes, and the lock with it, before the parent can reap the process
//   exec                 a new address space: the lock is gone although pid and start time stay the same
//   fork                 the mapping is MADV_DONTFORK: the child has none, and does not keep its parent's lock alive
//   vfork, CLONE_VM      the same address space, the same lock, until the child execs
//   close(every fd)      daemons do that: there is no descriptor of ours to close
//   pid reuse, pid       no pid is involved
//   namespaces
//
// A POSIX lock (F_SETLK) would fall with the first close of any descriptor for the file in the process; a robust futex
// belongs to a thread; a pidfd or start time cannot be had for a process of another pid namespace, nor do they see an
// exec.
//
// What remains: a fork by another thread between the open and the close in join.cpp hands the child a descriptor, and
// the slot then counts as alive until the child execs or ends, too. It errs on the side of the limit.
#pragma once

namespace vgpu::session {

// Takes the lock of `slot` for the file description of `fd`. False when somebody else has it, or when errno says why
// the kernel cannot (`broken`).
bool lock_slot(int fd, unsigned slot, bool& broken);

// Takes all of them, for the removal of a session nobody lives in.
bool lock_all_slots(int fd);

// Whether another file description holds the lock of `slot`. Where the kernel will not say: true.
bool slot_is_locked(int fd, unsigned slot);

// Whether anybody holds any.
bool any_slot_is_locked(int fd);

}  // namespace vgpu::session
