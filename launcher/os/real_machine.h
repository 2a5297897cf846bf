// The machine we run on. Every method is one or very few system calls; what an earlier answer already tells
// is not asked again, because a launch has a budget of 30 calls (tests/run/system_calls.sh counts
// them).
#pragma once

#include <map>
#include <optional>
#include <set>

#include "launcher/os/machine.h"

namespace vgpu::os {

class RealMachine final : public Machine {
 public:
  // What becomes of descriptors and mappings when they are no longer needed. vgpu-run leaves them to its
  // execve, which ends all of them at once (each is O_CLOEXEC); a program that lives on closes them.
  enum class Closing { at_once, at_exec };

  explicit RealMachine(Closing closing = Closing::at_once);
  // Behind what the process was given.
  void add_environment(const std::vector<std::string>& entries) {
    environment_.insert(environment_.end(), entries.begin(), entries.end());
  }

  Result<FileStatus> status(const std::string& path) const override;
  Result<std::string> read(const std::string& path, std::size_t limit) const override;
  Result<std::unique_ptr<FileView>> view(const std::string& path) const override;
  Result<std::vector<std::string>> list(const std::string& directory) const override;
  Result<std::string> link_target(const std::string& path) const override;
  Result<std::string> real_path(const std::string& path) const override;
  bool readable(const std::string& path) const override;
  bool executable(const std::string& path) const override;
  MountFlags mount_flags(const std::string& path) const override;
  bool on_noexec_mount(const std::string& path) const override;
  bool has_file_capabilities(const std::string& path) const override;
  Result<std::unique_ptr<AddressSpace>> memory(int pid) const override;
  bool no_new_privileges() const override;
  std::string working_directory() const override;
  std::string own_executable() const override;
  const std::vector<std::string>& environment() const override { return environment_; }
  Credentials credentials() const override;
  std::uint32_t process_id() const override;
  std::uint64_t random() const override;

 private:
  // An answer of statx(2): a file is usually asked about several times, and its directory in between.
  struct Asked {
    std::string path;
    FileStatus status;
    std::uint64_t mount = 0;  // stx_mnt_id, 0 where the kernel is older than 5.8
  };

  struct Mapped {
    std::string path;
    void* address;
    std::size_t size;
  };

  std::size_t read_small(const std::string& path, unsigned char* room) const;
  Result<FileStatus> ask(const std::string& path) const;  // fills last_
  std::string find_own_executable() const;
  const Asked* asked(const std::string& path) const;  // an answer that is still known

  Closing closing_;
  std::vector<std::string> environment_;
  mutable std::optional<Asked> last_;
  mutable std::optional<Asked> before_last_;
  mutable std::vector<Mapped> mapped_;  // with Closing::at_exec
  mutable std::optional<std::string> own_executable_;
  mutable std::map<std::uint64_t, MountFlags> mounts_;  // by mount id: a mount is asked once
  mutable std::set<std::uint64_t> executable_mounts_;   // by mount id: a mapping with PROT_EXEC succeeded
};

}  // namespace vgpu::os
