// This process in a session: the file's mapping, a slot in it, and with the mapping the kernel's lock on that slot.
#pragma once

#include "shims/session/books.h"
#include "shims/session/file.h"

namespace vgpu::session {

struct Member {
  Layout* layout = nullptr;
  Inode inode = {};
  unsigned slot = 0;
  std::uint64_t pid_namespace = 0;
  int places[kDevices] = {};  // the accounts of the blueprint's devices

  Books books() const { return {layout->accounts, layout->slots, kSlots}; }
};

// Joins the session at `path`, and makes it when it is not there. About 15 system calls.
bool join(const char* path, const Blueprint& blueprint, Member& member, Failure& failure);

// Leaves a session that nothing was charged in. A process that ends need not: the kernel drops the lock, and whoever
// needs the slot or what it is charged takes it.
void leave(Member& member);

}  // namespace vgpu::session
