// Whether root may believe a manifest: it names libraries that are loaded into root's programs.
#pragma once

#include <string>

#include "launcher/os/machine.h"
#include "launcher/plan/problem.h"

namespace vgpu::plan {

// Empty when we are not root, or when neither the file nor the directory that it stands in belongs to somebody else or
// can be written by others. A sticky directory of root's (/tmp) is as good as a closed one: nobody can exchange
// another's file there. `follow`: when `path` is a link, the same for the directory that it leads to. Else a
// Code::manifest_untrusted for the file, one for the directory, with the commands that put it right.
//
// `status` is that of the file, as machine.status(path) gave it.
Problems check_trust(const os::Machine& machine, const std::string& path, const os::FileStatus& status, bool follow);

}  // namespace vgpu::plan
