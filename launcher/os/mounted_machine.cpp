#include "launcher/os/mounted_machine.h"

#include <algorithm>
#include <cerrno>

namespace vgpu::os {
namespace {

Errno absent(const std::string& path) { return {ENOENT, path}; }

// `path` is `top` or below it.
bool is_in(const std::string& path, const std::string& top) {
  return path.starts_with(top) && (path.size() == top.size() || path[top.size()] == '/');
}

}  // namespace

MountedMachine::MountedMachine(const Machine& machine, std::vector<Mount> mounts, std::string own_executable,
                               std::vector<std::string> environment)
    : machine_(machine),
      mounts_(std::move(mounts)),
      own_executable_(std::move(own_executable)),
      environment_(std::move(environment)) {}

// The deepest mount counts.
std::optional<std::string> MountedMachine::outside(const std::string& path) const {
  const Mount* found = nullptr;
  for (const Mount& mount : mounts_) {
    if (is_in(path, mount.inside) && (found == nullptr || mount.inside.size() > found->inside.size())) found = &mount;
  }
  if (found == nullptr) return std::nullopt;
  return found->outside + path.substr(found->inside.size());
}

std::vector<std::string> MountedMachine::mount_points(const std::string& directory) const {
  const std::string top = directory == "/" ? directory : directory + "/";
  std::vector<std::string> names;
  for (const Mount& mount : mounts_) {
    if (!mount.inside.starts_with(top) || mount.inside.size() == top.size()) continue;
    std::string name = mount.inside.substr(top.size(), mount.inside.find('/', top.size()) - top.size());
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

Result<FileStatus> MountedMachine::status(const std::string& path) const {
  if (const auto there = outside(path)) return machine_.status(*there);
  if (mount_points(path).empty()) return absent(path);
  FileStatus status;
  status.kind = FileStatus::Kind::directory;
  status.mode = 0755;
  return status;
}

Result<std::string> MountedMachine::read(const std::string& path, std::size_t limit) const {
  const auto there = outside(path);
  return there ? machine_.read(*there, limit) : Result<std::string>(absent(path));
}

Result<std::unique_ptr<FileView>> MountedMachine::view(const std::string& path) const {
  const auto there = outside(path);
  return there ? machine_.view(*there) : Result<std::unique_ptr<FileView>>(absent(path));
}

Result<std::vector<std::string>> MountedMachine::list(const std::string& directory) const {
  if (const auto there = outside(directory)) return machine_.list(*there);
  std::vector<std::string> names = mount_points(directory);
  if (names.empty()) return absent(directory);
  return names;
}

Result<std::string> MountedMachine::link_target(const std::string& path) const {
  const auto there = outside(path);
  return there ? machine_.link_target(*there) : Result<std::string>(absent(path));
}

// A link that leads out of what is mounted leads nowhere.
Result<std::string> MountedMachine::real_path(const std::string& path) const {
  const auto there = outside(path);
  if (!there) return absent(path);
  const Result<std::string> real = machine_.real_path(*there);
  if (!real) return real;
  for (const Mount& mount : mounts_) {
    const Result<std::string> top = machine_.real_path(mount.outside);
    if (top && is_in(*real, *top)) return mount.inside + real->substr(top->size());
  }
  return absent(path);
}

bool MountedMachine::readable(const std::string& path) const {
  const auto there = outside(path);
  return there && machine_.readable(*there);
}

bool MountedMachine::executable(const std::string& path) const {
  const auto there = outside(path);
  return there && machine_.executable(*there);
}

MountFlags MountedMachine::mount_flags(const std::string& path) const {
  const auto there = outside(path);
  return there ? machine_.mount_flags(*there) : MountFlags{};
}

bool MountedMachine::has_file_capabilities(const std::string& path) const {
  const auto there = outside(path);
  return there && machine_.has_file_capabilities(*there);
}

Result<std::unique_ptr<AddressSpace>> MountedMachine::memory(int) const {
  return Errno{ESRCH, "no process runs there"};
}

}  // namespace vgpu::os
