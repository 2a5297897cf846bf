// Which processes of ours the residents of a session are, and what they are called.
#pragma once

#include <vector>

#include "launcher/os/machine.h"
#include "launcher/session/snapshot.h"

namespace vgpu::sessions {

// A session in a container numbers its processes as the container does; the kernel tells both numbers (NSpid in
// /proc/PID/status, proc(5)) to whoever is outside. One reading of /proc for all sessions, and only where it is needed.
void name_residents(const os::Machine& machine, std::vector<Snapshot*> sessions);

// The session's file that a process was told of, by its environment as it was at its exec; "" where there is none or it
// may not be read.
std::string session_of(const os::Machine& machine, int pid);

// All process numbers of the machine.
std::vector<int> all_pids(const os::Machine& machine);

}  // namespace vgpu::sessions
