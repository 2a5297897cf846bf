// This machine as a container sees it that is given a few of its files: those, at their places there, and nothing else.
// What the container's image has is not known.
#pragma once

#include <optional>

#include "launcher/os/machine.h"

namespace vgpu::os {

class MountedMachine final : public Machine {
 public:
  struct Mount {
    std::string outside;  // absolute, on `machine`
    std::string inside;   // absolute, in the container
  };

  MountedMachine(const Machine& machine, std::vector<Mount> mounts, std::string own_executable,
                 std::vector<std::string> environment);

  // Where a file of the container stands on this machine; nothing where it is none of ours.
  std::optional<std::string> outside(const std::string& path) const;

  Result<FileStatus> status(const std::string& path) const override;
  Result<std::string> read(const std::string& path, std::size_t limit) const override;
  Result<std::unique_ptr<FileView>> view(const std::string& path) const override;
  Result<std::vector<std::string>> list(const std::string& directory) const override;
  Result<std::string> link_target(const std::string& path) const override;
  Result<std::string> real_path(const std::string& path) const override;
  bool readable(const std::string& path) const override;
  bool executable(const std::string& path) const override;
  MountFlags mount_flags(const std::string& path) const override;
  bool has_file_capabilities(const std::string& path) const override;
  Result<std::unique_ptr<AddressSpace>> memory(int pid) const override;
  bool no_new_privileges() const override { return false; }
  std::string working_directory() const override { return "/"; }
  std::string own_executable() const override { return own_executable_; }
  const std::vector<std::string>& environment() const override { return environment_; }
  Credentials credentials() const override { return machine_.credentials(); }

 private:
  // The names in a directory of the container's that are there because something is mounted at them, or below.
  std::vector<std::string> mount_points(const std::string& directory) const;

  const Machine& machine_;
  std::vector<Mount> mounts_;
  std::string own_executable_;
  std::vector<std::string> environment_;
};

}  // namespace vgpu::os
