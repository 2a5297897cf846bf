#include "launcher/plan/mount_namespace.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "launcher/os/elf.h"
#include "launcher/plan/environment_list.h"
#include "launcher/plan/ld_cache.h"
#include "launcher/plan/ld_cache_writer.h"
#include "launcher/plan/preload.h"
#include "launcher/plan/preload_file.h"
#include "shims/contract.h"

namespace vgpu::plan {
namespace {

using os::NamespaceStep;

constexpr char kCache[] = "/etc/ld.so.cache";
constexpr std::size_t kMostText = 16 << 20;
constexpr int kSysAdmin = 21;  // CAP_SYS_ADMIN, linux/capability.h

constexpr char kUseExec[] = "or use --scope exec, which reaches every child but those of static programs";

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// The first line of a file of /proc; "" where there is none.
std::string line_of(const os::Machine& machine, const std::string& path) {
  const auto text = machine.read(path, 65536);
  return text ? text->substr(0, text->find('\n')) : std::string();
}

// "CapEff" of /proc/self/status: a value there, "" without.
std::string status_field(const os::Machine& machine, std::string_view name) {
  const auto text = machine.read("/proc/self/status", 65536);
  if (!text) return {};
  const std::size_t at = text->find(std::string("\n").append(name).append(":\t"));
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 3;
  return text->substr(begin, text->find('\n', begin) - begin);
}

bool may_mount(const os::Machine& machine) {
  const std::string capabilities = status_field(machine, "CapEff");
  if (capabilities.empty()) return machine.credentials().euid == 0;
  constexpr std::size_t kDigit = kSysAdmin / 4;
  if (capabilities.size() <= kDigit) return false;
  const char digit = capabilities[capabilities.size() - 1 - kDigit];
  const int value = digit >= 'a' ? digit - 'a' + 10 : digit - '0';
  return (value >> kSysAdmin % 4 & 1) != 0;
}

// Carried for a process without environment: what the shims read, not what vgpu-run itself reads nor what is about one
// child.
bool is_carried(std::string_view entry) {
  return entry.starts_with("VGPU_") && !entry.starts_with("VGPU_RUN_") &&
         !entry.starts_with(std::string(contract::kExec).append(1, '='));
}

class Planner {
 public:
  Planner(const os::Machine& machine, Plan& plan) : machine_(machine), plan_(plan), environment_(plan.envp) {}

  void run() {
    const auto text = machine_.read(contract::kPreloadFile, kMostText);
    plan_.mount_namespace.covers_etc = !text && text.error().value == ENOENT;
    if (!text && !plan_.mount_namespace.covers_etc) {
      complain(Code::scope_unavailable, contract::kPreloadFile,
               std::string("it cannot be read: ") + std::strerror(text.error().value),
               std::string("see to it that everybody may read it, ") + kUseExec);
      return;
    }
    const std::string now = text ? *text : std::string();
    const PreloadFile host = read_preload_file(now);
    PreloadFile file;
    directory_64_ = library_directory("/lib64/ld-linux-x86-64.so.2");
    directory_32_ = library_directory("/lib/ld-linux.so.2");
    add_shims(file);
    if (!file.ours && !host.ours) return;  // nothing is wanted, nothing is there
    add_host_libraries(host, file);
    const std::string wanted = to_text(file);
    if (host.ours && wanted == now) {
      plan_.mount_namespace.in_force = true;
      return;
    }
    plan_.mount_namespace.needed = true;
    plan_.mount_namespace.files.push_back({contract::kPreloadFile, wanted});
    if (file.ours) add_cache();
    look_for_obstacles();
  }

 private:
  void complain(Code code, std::string where, std::string cause, std::string fix) {
    plan_.problems.push_back(
        {.code = code, .where = std::move(where), .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}});
  }

  // The name of a system's directory of libraries, as its ld.so puts it for $LIB: that of its dynamic linker. ""
  // without.
  std::string library_directory(const char* linker) const {
    const auto path = machine_.real_path(linker);
    if (!path) return {};
    const std::size_t begin = path->starts_with("/usr/") ? 5 : 1;
    const std::size_t end = path->rfind('/');
    return end > begin ? path->substr(begin, end - begin) : std::string();
  }

  // Where there are 32-bit programs: the path that they resolve, too (shims/either.cmake).
  std::string for_both_classes(const std::string& library) const {
    if (directory_64_.empty() || directory_32_.empty()) return library;
    const std::size_t slash = library.rfind('/') + 1;
    const std::string either = library.substr(0, slash) + "either/";
    const std::string name = "/" + library.substr(slash);
    for (const std::string& directory : {directory_64_, directory_32_}) {
      if (!machine_.status(either + directory + name)) return library;
    }
    return either + "$LIB" + name;
  }

  void add_shims(PreloadFile& file) {
    for (const Place& place : plan_.places) {
      if (place.foreign) continue;
      for (const std::string& library : place.libraries) {
        // A space, a ':' and a line feed were refused for LD_PRELOAD already.
        if (library.find_first_of("\t#") != std::string::npos) {
          complain(Code::path_not_carriable, library,
                   "the path holds a tab or a '#', which /etc/ld.so.preload cannot carry: it has no escaping",
                   "move the tree to a path without it, or name a link to the library in the manifest");
        }
        file.libraries.push_back(for_both_classes(library));
      }
    }
    file.ours = !file.libraries.empty();
    if (!file.ours) return;
    for (const std::string& entry : plan_.envp) {
      if (!is_carried(entry)) continue;
      if (entry.find_first_of(kPreloadCommentBreaks) != std::string::npos) {
        complain(Code::path_not_carriable, entry.substr(0, entry.find('=')),
                 "its value holds a tab or a line feed, which the comment in /etc/ld.so.preload cannot carry",
                 "take it out");
      }
      file.variables.push_back(entry);
    }
    // An inner launch finds them in another order and says the same.
    std::sort(file.variables.begin(), file.variables.end());
  }

  // The host's own, behind ours and without what an enclosing launch put there.
  void add_host_libraries(const PreloadFile& host, PreloadFile& file) const {
    std::vector<std::string> not_the_hosts = file.libraries;
    const std::string prefix = std::string(contract::kPreload) + "=";
    for (const std::string& variable : host.variables) {
      if (!variable.starts_with(prefix)) continue;
      for (std::string& library : split_preload(variable.substr(prefix.size())))
        not_the_hosts.push_back(std::move(library));
    }
    for (std::size_t i = 0, count = not_the_hosts.size(); i < count; ++i)
      not_the_hosts.push_back(for_both_classes(not_the_hosts[i]));
    for (const std::string& library : host.libraries) {
      if (!contains(not_the_hosts, library)) file.libraries.push_back(library);
    }
  }

  void add_directories(const char* variable, std::vector<CacheEntry>& entries) const {
    for (const std::string& directory : split_preload_path(environment_.get_or(variable, ""))) {
      auto names = machine_.list(directory);
      if (!names) continue;
      std::sort(names->begin(), names->end());
      for (const std::string& name : *names) {
        if (name.find(".so") == std::string::npos) continue;
        const std::string path = directory + "/" + name;
        const auto view = machine_.view(path);
        if (!view) continue;
        const auto elf = os::read_elf((*view)->bytes());
        if (!elf) continue;
        if (const auto flags = ld_cache_flags(elf->elf_class, elf->machine)) entries.push_back({name, path, *flags});
      }
    }
  }

  static std::vector<std::string> split_preload_path(std::string_view list) {
    std::vector<std::string> directories;
    for (std::size_t begin = 0; begin < list.size();) {
      const std::size_t end = std::min(list.find(':', begin), list.size());
      if (end > begin) directories.emplace_back(list.substr(begin, end - begin));
      begin = end + 1;
    }
    return directories;
  }

  void add_cache() {
    std::vector<CacheEntry> front, behind;
    add_directories(contract::kLibraryPath, front);
    add_directories(contract::kLibraryPathLast, behind);
    if (front.empty() && behind.empty()) return;
    const auto view = machine_.view(kCache);
    // A host without a cache: not worth a cover over /etc, where the other file does without.
    if (!view && !plan_.mount_namespace.covers_etc) return;
    const auto bytes = view ? (*view)->bytes() : std::span<const unsigned char>{};
    std::string text = extended_ld_cache(bytes, front, behind);
    if (std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == text) return;
    plan_.mount_namespace.files.push_back({kCache, std::move(text)});
  }

  // What is certain before it is tried.
  void look_for_obstacles() {
    const os::Credentials who = machine_.credentials();
    if (may_mount(machine_)) return;
    const auto refuse = [&](NamespaceStep step, int error) {
      plan_.problems.push_back(namespace_problem(machine_, {step, os::Errno{error, {}}}));
    };
    if (who.euid == 0) return refuse(NamespaceStep::mount_namespace, EPERM);
    plan_.mount_namespace.user = true;
    if (who.uid != who.euid || who.gid != who.egid) return refuse(NamespaceStep::credentials, EPERM);
    if (line_of(machine_, "/proc/sys/user/max_user_namespaces") == "0")
      return refuse(NamespaceStep::user_namespace, ENOSPC);
    if (line_of(machine_, "/proc/sys/kernel/unprivileged_userns_clone") == "0")
      refuse(NamespaceStep::user_namespace, EPERM);
  }

  const os::Machine& machine_;
  Plan& plan_;
  EnvironmentList environment_;
  std::string directory_64_;  // the two meanings of $LIB here; "": no programs of that class
  std::string directory_32_;
};

struct Reason {
  std::string cause;
  std::string fix;
};

Reason why_no_mount_namespace(const os::Machine& machine, int error) {
  if (error == ENOSPC) {
    return {"the limit of mount namespaces is reached (user.max_mnt_namespaces is " +
                line_of(machine, "/proc/sys/user/max_mnt_namespaces") + ")",
            "raise it with sysctl, "};
  }
  if (error == EPERM && machine.credentials().euid == 0) {
    return {"root has no CAP_SYS_ADMIN here, as usual in a container, or a seccomp filter forbids unshare(2)",
            "give the container CAP_SYS_ADMIN (--cap-add SYS_ADMIN, or SYS_ADMIN in the pod's capabilities), or run as "
            "an ordinary user, "};
  }
  return {std::string("the kernel makes no mount namespace: ") + std::strerror(error),
          "ask what a seccomp filter or a security module forbids, "};
}

Reason why_no_user_namespace(const os::Machine& machine, int error) {
  if (error == ENOSPC || error == EUSERS) {
    const std::string most = line_of(machine, "/proc/sys/user/max_user_namespaces");
    return {most == "0" ? "user namespaces are switched off (user.max_user_namespaces is 0)"
                        : "the limit of user namespaces is reached (user.max_user_namespaces is " + most +
                              ", and they nest 32 deep)",
            "as root run sysctl user.max_user_namespaces=10000, or start vgpu-run as root, "};
  }
  if (error == EINVAL || error == ENOSYS) {
    return {"this kernel has no user namespaces (CONFIG_USER_NS)", "start vgpu-run as root, "};
  }
  if (line_of(machine, "/proc/sys/kernel/unprivileged_userns_clone") == "0") {
    return {"user namespaces are for root alone (kernel.unprivileged_userns_clone is 0)",
            "as root run sysctl kernel.unprivileged_userns_clone=1, or start vgpu-run as root, "};
  }
  const std::string seccomp = status_field(machine, "Seccomp");
  if (seccomp == "2") {
    return {"a seccomp filter forbids to make a user namespace, as container runtimes have it",
            "start the container with a profile that allows unshare(2), or give it CAP_SYS_ADMIN and start vgpu-run as "
            "root, "};
  }
  return {std::string("the kernel makes no user namespace: ") + std::strerror(error) + "; in a chroot it never does",
          "leave the chroot, or start vgpu-run as root, "};
}

Reason reason_of(const os::Machine& machine, const os::NamespaceFailure& failure) {
  const int error = failure.error.value;
  const bool refused = error == EPERM || error == EACCES;
  switch (failure.step) {
    case NamespaceStep::credentials:
      return {"real and effective user or group differ, and a user namespace of an unprivileged user keeps one only",
              "start vgpu-run as the user that the program is to have, "};
    case NamespaceStep::mount_namespace: return why_no_mount_namespace(machine, error);
    default: break;
  }
  // AppArmor lets the namespace be made and takes every privilege in it: what fails is some step behind.
  if (refused && machine.credentials().euid != 0 &&
      line_of(machine, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1") {
    return {
        "AppArmor restricts user namespaces to programs whose profile allows them "
        "(kernel.apparmor_restrict_unprivileged_userns is 1)",
        "load an AppArmor profile for vgpu-run that has \"userns,\", or as root run sysctl "
        "kernel.apparmor_restrict_unprivileged_userns=0, "};
  }
  const std::string said = failure.error.call + ": " + std::strerror(error);
  switch (failure.step) {
    case NamespaceStep::user_namespace: return why_no_user_namespace(machine, error);
    case NamespaceStep::identity:
      return {"the ids cannot be mapped into the user namespace: " + said, "mount /proc, or start vgpu-run as root, "};
    case NamespaceStep::propagation:
      if (error == EINVAL) {
        return {
            "the root directory is no mount point (a chroot), so that what is mounted here could not be kept from the "
            "host",
            "enter it with pivot_root (as containers do), or bind-mount the directory onto itself before the chroot, "};
      }
      break;
    default:
      if (error == ENOSYS) return {"the kernel is older than Linux 5.2: " + said, "use a newer one, "};
      if (failure.step == NamespaceStep::cover_file && error == ENOENT) {
        return {"it is a symbolic link that leads nowhere: " + said, "remove the link, "};
      }
      break;
  }
  return {"the private mounts cannot be made: " + said, "ask what a seccomp filter or a security module forbids, "};
}

}  // namespace

void plan_mount_namespace(const os::Machine& machine, Plan& plan) { Planner(machine, plan).run(); }

Problem namespace_problem(const os::Machine& machine, const os::NamespaceFailure& failure) {
  const Reason reason = reason_of(machine, failure);
  return {.code = Code::scope_unavailable,
          .where = "scope namespace",
          .cause = reason.cause,
          .fix = reason.fix + kUseExec,
          .excerpt = {}};
}

}  // namespace vgpu::plan
