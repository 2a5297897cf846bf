// The last file of the chain: what kind of program it is, and what the kernel will do with its privileges.
#pragma once

#include "launcher/os/elf.h"
#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/problem.h"

namespace vgpu::plan {

// Fills the target's facts from the file that runs in the end. Returns the errno that execve would give, 0
// when it runs.
int inspect_elf(const os::Machine& machine, const std::string& file, const os::FileStatus& status,
                const os::ElfFile& elf, bool believe_interpreter, Target& target, Problems& problems);

// Whether the kernel sets AT_SECURE when we execute this file (security/commoncap.c,
// cap_bprm_creds_from_file): the effective ids after it differ from the real ids before it, or it has file
// capabilities and we are not really root. `cause` gets a clause that says which.
bool is_secure(const os::Machine& machine, const std::string& file, const os::FileStatus& status, std::string& cause);

}  // namespace vgpu::plan
