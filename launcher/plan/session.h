// The session of a launch (shims/session/layout.h): which file, which limits. Nothing is made here: the first process
// that initialises a device makes the file, so that a program without one costs nothing, and nobody has to stay behind.
#pragma once

#include <string>

#include "launcher/os/machine.h"
#include "launcher/plan/environment_list.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/problem.h"

namespace vgpu::plan {

struct Session {
  std::string path;     // VGPU_SESSION; empty: every process for itself
  std::string memory;   // VGPU_MEMORY: bytes or percentages, as shims/session/settings.h reads them
  std::string quota;    // VGPU_QUOTA: "required", "best-effort"
  bool joined = false;  // an enclosing launch has named it
};

// A launch that asks for a limit, a quota or a new session gets one, also where only its profile asks; inside a session
// it joins that one, unless it asks for a new one. Limits belong to whoever made the session: one that joins cannot
// bring its own. Two system calls, a third where XDG_RUNTIME_DIR cannot be used. Errors: Code::usage,
// Code::session_unavailable.
Result<Session> choose_session(const os::Machine& machine, const Request& request, const Profile& profile,
                               const EnvironmentList& environment);

// "8GiB", "8G", "8GB" (powers of 1000), "50%", "8589934592", or a list of these by ',' (one for each device, the last
// for all that follow) as VGPU_MEMORY has it. Error: Code::usage at `where`.
Result<std::string> memory_limits(const std::string& text, const std::string& where);

}  // namespace vgpu::plan
