// Which session a word means.
#pragma once

#include <string>
#include <vector>

#include "launcher/plan/problem.h"
#include "launcher/session/look.h"

namespace vgpu::sessions {

// `word` is the path of a file, the beginning of an id or of a file's name, or the number of a process: one that lives
// in the session, that it was named for, or that was told of it (VGPU_SESSION in its environment). Exactly one session
// must come of it. Error: Code::session_unavailable.
plan::Result<Session> choose(const os::Machine& machine, const Look& look, const std::string& word);

}  // namespace vgpu::sessions
