// The machine that exists in memory: a test says what is on it. Paths are absolute or relative to the working
// directory;
// "." and ".." are resolved as text. Symbolic links, modes, owners, mounts and credentials behave as on
// Linux, as far as the launcher can see them.
#pragma once

#include <map>
#include <set>

#include "launcher/os/machine.h"

namespace vgpu::os {

class MemoryMachine final : public Machine {
 public:
  struct File {
    std::string content;
    std::uint32_t mode = 0644;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    FileStatus::Kind kind = FileStatus::Kind::regular;
    bool capabilities = false;  // has a security.capability attribute
    std::int64_t mtime = 0;
    std::uint32_t mtime_nanoseconds = 0;
    std::uint64_t inode = 0;  // 0: given by add
  };

  MemoryMachine();

  // Each makes the directories above it (0755, root). The file is returned for changes; it lives as long as
  // the path.
  File& add(const std::string& path, std::string content, std::uint32_t mode = 0644);
  File& add_program(const std::string& path, std::string content) { return add(path, std::move(content), 0755); }
  File& add_directory(const std::string& path, std::uint32_t mode = 0755);
  void add_link(const std::string& path, const std::string& target);
  void mount(const std::string& directory, MountFlags flags);
  void remove(const std::string& path);
  // The memory of a process: bytes by the address of the first one. The rest of /proc/PID is files like others.
  void add_memory(int pid, std::uint64_t address, std::string bytes) { memory_[pid][address] = std::move(bytes); }

  void set_environment(std::vector<std::string> environment) { environment_ = std::move(environment); }
  void set_credentials(Credentials credentials) { credentials_ = credentials; }
  void set_groups(std::set<std::uint32_t> groups) { groups_ = std::move(groups); }
  void set_no_new_privileges(bool value) { no_new_privileges_ = value; }
  void set_working_directory(std::string directory) { working_directory_ = std::move(directory); }
  void set_own_executable(std::string path) { own_executable_ = std::move(path); }

  // What was asked for: a method's name and the path ("view /bin/true"). For tests of the system-call budget.
  const std::vector<std::string>& questions() const { return questions_; }
  void forget_questions() { questions_.clear(); }

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
  bool no_new_privileges() const override { return no_new_privileges_; }
  std::string working_directory() const override { return working_directory_; }
  std::string own_executable() const override { return own_executable_; }
  const std::vector<std::string>& environment() const override { return environment_; }
  Credentials credentials() const override { return credentials_; }

 private:
  struct Found {
    std::string path;  // links resolved
    const File* file = nullptr;
  };

  void make_parents(const std::string& path);
  Result<Found> find(const std::string& path, const char* call) const;
  bool in_group(std::uint32_t gid) const;
  bool allowed(const File& file, unsigned bit) const;
  void note(const char* method, const std::string& path) const;

  std::map<std::string, File> files_;
  std::map<std::string, std::string> links_;
  std::map<std::string, MountFlags> mounts_;
  std::map<int, std::map<std::uint64_t, std::string>> memory_;
  std::vector<std::string> environment_;
  Credentials credentials_;
  std::set<std::uint32_t> groups_;
  bool no_new_privileges_ = false;
  std::string working_directory_ = "/";
  std::string own_executable_ = "/opt/vgpu/bin/vgpu-run";
  std::uint64_t next_inode_ = 1;
  mutable std::vector<std::string> questions_;
};

}  // namespace vgpu::os
