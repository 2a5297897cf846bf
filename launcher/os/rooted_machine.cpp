#include "launcher/os/rooted_machine.h"

#include <algorithm>
#include <cerrno>

namespace vgpu::os {
namespace {

// The kernel's MAXSYMLINKS.
constexpr int kMaxLinks = 40;

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

RootedMachine::RootedMachine(const Machine& machine, std::string root, std::string own_executable)
    : machine_(machine), root_(root == "/" ? "" : std::move(root)), own_executable_(std::move(own_executable)) {}

// Step by step, as chroot(2) would have the kernel do it: ".." and absolute links stay below the root.
std::string RootedMachine::followed(const std::string& path, bool last) const {
  std::string done, rest = path;
  int links = 0;
  while (!rest.empty()) {
    const std::size_t begin = std::min(rest.find_first_not_of('/'), rest.size());
    const std::size_t end = std::min(rest.find('/', begin), rest.size());
    const std::string name = rest.substr(begin, end - begin);
    rest.erase(0, end);
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      done = parent_of(done.empty() ? "/" : done);
      continue;
    }
    const std::string next = done + "/" + name;
    const bool is_last = rest.find_first_not_of('/') == std::string::npos;
    const auto link = is_last && !last ? Result<std::string>(Errno{EINVAL, {}}) : machine_.link_target(root_ + next);
    if (!link || ++links > kMaxLinks) {
      done = next;
      continue;
    }
    if (link->starts_with('/')) done.clear();
    rest = *link + rest;
  }
  return done.empty() ? "/" : done;
}

std::string RootedMachine::outside(const std::string& path) const {
  return root_.empty() ? path : root_ + followed(path, true);
}

Result<std::string> RootedMachine::link_target(const std::string& path) const {
  return machine_.link_target(root_.empty() ? path : root_ + followed(path, false));
}

Result<std::string> RootedMachine::real_path(const std::string& path) const {
  if (root_.empty()) return machine_.real_path(path);
  std::string real = followed(path, true);
  const auto status = machine_.status(root_ + real);
  if (!status) return status.error();
  return real;
}

// How an offline tree will be mounted is not known yet.
MountFlags RootedMachine::mount_flags(const std::string& path) const {
  return root_.empty() ? machine_.mount_flags(path) : MountFlags{};
}

}  // namespace vgpu::os
