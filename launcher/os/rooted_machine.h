// The machine that a directory will be once it is booted or started: an offline tree. Every path is one below the root,
// also what a symbolic link there leads to. With the root "/" it is the machine itself with another environment: that
// of a service, which does not have ours.
#pragma once

#include "launcher/os/machine.h"

namespace vgpu::os {

class RootedMachine final : public Machine {
 public:
  // `root`: an absolute path without links; "/" or "" is none. `own_executable`: within the root.
  RootedMachine(const Machine& machine, std::string root, std::string own_executable);

  void set_environment(std::vector<std::string> environment) { environment_ = std::move(environment); }
  void set_own_executable(std::string path) { own_executable_ = std::move(path); }

  // The path on the outer machine, links followed within the root; `path` below the root where something on it is
  // missing.
  std::string outside(const std::string& path) const;
  const std::string& root() const { return root_; }

  Result<FileStatus> status(const std::string& path) const override { return machine_.status(outside(path)); }
  Result<std::string> read(const std::string& path, std::size_t limit) const override {
    return machine_.read(outside(path), limit);
  }
  Result<std::unique_ptr<FileView>> view(const std::string& path) const override {
    return machine_.view(outside(path));
  }
  Result<std::vector<std::string>> list(const std::string& directory) const override {
    return machine_.list(outside(directory));
  }
  Result<std::string> link_target(const std::string& path) const override;
  Result<std::string> real_path(const std::string& path) const override;
  bool readable(const std::string& path) const override { return machine_.readable(outside(path)); }
  bool executable(const std::string& path) const override { return machine_.executable(outside(path)); }
  MountFlags mount_flags(const std::string& path) const override;
  bool has_file_capabilities(const std::string& path) const override {
    return machine_.has_file_capabilities(outside(path));
  }
  Result<std::unique_ptr<AddressSpace>> memory(int pid) const override { return machine_.memory(pid); }
  bool no_new_privileges() const override { return false; }
  std::string working_directory() const override { return "/"; }
  std::string own_executable() const override { return own_executable_; }
  const std::vector<std::string>& environment() const override { return environment_; }
  Credentials credentials() const override { return machine_.credentials(); }
  std::uint32_t process_id() const override { return machine_.process_id(); }
  std::uint64_t random() const override { return machine_.random(); }

 private:
  std::string followed(const std::string& path, bool last) const;  // within the root

  const Machine& machine_;
  std::string root_;
  std::string own_executable_;
  std::vector<std::string> environment_;
};

}  // namespace vgpu::os
