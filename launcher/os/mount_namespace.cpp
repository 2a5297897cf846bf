#include "launcher/os/mount_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <bitset>
#include <cerrno>
#include <climits>
#include <string_view>

#include "launcher/os/descriptor.h"
#include "launcher/os/private_files.h"

namespace vgpu::os {
namespace {

constexpr int kMostCapabilities = 64;

NamespaceFailure failure(NamespaceStep step, std::string call) { return {step, Errno{errno, std::move(call)}}; }

bool write_file(const char* path, std::string_view text) {
  const OwnedDescriptor file(::open(path, O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// A new user namespace comes with the full set of capabilities, which exec takes away from everybody but root, and with
// a full bounding set, which it leaves. Ours was smaller, perhaps.
class BoundingSet {
 public:
  BoundingSet() {
    for (int i = 0; i < kMostCapabilities; ++i)
      held_[static_cast<std::size_t>(i)] = ::prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1;
  }
  void restore() const {
    for (int i = 0; i < kMostCapabilities; ++i) {
      if (!held_[static_cast<std::size_t>(i)]) ::prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
    }
  }

 private:
  std::bitset<kMostCapabilities> held_;
};

// The same numbers inside and outside. A group of the caller's beyond its own cannot be mapped without privilege: the
// kernel goes on to grant what the group may, and getgroups(2) shows the overflow group for it. "deny" is its condition
// for letting an unprivileged process map a group at all.
std::optional<NamespaceFailure> enter_user_namespace() {
  const uid_t uid = ::geteuid();
  const gid_t gid = ::getegid();
  if (::getuid() != uid || ::getgid() != gid)
    return NamespaceFailure{NamespaceStep::credentials, Errno{EPERM, "geteuid"}};
  const BoundingSet bounding;
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
    return failure(NamespaceStep::user_namespace, "unshare CLONE_NEWUSER");
  const auto identity = [](unsigned id) {
    const std::string number = std::to_string(id);
    return number + " " + number + " 1\n";
  };
  if (!write_file("/proc/self/setgroups", "deny"))
    return failure(NamespaceStep::identity, "write /proc/self/setgroups");
  if (!write_file("/proc/self/uid_map", identity(uid)))
    return failure(NamespaceStep::identity, "write /proc/self/uid_map");
  if (!write_file("/proc/self/gid_map", identity(gid)))
    return failure(NamespaceStep::identity, "write /proc/self/gid_map");
  bounding.restore();
  return std::nullopt;
}

std::optional<NamespaceFailure> leave_the_hosts() {
  if (::unshare(CLONE_NEWNS) == 0) return std::nullopt;
  // Root without CAP_SYS_ADMIN would be no root in a user namespace of one id: every other owner's file would be out of
  // reach.
  if (errno != EPERM || ::geteuid() == 0) return failure(NamespaceStep::mount_namespace, "unshare CLONE_NEWNS");
  return enter_user_namespace();
}

}  // namespace

std::optional<NamespaceFailure> enter_mount_namespace(std::span<const PrivateFile> files) {
  if (auto failed = leave_the_hosts()) return failed;
  // What the host mounts later arrives here, what is mounted here stays here.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) {
    return failure(NamespaceStep::propagation, "mount MS_SLAVE /");
  }
  return cover_files(files);
}

}  // namespace vgpu::os
