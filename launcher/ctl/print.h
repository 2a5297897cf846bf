// What a subcommand says: its answer on stdout, what went wrong on stderr.
#pragma once

#include <string>

#include "launcher/plan/codes.h"
#include "launcher/plan/problem.h"

namespace vgpu::ctl {

// `status`, or own_failure where stdout does not take the answer (a full disk, a closed pipe): half an answer is none.
plan::ExitStatus answer(const std::string& text, plan::ExitStatus status);

// own_failure.
plan::ExitStatus fail(const plan::Problems& problems);
plan::ExitStatus fail_usage(const std::string& cause, const std::string& fix);

}  // namespace vgpu::ctl
