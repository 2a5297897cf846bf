// What will run: the command as execvp(3) finds it, through its "#!" lines down to the ELF file, and whether
// that file can be given a preload at all.
#pragma once

#include <string>
#include <string_view>

#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/problem.h"

namespace vgpu::plan {

// `path_variable` is the PATH that the search goes through: ours, or the one that --set gives the target. An
// unset PATH is passed as kDefaultPath. Problems are added in the order in which they are found; those that
// make the launch impossible or useless are errors.
enum class Look {
  whole,
  without_linker,  // whether its dynamic linker exists is left to execve, which answers ENOENT: one system call less
  name_only,       // which file it is and whether it has execute permission; all else is left to execve
};
Target inspect_target(const os::Machine& machine, const std::string& command, std::string_view path_variable,
                      Problems& problems, Look look = Look::whole);

// confstr(_CS_PATH) of glibc: what execvp searches when PATH is unset.
inline constexpr std::string_view kDefaultPath = "/bin:/usr/bin";

// The status that vgpu-run ends with for this error: 127 when the command was not found, 126 when it cannot
// be executed by anybody, 125 when it could be executed but not with its shims.
ExitStatus exit_status(Code code);

}  // namespace vgpu::plan
