// Whether root may believe a file: what root reads decides what runs with root's rights.
#pragma once

#include <string>

#include "launcher/os/machine.h"

namespace vgpu::plan {

// In a user namespace all who have no number there look like 65534 (user_namespaces(7), "Unmapped user and group IDs"):
// in a rootless container that is everybody who owns files of the host.
inline constexpr std::uint32_t kUnmapped = 65534;

// Whether files of that owner are as good as root's. A file of nobody's is where vgpu-run itself is one: who owns the
// program that root runs decides already.
inline bool is_as_good_as_root(const os::Machine& machine, std::uint32_t uid) {
  if (uid != kUnmapped) return uid == 0;
  const auto own = machine.status(machine.own_executable());
  return own && own->uid == kUnmapped;
}

// Why a file with this status is not to be believed by us, as the end of a sentence ("is
// writable by others"); empty when it may be. Only root is picky: root's files, or nobody else's to write.
inline std::string distrust(const os::Machine& machine, const os::FileStatus& status) {
  if (machine.credentials().euid != 0) return {};
  if (!is_as_good_as_root(machine, status.uid))
    return "belongs to user " + std::to_string(status.uid) + ", and we are root";
  if ((status.mode & 0002) != 0) return "is writable by others, and we are root";
  if ((status.mode & 0020) != 0 && status.gid != 0) {
    return "is writable by group " + std::to_string(status.gid) + ", and we are root";
  }
  return {};
}

}  // namespace vgpu::plan
