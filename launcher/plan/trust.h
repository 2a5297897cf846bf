// Whether root may believe a file: what root reads decides what runs with root's rights.
#pragma once

#include <string>

#include "launcher/os/machine.h"

namespace vgpu::plan {

// Why a file with this status is not to be believed by somebody with these credentials, as the end of a sentence ("is
// writable by others"); empty when it may be. Only root is picky: root's files, or nobody else's to write.
inline std::string distrust(const os::FileStatus& status, const os::Credentials& credentials) {
  if (credentials.euid != 0) return {};
  if (status.uid != 0) return "belongs to user " + std::to_string(status.uid) + ", and we are root";
  if ((status.mode & 0002) != 0) return "is writable by others, and we are root";
  if ((status.mode & 0020) != 0 && status.gid != 0) {
    return "is writable by group " + std::to_string(status.gid) + ", and we are root";
  }
  return {};
}

}  // namespace vgpu::plan
