#include "launcher/plan/session.h"

#include <algorithm>
#include <charconv>

#include "shims/contract.h"
#include "shims/session/layout.h"

namespace vgpu::plan {
namespace {

Problem problem(Code code, std::string where, std::string cause, std::string fix) {
  return {.code = code, .where = std::move(where), .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}};
}

// 0: no such unit.
std::uint64_t unit(std::string_view name) {
  if (name.empty() || name == "B") return 1;
  constexpr std::string_view kLetters = "KMGT";
  const std::size_t power = kLetters.find(name.front());
  const std::string_view rest = name.substr(1);
  if (power == std::string_view::npos || (!rest.empty() && rest != "iB" && rest != "B")) return 0;
  std::uint64_t size = 1;
  for (std::size_t i = 0; i <= power; ++i) size *= rest == "B" ? 1000 : 1024;
  return size;
}

// One limit as the shims read it, "" when it is none.
std::string limit(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number == 0) return {};
  const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (suffix == "%") return number <= 100 ? std::to_string(number) + "%" : "";
  const std::uint64_t size = unit(suffix);
  std::uint64_t bytes = 0;
  if (size == 0 || __builtin_mul_overflow(number, size, &bytes) || bytes < session::kUnit) return {};
  return std::to_string(bytes);
}

std::string hexadecimal(std::uint64_t number) {
  char digits[16];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, number, 16).ptr);
}

bool is_directory(const os::Result<os::FileStatus>& status) {
  return status && status->kind == os::FileStatus::Kind::directory;
}

std::string session_in(const os::Machine& machine, std::string directory, std::uint64_t device) {
  while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  return directory + "/" + session::kNamePrefix + std::to_string(machine.process_id()) + "-" +
         hexadecimal(machine.random()) + "-" + hexadecimal(device);
}

// In a directory that nobody else writes to, where there is one; else in /dev/shm, whose sticky bit keeps others from
// removing what is ours, and where the name cannot be guessed.
Result<std::string> new_session(const os::Machine& machine, const EnvironmentList& environment) {
  const std::string runtime(environment.get_or("XDG_RUNTIME_DIR", ""));
  if (runtime.starts_with('/')) {
    const os::Result<os::FileStatus> status = machine.status(runtime);
    if (is_directory(status) && status->uid == machine.credentials().euid && (status->mode & 0722) == 0700) {
      return session_in(machine, runtime, status->device);
    }
  }
  const std::string shared = "/dev/shm";
  const os::Result<os::FileStatus> status = machine.status(shared);
  if (is_directory(status)) return session_in(machine, shared, status->device);
  return Problems{problem(Code::session_unavailable, shared, "there is no directory for the session",
                          "mount a tmpfs on /dev/shm, or set XDG_RUNTIME_DIR to a directory of mode 0700")};
}

}  // namespace

Result<std::string> memory_limits(const std::string& text, const std::string& where) {
  std::string limits;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string one = limit(std::string_view(text).substr(begin, end - begin));
    if (one.empty()) {
      return Problems{problem(Code::usage, where,
                              "'" + text.substr(begin, end - begin) + "' is not an amount of memory",
                              "write 8GiB, 8192MiB, 8589934592 or 50%; several devices: 8GiB,4GiB")};
    }
    limits.append(limits.empty() ? "" : ",").append(one);
    begin = end + 1;
  }
  return limits;
}

Result<Session> choose_session(const os::Machine& machine, const Request& request, const Profile& profile,
                               const EnvironmentList& environment) {
  Session session;
  if (!request.quota.empty() && request.quota != "required" && request.quota != "best-effort") {
    return Problems{
        problem(Code::usage, "quota " + request.quota, "there is no such quota", "use required or best-effort")};
  }
  const std::string enclosing(environment.get_or(contract::kSession, ""));
  if (!request.memory.empty()) {
    Result<std::string> limits = memory_limits(request.memory, "--memory");
    if (!limits) return limits.error();
    session.memory = std::move(*limits);
  }
  if (!enclosing.empty() && !request.new_session) {
    // The same again is no contradiction: VGPU_RUN_MEMORY is inherited.
    if (!request.memory.empty() && session.memory != environment.get_or(contract::kMemory, "")) {
      return Problems{problem(Code::usage, "--memory " + request.memory,
                              "this launch joins the session " + enclosing + ", which has its limits already",
                              "use --new-session for a quota beside it")};
    }
    session.joined = true;
    session.path = enclosing;
    session.memory = environment.get_or(contract::kMemory, "");
    session.quota = request.quota.empty() ? std::string(environment.get_or(contract::kQuota, "")) : request.quota;
    return session;
  }
  session.quota = request.quota.empty() ? profile.quota : request.quota;
  const bool limited = !request.memory.empty() || !profile.memory.empty();
  if (!limited && !request.new_session && session.quota.empty()) return session;
  if (request.memory.empty() && !profile.memory.empty()) {
    Result<std::string> limits = memory_limits(profile.memory, "the profile's memory");
    if (!limits) return limits.error();
    session.memory = std::move(*limits);
  }
  Result<std::string> path = new_session(machine, environment);
  if (!path) return path.error();
  session.path = std::move(*path);
  return session;
}

}  // namespace vgpu::plan
