// The live change of a session's limits.
#pragma once

#include <vector>

#include "launcher/session/snapshot.h"

namespace vgpu::sessions {

struct NewLimit {
  std::size_t device;
  std::uint64_t bytes;
};

// Stores the limits in the file that `snapshot` was taken of. The next reservation of every process obeys them; what is
// above stays until its owner frees it. False: `failure` says why, also where the session was made anew meanwhile.
bool set_limits(const Snapshot& snapshot, const std::vector<NewLimit>& limits, session::Failure& failure);

}  // namespace vgpu::sessions
