// The live change of a session's limits.
#pragma once

#include <vector>

#include "launcher/session/snapshot.h"

namespace vgpu::sessions {

struct NewLimit {
  int device;  // its number in the session
  std::uint64_t bytes;
};

// Stores the limits in the file that `snapshot` was taken of. The next reservation of every process obeys them; what is
// above stays until its owner frees it. `asked`: for the device of each number, also one that no process has seen yet,
// the limit as Account::asked has it; empty where only some devices are meant. False: `failure` says why, also where
// the session was made anew meanwhile.
bool set_limits(const Snapshot& snapshot, const std::vector<NewLimit>& limits, const std::vector<std::uint64_t>& asked,
                session::Failure& failure);

}  // namespace vgpu::sessions
