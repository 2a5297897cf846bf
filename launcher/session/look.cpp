#include "launcher/session/look.h"

#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "launcher/plan/environment_list.h"
#include "launcher/session/residents.h"
#include "shims/session/cleanup.h"

namespace vgpu::sessions {
namespace {

constexpr std::string_view kPrefix(session::kNamePrefix);

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string user_name(std::uint32_t uid) {
  const passwd* const entry = getpwuid(uid);
  return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

std::vector<std::string> directories(const os::Machine& machine) {
  std::vector<std::string> all;
  const auto add = [&](std::string directory) {
    while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
    if (std::find(all.begin(), all.end(), directory) == all.end()) all.push_back(std::move(directory));
  };
  const plan::EnvironmentList environment(machine.environment());
  const std::string runtime(environment.get_or("XDG_RUNTIME_DIR", ""));
  if (runtime.starts_with('/')) add(runtime);
  const std::uint32_t uid = machine.credentials().euid;
  add("/run/user/" + std::to_string(uid));
  if (uid == 0) {
    if (auto users = machine.list("/run/user")) {
      std::sort(users->begin(), users->end());
      for (const std::string& user : *users) add("/run/user/" + user);
    }
  }
  add("/dev/shm");
  return all;
}

// vgpu-session-PID-RANDOM-DEVICE: the middle part; "" for another name.
std::string random_part(const std::string& path) {
  const std::string name = base_name(path);
  if (!name.starts_with(kPrefix)) return {};
  const std::size_t first = name.find('-', kPrefix.size());
  const std::size_t last = name.rfind('-');
  if (first == std::string::npos || last <= first) return {};
  const std::string part = name.substr(first + 1, last - first - 1);
  return part.find_first_not_of("0123456789abcdef") == std::string::npos ? part : "";
}

int launcher_of(const std::string& path) {
  const std::string name = base_name(path);
  int pid = 0;
  if (name.starts_with(kPrefix)) std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), pid);
  return pid > 0 ? pid : 0;
}

// Which sessions the processes of this machine were told of, by the file's name: the same directory can have several.
// Read once a look, and only where it decides something.
class Told {
 public:
  explicit Told(const os::Machine& machine) : machine_(machine) {}
  bool of(const std::string& path) {
    if (!names_) {
      names_.emplace();
      for (const int pid : all_pids(machine_)) names_->insert(base_name(session_of(machine_, pid)));
    }
    return names_->contains(base_name(path));
  }

 private:
  const os::Machine& machine_;
  std::optional<std::set<std::string>> names_;
};

State state_of(const Snapshot& snapshot, Told& told) {
  if (snapshot.lived_in) return State::live;
  return session::launcher_lives(snapshot.path.c_str()) || told.of(snapshot.path) ? State::idle : State::abandoned;
}

void describe(Session& session, Told& told) {
  session.launcher = launcher_of(session.snapshot.path);
  session.user = user_name(session.snapshot.owner);
  session.state = state_of(session.snapshot, told);
}

void give_ids(std::vector<Session>& sessions) {
  for (const auto form : {random_part, base_name}) {
    std::map<std::string, int> count;
    for (const Session& one : sessions) ++count[form(one.snapshot.path)];
    for (Session& one : sessions) {
      const std::string id = form(one.snapshot.path);
      if (one.id.empty() && !id.empty() && count[id] == 1) one.id = id;
    }
  }
  for (Session& one : sessions) {
    if (one.id.empty()) one.id = one.snapshot.path;
  }
}

// What others have in /dev/shm is no news to whoever is not root, nor is what vanished between two looks.
bool worth_telling(const session::Failure& failure, bool root) {
  if (failure.error == ENOENT) return false;
  return root || (failure.error != EACCES && std::strcmp(failure.what, "belongs to another user") != 0);
}

std::string text(const session::Failure& failure) {
  std::string text = failure.what;
  if (failure.error != 0) text.append(": ").append(std::strerror(failure.error));
  return text;
}

}  // namespace

const char* name(State state) {
  switch (state) {
    case State::live: return "live";
    case State::idle: return "idle";
    case State::abandoned: return "abandoned";
  }
  return "";
}

Look look_at_sessions(const os::Machine& machine, bool reclaim) {
  Look look;
  Told told(machine);
  const std::uint32_t uid = machine.credentials().euid;
  std::set<std::pair<std::uint64_t, std::uint64_t>> known;
  for (const std::string& directory : directories(machine)) {
    auto names = machine.list(directory);
    if (!names) continue;
    std::sort(names->begin(), names->end());
    for (const std::string& file : *names) {
      if (!file.starts_with(kPrefix)) continue;
      const std::string path = directory + "/" + file;
      if (session::is_working_name(path.c_str())) {
        if (reclaim && session::remove_leftover(path.c_str())) {
          ++look.reclaimed;
        } else if (session::is_leftover(path.c_str())) {
          look.leftovers.push_back(path);
        }
        continue;
      }
      Session session;
      session::Failure failure = {};
      if (!take_snapshot(path, session.snapshot, failure)) {
        if (worth_telling(failure, uid == 0)) look.unreadable.push_back({path, text(failure)});
        continue;
      }
      const session::Inode inode = session.snapshot.inode;
      if (!known.insert({inode.device, inode.number}).second) continue;  // the same directory by another name
      describe(session, told);
      const bool ours = session.snapshot.owner == uid;
      if (reclaim && ours && session.state == State::abandoned && !session::is_kept_for_its_limits(path.c_str()) &&
          session::remove_if_unused(path.c_str())) {
        ++look.reclaimed;
        continue;
      }
      look.sessions.push_back(std::move(session));
    }
  }
  give_ids(look.sessions);
  std::vector<Snapshot*> snapshots;
  for (Session& one : look.sessions) snapshots.push_back(&one.snapshot);
  name_residents(machine, snapshots);
  return look;
}

bool look_at(const os::Machine& machine, const std::string& path, Session& session, session::Failure& failure) {
  if (!take_snapshot(path, session.snapshot, failure)) return false;
  Told told(machine);
  describe(session, told);
  session.id = random_part(path);
  if (session.id.empty()) session.id = base_name(path);
  name_residents(machine, {&session.snapshot});
  return true;
}

}  // namespace vgpu::sessions
