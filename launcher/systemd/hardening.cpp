// Options of systemd.exec(5) that keep a file of ours from the service, or from doing what it is for. NoNewPrivileges=,
// AmbientCapabilities= and ProtectSystem= do neither.
#include <algorithm>
#include <cstdlib>

#include "launcher/os/elf.h"
#include "launcher/systemd/unit_check.h"

namespace vgpu::systemd {
namespace {

using plan::Severity;
using Strings = std::vector<std::string>;

bool is_under(const std::string& path, std::string directory) {
  while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  return directory == "/" || path == directory || path.starts_with(directory + "/");
}

std::string text_of(const Unit& unit, std::string_view key) {
  const auto one = setting(unit, key);
  return one ? one->value() : std::string();
}

bool is_no(const std::string& value) {
  return value.empty() || value == "no" || value == "false" || value == "off" || value == "0";
}

class HardeningCheck {
 public:
  HardeningCheck(const Subject& subject, Report& report) : subject_(subject), unit_(subject.unit), report_(report) {}

  void check() {
    collect();
    if (needed_.empty()) return;
    for (const std::string& path : needed_) {
      if (is_hidden(path)) break;  // the others mostly lie beside it, and one reason is enough
    }
    for (const std::string& library : libraries_) {
      if (is_noexec(library)) break;
    }
    write_execute();
    namespaces();
    system_calls();
    devices();
    readable();
  }

 private:
  void need(const std::string& path) {
    if (path.starts_with('/') && std::find(needed_.begin(), needed_.end(), path) == needed_.end())
      needed_.push_back(path);
  }

  void collect() {
    for (const Start& start : report_.starts) {
      if (!start.known) continue;
      if (start.wrapped) need(start.program);
      if (!start.wrapped && !report_.preload.ours) continue;
      for (const plan::ManifestFile& file : start.plan.manifest.files) {
        if (start.wrapped && file.fate == plan::ManifestFile::Fate::used) need(file.path);
      }
      const Strings& preload = start.wrapped ? start.plan.preload : report_.preload.has;
      for (const std::string& library : preload) {
        need(library);
        libraries_.push_back(library);
      }
      go_ = go_ || is_go(start.plan.target.program);
      namespace_ = namespace_ || (start.wrapped && start.plan.scope == "namespace");
    }
  }

  bool is_go(const std::string& path) const {
    const auto view = subject_.machine.view(path);
    if (!view) return false;
    const auto elf = os::read_elf((*view)->bytes());
    return elf && elf->go;
  }

  void say(Fault fault, std::string_view key, std::string cause, std::string fix, Severity severity = Severity::error) {
    if (const auto one = setting(unit_, key))
      report_.findings.push_back(about(fault, *one, std::move(cause), std::move(fix), severity));
  }

  bool is_bound(const std::string& path) const {
    for (const char* key : {"BindPaths", "BindReadOnlyPaths"}) {
      for (const Setting& one : settings(unit_, key)) {
        for (const UnitWord& word : split_unit_words(one.value()).words) {
          std::string from = word.value.substr(word.value.starts_with('-') ? 1 : 0);
          const std::size_t colon = from.find(':');
          std::string to = colon == std::string::npos ? from : from.substr(colon + 1);
          to = to.substr(0, to.find(':'));
          if (is_under(path, to)) return true;
        }
      }
    }
    return false;
  }

  bool hides(const char* key, const std::string& path, const std::string& how) {
    say(Fault::hidden_by_hardening, key, how + " hides " + path + " from the service",
        "install vgpu-run elsewhere (/usr, /opt), or add BindReadOnlyPaths=" +
            path.substr(0, std::max<std::size_t>(path.rfind('/'), 1)));
    return true;
  }

  bool is_hidden(const std::string& path) {
    if (is_bound(path)) return false;
    const std::string home = text_of(unit_, "ProtectHome");
    const bool closed = home == "tmpfs" || (!is_no(home) && home != "read-only");
    if (closed && (is_under(path, "/home") || is_under(path, "/root") || is_under(path, "/run/user")))
      return hides("ProtectHome", path, "ProtectHome=" + home);
    if (is_under(path, "/tmp") || is_under(path, "/var/tmp")) {
      if (!is_no(text_of(unit_, "PrivateTmp")))
        return hides("PrivateTmp", path, "PrivateTmp=" + text_of(unit_, "PrivateTmp"));
      if (is_yes(text_of(unit_, "DynamicUser")))
        return hides("DynamicUser", path, "DynamicUser=yes, by the PrivateTmp= that comes with it,");
    }
    for (const char* key : {"TemporaryFileSystem", "InaccessiblePaths"}) {
      for (const Setting& one : settings(unit_, key)) {
        for (const UnitWord& word : split_unit_words(one.value()).words) {
          std::string directory = word.value.substr(std::min(word.value.find_first_not_of("-+"), word.value.size()));
          directory = directory.substr(0, directory.find(':'));
          if (!directory.empty() && is_under(path, directory))
            return hides(key, path, std::string(key) + "=" + directory);
        }
      }
    }
    const std::string root = text_of(unit_, "RootDirectory");
    if (!root.empty() && root != "/" && !subject_.machine.status(root + path))
      return hides("RootDirectory", path, "RootDirectory=" + root);
    if (!text_of(unit_, "RootImage").empty())
      return hides("RootImage", path, "RootImage=" + text_of(unit_, "RootImage"));
    return false;
  }

  std::size_t longest_prefix(const char* key, const std::string& path) const {
    std::size_t longest = 0;
    for (const Setting& one : settings(unit_, key)) {
      for (const UnitWord& word : split_unit_words(one.value()).words) {
        const std::string directory =
            word.value.substr(std::min(word.value.find_first_not_of("-+"), word.value.size()));
        if (!directory.empty() && is_under(path, directory)) longest = std::max(longest, directory.size());
      }
    }
    return longest;
  }

  bool is_noexec(const std::string& library) {
    if (longest_prefix("NoExecPaths", library) <= longest_prefix("ExecPaths", library)) return false;
    say(Fault::hardening_noexec, "NoExecPaths", "nothing below it may be mapped as code, and " + library + " is",
        "add ExecPaths=" + library.substr(0, library.rfind('/')));
    return true;
  }

  void write_execute() {
    if (!is_yes(text_of(unit_, "MemoryDenyWriteExecute"))) return;
    for (const std::string& library : libraries_) {
      const auto view = subject_.machine.view(library);
      if (!view) continue;
      const auto elf = os::read_elf((*view)->bytes());
      if (!elf || !elf->executable_stack) continue;
      say(Fault::hardening_write_execute, "MemoryDenyWriteExecute",
          library + " wants an executable stack and does not load under it",
          "clear the flag by patchelf --clear-execstack, or set MemoryDenyWriteExecute=no");
    }
    if (!go_ || namespace_) return;
    say(Fault::hardening_write_execute, "MemoryDenyWriteExecute",
        "the program is Go, whose execs libvgpu-syscall reaches by changing its code, which this forbids: a child that "
        "gets an emptied environment has no shims",
        "set MemoryDenyWriteExecute=no, or start it by vgpu-run --scope namespace");
  }

  void namespaces() {
    if (!namespace_) return;
    const std::string allowed = text_of(unit_, "RestrictNamespaces");
    if (is_no(allowed)) return;
    bool names_mnt = false;
    for (const UnitWord& word : split_unit_words(allowed).words)
      names_mnt = names_mnt || word.value == "mnt" || word.value == "~mnt";
    if (is_yes(allowed) || names_mnt == allowed.starts_with('~')) {
      say(Fault::hardening_namespaces, "RestrictNamespaces",
          "scope namespace wants a mount namespace of its own, which this forbids",
          "allow it (RestrictNamespaces=mnt user), or use scope exec");
    }
  }

  // What launcher and shims call beyond what any dynamic program needs is in @system-service; a mount namespace is not.
  void system_calls() {
    const std::vector<Setting> lines = settings(unit_, "SystemCallFilter");
    if (lines.empty()) return;
    const bool denies = lines.front().value().starts_with('~');
    bool service = denies, mounts = denies;
    for (const Setting& one : lines) {
      const bool line_denies = one.value().starts_with('~');
      for (const UnitWord& word : split_unit_words(one.value().substr(line_denies ? 1 : 0)).words) {
        const std::string call = word.value.substr(0, word.value.find(':'));
        if (call == "@system-service" && !line_denies) service = true;
        if (call == "@mount" || call == "mount" || call == "unshare") mounts = !line_denies;
        for (const char* needed : {"@file-system", "@process", "@basic-io", "openat", "execve", "mmap", "flock",
                                   "readlink", "readlinkat", "statx"}) {
          if (line_denies && call == needed) {
            report_.findings.push_back(about(Fault::hardening_system_calls, one,
                                             call + " is refused, and vgpu-run or the shims call it", "allow it"));
          }
        }
      }
    }
    if (!service) {
      report_.findings.push_back(
          about(Fault::hardening_system_calls, lines.front(),
                "the list does not name @system-service: vgpu-run may be killed by a call that it lacks",
                "add @system-service, or try it: journalctl names the call", Severity::warning));
    }
    if (namespace_ && !mounts) {
      report_.findings.push_back(about(Fault::hardening_system_calls, lines.front(),
                                       "scope namespace calls unshare and mount, which this refuses",
                                       "add @mount unshare, or use scope exec"));
    }
  }

  void devices() {
    const bool gpu = subject_.machine.status("/dev/nvidiactl").has_value();
    if (gpu && is_yes(text_of(unit_, "PrivateDevices"))) {
      say(Fault::hardening_devices, "PrivateDevices",
          "it hides /dev/nvidia*: the service gets an emulated device, no slice of the real one",
          "set PrivateDevices=no where a slice is wanted", Severity::warning);
    }
  }

  // Root reads everything, and who somebody else is we know by passwd(5) only.
  void readable() {
    const std::string user = text_of(unit_, "User");
    const bool dynamic = is_yes(text_of(unit_, "DynamicUser"));
    if (!dynamic && (user.empty() || user == "root" || user == "0")) return;
    const std::optional<Ids> ids = dynamic ? Ids{0xffffffff, 0xffffffff} : ids_of(user);
    if (!ids) return;
    for (const std::string& path : needed_) {
      const std::string blocked = first_blocked(path, *ids);
      if (blocked.empty()) continue;
      say(Fault::user_cannot_read, dynamic ? "DynamicUser" : "User",
          (dynamic ? std::string("its user") : user) + " may not read " + path +
              (blocked == path ? "" : ": " + blocked + " is closed"),
          "chmod o+rX " + blocked + ", or install vgpu-run under /usr or /opt");
      return;
    }
  }

  struct Ids {
    std::uint32_t uid, gid;
  };

  std::optional<Ids> ids_of(const std::string& user) const {
    const auto passwd = subject_.machine.read("/etc/passwd", kLargestUnitFile);
    if (!passwd) return std::nullopt;
    for (const std::string& line : lines_of(*passwd)) {
      Strings fields;
      for (std::size_t begin = 0; begin <= line.size();) {
        const std::size_t end = std::min(line.find(':', begin), line.size());
        fields.push_back(line.substr(begin, end - begin));
        begin = end + 1;
      }
      if (fields.size() >= 4 && (fields[0] == user || fields[2] == user)) {
        return Ids{static_cast<std::uint32_t>(std::strtoul(fields[2].c_str(), nullptr, 10)),
                   static_cast<std::uint32_t>(std::strtoul(fields[3].c_str(), nullptr, 10))};
      }
    }
    return std::nullopt;
  }

  // The first directory on the way that may not be entered, or the file that may not be read; supplementary groups are
  // not looked at.
  std::string first_blocked(const std::string& path, Ids ids) const {
    for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
      const std::string part = path.substr(0, slash);
      const auto status = subject_.machine.status(part);
      if (!status) return {};
      const unsigned shift = status->uid == ids.uid ? 6 : status->gid == ids.gid ? 3 : 0;
      const unsigned wanted = status->kind == os::FileStatus::Kind::directory ? 1 : 4;
      if ((status->mode >> shift & wanted) == 0) return part;
      if (slash == std::string::npos) return {};
    }
  }

  const Subject& subject_;
  const Unit& unit_;
  Report& report_;
  Strings needed_;
  Strings libraries_;
  bool go_ = false;
  bool namespace_ = false;
};

}  // namespace

void check_hardening(const Subject& subject, Report& report) { HardeningCheck(subject, report).check(); }

}  // namespace vgpu::systemd
