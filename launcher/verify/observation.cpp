#include "launcher/verify/observation.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>

namespace vgpu::verify {
namespace {

constexpr std::size_t kMostStat = 1 << 16;
constexpr std::size_t kMostAuxiliary = 1 << 14;
constexpr std::size_t kMostEnvironment = 1 << 24;  // the kernel takes 6 MiB at most (exec's MAX_ARG limits)
constexpr std::size_t kMostMaps = 1 << 26;
constexpr int kTries = 3;

std::string file(int pid, const char* name) { return "/proc/" + std::to_string(pid) + "/" + name; }

std::string clause(const os::Errno& error) {
  if (error.value == EACCES || error.value == EPERM) return "it may not be read by us (ptrace rights, proc(5))";
  return std::strerror(error.value);
}

class Look {
 public:
  Look(const os::Machine& machine, const os::ProcessStatus& status) : machine_(machine) {
    seen_.status = status;
    pid_ = status.pid;
  }

  // False: what was read cannot belong together, because the process became another program meanwhile.
  bool run() {
    if (const auto executable = machine_.link_target(file(pid_, "exe"))) seen_.executable = *executable;
    if (const auto text = machine_.read(file(pid_, "cmdline"), kMostEnvironment))
      seen_.arguments = os::parse_strings(*text);
    const auto environment = machine_.read(file(pid_, "environ"), kMostEnvironment);
    if (environment) seen_.environment = os::parse_strings(*environment);
    const auto auxiliary = machine_.read(file(pid_, "auxv"), kMostAuxiliary);
    if (!auxiliary) {
      seen_.obstacle = clause(auxiliary.error());
      return true;
    }
    seen_.auxiliary = os::parse_auxiliary_vector(*auxiliary);
    if (!seen_.auxiliary) {
      seen_.obstacle = "the kernel says nothing about its program";
      return false;
    }
    const auto memory = machine_.memory(pid_);
    if (!memory) {
      seen_.obstacle = clause(memory.error());
      look_at_maps();
      return true;
    }
    seen_.map = os::read_link_map(**memory, *seen_.auxiliary);
    seen_.interpreter = os::read_interpreter(**memory, *seen_.auxiliary);
    if (seen_.map.state == os::LinkMap::State::unreadable) {
      seen_.obstacle = seen_.map.what;
      look_at_maps();
      return false;
    }
    seen_.source = Observation::Source::link_map;
    const auto now = machine_.read(file(pid_, "auxv"), kMostAuxiliary);
    if (!now || *now != *auxiliary) return false;  // it became another program in between
    if (seen_.map.state == os::LinkMap::State::complete) look_at_records(**memory);
    return true;
  }

  Observation take() { return std::move(seen_); }

 private:
  void look_at_maps() {
    const auto text = machine_.read(file(pid_, "maps"), kMostMaps);
    if (!text || text->empty()) return;
    seen_.mapped = os::parse_mapped_code(*text);
    seen_.source = Observation::Source::maps;
  }

  void look_at_records(const os::AddressSpace& memory) {
    const auto bytes = [&](const RecordPlace& place) {
      std::vector<unsigned char> record(place.size);
      for (const os::LinkedObject& object : seen_.map.objects) {
        // Only a library of ours is asked: by what it is called as a file or as a SONAME.
        if (object.path.find("vgpu") == std::string::npos && object.soname.find("vgpu") == std::string::npos &&
            object.soname != "libcuda.so.1") {
          continue;
        }
        const auto at = os::find_symbol(memory, seen_.auxiliary->elf_class, object, place.symbol);
        if (at && memory.read(*at, record)) return record;
      }
      record.clear();
      return record;
    };
    seen_.exec = decode_exec(bytes(kExecPlace));
    seen_.syscall = decode_syscall(bytes(kSyscallPlace));
    seen_.cuda = decode_cuda(bytes(kCudaPlace));
  }

  const os::Machine& machine_;
  int pid_ = 0;
  Observation seen_;
};

}  // namespace

std::optional<os::ProcessStatus> process_status(const os::Machine& machine, int pid) {
  const auto text = machine.read(file(pid, "stat"), kMostStat);
  if (!text) return std::nullopt;
  return os::parse_process_status(*text);
}

Observation observe(const os::Machine& machine, const os::ProcessStatus& status) {
  Observation seen;
  seen.status = status;
  if (status.kernel_thread || status.ended()) return seen;
  for (int i = 0; i < kTries; ++i) {
    Look look(machine, status);
    const bool coherent = look.run();
    seen = look.take();
    const auto now = process_status(machine, status.pid);
    seen.gone = !now || now->start != status.start || now->ended();
    if (seen.gone || coherent) break;
  }
  return seen;
}

std::vector<os::ProcessStatus> all_processes(const os::Machine& machine) {
  std::vector<os::ProcessStatus> all;
  const auto names = machine.list("/proc");
  if (!names) return all;
  for (const std::string& name : *names) {
    if (name.empty() || name.size() > 7 || name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (auto status = process_status(machine, std::stoi(name))) all.push_back(std::move(*status));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.pid < b.pid; });
  return all;
}

std::vector<os::ProcessStatus> family(const os::Machine& machine, int pid) {
  std::vector<os::ProcessStatus> members;
  auto root = process_status(machine, pid);
  if (!root) return members;
  std::multimap<int, os::ProcessStatus> by_parent;
  for (os::ProcessStatus& one : all_processes(machine)) by_parent.emplace(one.parent, one);
  members.push_back(std::move(*root));
  // We are below our own shell, and are nobody's business.
  const auto self = machine.link_target("/proc/self");
  // Parents change while the list is made: a process that is there already does not come again.
  std::set<int> known = {pid};
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto [begin, end] = by_parent.equal_range(members[i].pid);
    for (auto child = begin; child != end; ++child) {
      if (self && *self == std::to_string(child->second.pid)) continue;
      if (known.insert(child->second.pid).second) members.push_back(child->second);
    }
  }
  return members;
}

std::optional<std::string> variable(const Observation& process, const std::string& name) {
  if (!process.environment) return std::nullopt;
  std::optional<std::string> value;
  for (const std::string& entry : *process.environment) {
    if (!entry.starts_with(name) || entry.size() <= name.size() || entry[name.size()] != '=') continue;
    value = entry.substr(name.size() + 1);
    if (name != "LD_PRELOAD") break;
  }
  return value;
}

}  // namespace vgpu::verify
