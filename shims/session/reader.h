// A session seen from outside: for NVML, vgpuctl and tests. Takes no slot.
#pragma once

#include "shims/session/member.h"

namespace vgpu::session {

struct Process {
  std::uint32_t pid;    // as its own namespace numbers it
  bool same_namespace;  // so that `pid` means the same process to the caller
  std::uint64_t start;  // field 22 of /proc/PID/stat
  unsigned slot;
  std::uint64_t used[kDevices];  // bytes
  std::uint64_t contexts;        // bit n: it has a context on device n, which takes Account::context more
};

// Meant to be made for one question and to die after it: 8 system calls and 1 more for each process. It holds no
// descriptor and nothing that a fork could break. The dead are not counted: each look takes them off the books first.
class Reader {
 public:
  // False: failure.error is ENOENT where the session's file is not there (nobody has used a device yet: nothing is
  // used, and limits are what the environment says, see settings.h).
  bool open(const char* path, Failure& failure);
  Reader() = default;
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  int devices() const;  // one past the last; not all below it need be there
  bool has(int device) const;
  const Layout* layout() const { return layout_; }  // null: not open
  const Account& account(int device) const { return layout_->accounts[device]; }
  std::uint64_t limit(int device) const;
  std::uint64_t used(int device) const;  // bytes, may be above the limit where that was lowered
  // Which device has this UUID; -1 none.
  int find(const unsigned char (&uuid)[16]) const;

  // The live processes from slot `next` on, one a call; false when there are no more.
  bool next_process(unsigned& next, Process& process) const;

  // Reservations from now on obey this; what is above it stays until its owner frees it.
  void set_limit(int device, std::uint64_t bytes);

  // The checker of books.h, over all devices.
  bool exact(bool& undecided) const;

 private:
  Books books() const { return {layout_->accounts, layout_->slots, kSlots}; }

  const char* path_ = nullptr;
  Layout* layout_ = nullptr;
  Inode inode_ = {};
  std::uint64_t pid_namespace_ = 0;
};

}  // namespace vgpu::session
