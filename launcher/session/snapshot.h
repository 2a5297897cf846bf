// A session's file, read at one moment. Nothing is mapped and nothing written: whoever owns the file may write
// into it, shorten it or hang on to it meanwhile, and the worst that comes of it is a refusal or a wrong figure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shims/session/file.h"

namespace vgpu::sessions {

struct Device {
  int number = 0;    // in the session; there may be gaps: devices of the launch that no process has seen
  std::string uuid;  // "GPU-..."
  std::string name;  // any bytes but 0
  std::uint64_t memory = 0;
  std::uint64_t limit = 0;
  std::uint64_t used = 0;     // by the living; above `limit` where that was lowered
  std::uint64_t context = 0;  // what a process's context takes beside that; 0: not known
};

// A process that has a slot.
struct Resident {
  unsigned slot = 0;
  std::uint32_t pid = 0;            // as its own pid namespace numbers it
  std::uint64_t start = 0;          // field 22 of /proc/PID/stat; 0 unknown
  std::uint64_t pid_namespace = 0;  // 0 unknown
  std::vector<std::uint64_t> used;  // one for each of the snapshot's devices
  std::uint64_t contexts = 0;       // bit n: it has a context on device number n
  int local_pid = 0;                // as we number it; 0: not a process that we can see (residents.h)
  std::string command;              // as it calls itself; "" unknown
};

struct Snapshot {
  std::string path;
  std::uint32_t owner = 0;
  session::Inode inode = {};
  bool lived_in = false;  // somebody has a slot, or is about to
  bool exact = true;      // no allocation came between the reading of the totals and of the processes
  std::vector<Device> devices;
  std::vector<Resident> residents;  // the living, by slot
};

// What the dead were charged is left out. False: `failure` says why; its error is ENOENT where there is no file.
bool take_snapshot(const std::string& path, Snapshot& snapshot, session::Failure& failure);

}  // namespace vgpu::sessions
