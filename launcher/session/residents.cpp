#include "launcher/session/residents.h"

#include <charconv>
#include <map>

#include "launcher/os/process_files.h"
#include "launcher/plan/environment_list.h"
#include "shims/contract.h"
#include "shims/session/identity.h"

namespace vgpu::sessions {
namespace {

constexpr std::size_t kMostStatus = 65536;
constexpr std::size_t kMostEnvironment = std::size_t{8} << 20;

std::string file(int pid, const char* name) { return "/proc/" + std::to_string(pid) + "/" + name; }

template <class Number>
bool number(std::string_view text, Number& value) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

// "pid:[4026531836]"; 0 where it may not be read.
std::uint64_t pid_namespace(const os::Machine& machine, int pid) {
  const auto target = machine.link_target(file(pid, "ns/pid"));
  if (!target) return 0;
  const std::size_t open = target->find('[');
  std::uint64_t inode = 0;
  if (open == std::string::npos || !target->ends_with(']')) return 0;
  return number(std::string_view(*target).substr(open + 1, target->size() - open - 2), inode) ? inode : 0;
}

// Its number in the innermost pid namespace, where that is not the one /proc shows; else 0.
std::uint32_t inner_pid(const os::Machine& machine, int pid) {
  const auto text = machine.read(file(pid, "status"), kMostStatus);
  if (!text) return 0;
  const std::size_t begin = text->find("\nNSpid:");
  if (begin == std::string::npos) return 0;
  const std::string line = text->substr(begin + 7, text->find('\n', begin + 1) - begin - 7);
  const std::size_t last = line.find_last_of(" \t");
  std::uint32_t inner = 0;
  if (last == std::string::npos || line.find_first_of("0123456789") > last) return 0;  // one number: no namespace below
  return number(std::string_view(line).substr(last + 1), inner) ? inner : 0;
}

// Sets the command where the process is the one that the session means: a pid can be another's by now.
bool identify(const os::Machine& machine, int pid, Resident& resident) {
  const auto text = machine.read(file(pid, "stat"), kMostStatus);
  if (!text) return false;
  const auto status = os::parse_process_status(*text);
  if (!status || (resident.start != 0 && status->start != resident.start)) return false;
  resident.local_pid = pid;
  resident.command = status->name;
  return true;
}

}  // namespace

std::vector<int> all_pids(const os::Machine& machine) {
  std::vector<int> pids;
  const auto names = machine.list("/proc");
  if (!names) return pids;
  for (const std::string& name : *names) {
    int pid = 0;
    if (number(name, pid) && pid > 0) pids.push_back(pid);
  }
  return pids;
}

void name_residents(const os::Machine& machine, std::vector<Snapshot*> sessions) {
  const std::uint64_t own = session::own_pid_namespace();
  std::multimap<std::uint32_t, Resident*> strangers;
  for (Snapshot* one : sessions) {
    for (Resident& resident : one->residents) {
      const bool ours = own != 0 && resident.pid_namespace == own;
      if (ours && resident.pid <= static_cast<std::uint32_t>(os::kLargestPid)) {
        identify(machine, static_cast<int>(resident.pid), resident);
      } else if (!ours) {
        strangers.emplace(resident.pid, &resident);
      }
    }
  }
  if (strangers.empty()) return;
  for (const int pid : all_pids(machine)) {
    const std::uint32_t inner = inner_pid(machine, pid);
    const auto [begin, end] = strangers.equal_range(inner);
    if (inner == 0 || begin == end) continue;
    const std::uint64_t space = pid_namespace(machine, pid);
    for (auto at = begin; at != end; ++at) {
      Resident& resident = *at->second;
      if (resident.local_pid == 0 && (space == 0 || resident.pid_namespace == space)) identify(machine, pid, resident);
    }
  }
}

std::string session_of(const os::Machine& machine, int pid) {
  const auto text = machine.read(file(pid, "environ"), kMostEnvironment);
  if (!text) return {};
  const plan::EnvironmentList environment(os::parse_strings(*text));
  return std::string(environment.get_or(contract::kSession, ""));
}

}  // namespace vgpu::sessions
