// Who in a session is dead, and the return of what they were charged.
#pragma once

#include "shims/session/member.h"

namespace vgpu::session {

// Asks the kernel, through a file description of its own (one never conflicts with one's own locks), opened by name and
// closed again. Where the name does not lead to the mapped file any more (removed, chroot, no descriptor left) it
// judges by pid and start time, for processes of its own pid namespace.
class Residents {
 public:
  Residents(const char* path, const Layout& layout, const Inode& inode, std::uint64_t pid_namespace);
  ~Residents();
  Residents(const Residents&) = delete;
  Residents& operator=(const Residents&) = delete;

  bool dead(unsigned slot) const;

 private:
  const Layout& layout_;
  std::uint64_t pid_namespace_;
  int fd_;
};

// One past the highest slot ever used, whatever the file says.
unsigned slots_in_use(const Layout& layout);

// Gives back what dead processes were charged, on every device; returns the units. `own`: a slot not to ask about, or
// kSlots. One system call for each slot that is charged something or has an owner's name on it.
std::uint64_t sweep(const char* path, Layout& layout, const Inode& inode, std::uint64_t pid_namespace, unsigned own);

}  // namespace vgpu::session
