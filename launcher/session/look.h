// All sessions that we may see, at one moment.
#pragma once

#include <string>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/session/snapshot.h"

namespace vgpu::sessions {

enum class State {
  live,       // processes with a device are in it
  idle,       // none is, but its vgpu-run lives (it may have become the program), or a process that was told of it
  abandoned,  // nobody is, and nobody will come that we can see
};
const char* name(State state);

struct Session {
  Snapshot snapshot;
  std::string id;    // unique in a look: the random part of the file's name, else that name, else the path
  std::string user;  // whose it is, by name where it has one
  int launcher = 0;  // the pid in the file's name; 0: it has another name
  State state = State::live;
};

// A file by the name of a session that is none, or cannot be read.
struct Unreadable {
  std::string path;
  std::string reason;
};

struct Look {
  std::vector<Session> sessions;  // by path
  std::vector<Unreadable> unreadable;
  std::vector<std::string> leftovers;  // files of ours of sessions whose maker was killed before they were complete
  int reclaimed = 0;
};

// $XDG_RUNTIME_DIR, /run/user/UID and /dev/shm; for root every /run/user/UID. Other users' sessions are seen by root
// only. `reclaim`: our own abandoned sessions and leftovers are removed, and are not in the answer.
Look look_at_sessions(const os::Machine& machine, bool reclaim);

// The session of that one file. False: `failure` says why.
bool look_at(const os::Machine& machine, const std::string& path, Session& session, session::Failure& failure);

}  // namespace vgpu::sessions
