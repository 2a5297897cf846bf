// The Plan as a command line for a shell: what vgpu-run would do, without vgpu-run.
#pragma once

#include <string>
#include <string_view>

#include "launcher/plan/plan.h"

namespace vgpu::plan {

// "env -u A LD_PRELOAD=... COMMAND ARG..." and a newline, for any POSIX shell whose environment is the one that the
// plan was made in. Every byte of every variable and argument arrives as it is; the text itself is printable UTF-8 (and
// line feeds within quotes), so that it can be pasted.
std::string to_sh(const Plan& plan);

// What the line leaves out: mounts are no words. Warnings.
Problems lost_in_sh(const Plan& plan);

// One word of a shell's command line, quoted only where it must be.
std::string sh_word(std::string_view bytes);

}  // namespace vgpu::plan
