// Who could come back to a session: the processes whose environment names it.
#pragma once

namespace vgpu::session {

// Whether a process that we may look at was told of the session at `path`, by its environment as it was at its exec.
// Reads all of /proc, so only where it decides something.
bool is_told_of(const char* path);

}  // namespace vgpu::session
