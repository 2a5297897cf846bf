#include "launcher/session/choice.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "launcher/os/process_files.h"
#include "launcher/plan/characters.h"
#include "launcher/session/residents.h"

namespace vgpu::sessions {
namespace {

plan::Problems problem(const std::string& word, std::string cause, std::string fix) {
  return {{.code = plan::Code::session_unavailable,
           .where = "session " + plan::escaped(word),
           .cause = std::move(cause),
           .fix = std::move(fix),
           .excerpt = {}}};
}

std::string clause(const session::Failure& failure) {
  std::string text = "its file ";
  text.append(failure.what);
  if (failure.error != 0) text.append(": ").append(std::strerror(failure.error));
  return text;
}

int as_pid(const std::string& word) {
  int pid = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), pid);
  return error == std::errc{} && end == word.data() + word.size() && pid <= os::kLargestPid ? std::max(pid, 0) : 0;
}

bool lives_in(const Session& session, int pid) {
  return session.launcher == pid || std::any_of(session.snapshot.residents.begin(), session.snapshot.residents.end(),
                                                [&](const Resident& one) { return one.local_pid == pid; });
}

bool is_called(const Session& session, const std::string& word) {
  const std::string name = session.snapshot.path.substr(session.snapshot.path.rfind('/') + 1);
  // Every file's name begins alike: that says nothing.
  const bool by_name = name.starts_with(word) && word.size() > std::strlen(session::kNamePrefix);
  return session.id.starts_with(word) || by_name || name == word;
}

// What a process was told of, in the mount namespace it is in.
plan::Result<Session> told(const os::Machine& machine, const std::string& word, int pid) {
  Session session;
  session::Failure failure = {};
  const std::string path = session_of(machine, pid);
  if (!path.starts_with('/')) {
    return problem(word, "there is none: no session's id begins so, and no process of that number belongs to one",
                   "see vgpuctl top");
  }
  if (look_at(machine, path, session, failure)) return session;
  if (failure.error == ENOENT && look_at(machine, "/proc/" + std::to_string(pid) + "/root" + path, session, failure)) {
    return session;
  }
  if (failure.error != ENOENT) return problem(word, clause(failure), "see vgpuctl top");
  return problem(
      word, "the process belongs to " + plan::escaped(path) + ", which is not there: nobody in it uses a device yet",
      "wait until a process has initialised CUDA, or give the limit to vgpu-run --memory");
}

}  // namespace

plan::Result<Session> choose(const os::Machine& machine, const Look& look, const std::string& word) {
  if (word.find('/') != std::string::npos) {
    Session session;
    session::Failure failure = {};
    if (look_at(machine, word, session, failure)) return session;
    return problem(word, clause(failure), "see vgpuctl top for the sessions that there are");
  }
  const int pid = as_pid(word);
  std::vector<const Session*> found;
  for (const Session& one : look.sessions) {
    if (!word.empty() && (is_called(one, word) || (pid != 0 && lives_in(one, pid)))) found.push_back(&one);
  }
  if (found.size() == 1) return *found.front();
  if (found.empty()) return told(machine, word, pid);
  std::string ids;
  for (std::size_t i = 0; i < found.size() && i < 4; ++i) {
    ids.append(i == 0 ? "" : ", ").append(plan::escaped(found[i]->id));
    if (found[i]->launcher != 0) ids.append(" (of process ").append(std::to_string(found[i]->launcher)).append(")");
  }
  if (found.size() > 4) ids.append(" and ").append(std::to_string(found.size() - 4)).append(" more");
  return problem(word, "it can be " + ids, "write more of the id, or the path of the file");
}

}  // namespace vgpu::sessions
