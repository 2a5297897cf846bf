// Which shims a running program should have, by its Plan.
#pragma once

#include "launcher/ctl/launch_options.h"
#include "launcher/verify/judgement.h"

namespace vgpu::ctl {

// `command`: its first word is the program. Errors: what keeps the Plan from being made at all; that the program itself
// could not be launched is none.
plan::Result<verify::Expectation> expected(const os::Machine& machine, const LaunchOptions& options,
                                           const std::vector<std::string>& command);

// The same for a process that runs, in a container by what there is in it. Where it was given shims (VGPU_PRELOAD) and
// no option asks for others, a Plan that cannot be made is none of its business.
plan::Result<verify::Expectation> expected(const os::Machine& machine, const LaunchOptions& options, int pid);

}  // namespace vgpu::ctl
