// The one door to the machine. Everything the plan wants to know about files, the environment or the kernel
// goes through this interface; RealMachine (real_machine.h) asks the kernel, MemoryMachine (memory_machine.h)
// is its twin for tests.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/os/address_space.h"

namespace vgpu::os {

// An errno value and the call that gave it.
struct Errno {
  int value = 0;
  std::string call;  // "open /etc/x"
};

// boost::system::result asks for this; reached only by value() on an error, which is a programming mistake
// here.
[[noreturn]] void throw_exception_from_error(const Errno& error, const boost::source_location& location);

template <class T>
using Result = boost::system::result<T, Errno>;

struct FileStatus {
  enum class Kind { regular, directory, other };
  Kind kind = Kind::other;
  std::uint32_t mode = 0;  // permission bits with set-user-ID and set-group-ID, as st_mode & 07777
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t mtime = 0;  // seconds since the epoch
  std::uint32_t mtime_nanoseconds = 0;
};

// The flags of the mount that a path stands on (statvfs(3)).
struct MountFlags {
  bool noexec = false;
  bool nosuid = false;
};

// The bytes of a file. The span is valid as long as the object lives (an mmap, or a string in the twin).
class FileView {
 public:
  virtual ~FileView() = default;
  virtual std::span<const unsigned char> bytes() const = 0;
};

// Who runs us, as the kernel said at our own exec (getauxval(3): no system call).
struct Credentials {
  std::uint32_t uid = 0;
  std::uint32_t euid = 0;
  std::uint32_t gid = 0;
  std::uint32_t egid = 0;
  bool secure = false;  // AT_SECURE: VGPU_* variables are then ignored
};

class Machine {
 public:
  virtual ~Machine() = default;

  virtual Result<FileStatus> status(const std::string& path) const = 0;  // follows links
  virtual Result<std::string> read(const std::string& path,
                                   std::size_t limit) const = 0;  // EFBIG beyond `limit`
  virtual Result<std::unique_ptr<FileView>> view(const std::string& path) const = 0;
  virtual Result<std::vector<std::string>> list(const std::string& directory) const = 0;  // names, unsorted
  virtual Result<std::string> link_target(const std::string& path) const = 0;             // readlink
  virtual Result<std::string> real_path(const std::string& path) const = 0;               // realpath
  virtual bool readable(const std::string& path) const = 0;  // faccessat R_OK, effective ids
  virtual bool on_noexec_mount(const std::string& path) const { return mount_flags(path).noexec; }
  virtual bool executable(const std::string& path) const = 0;               // faccessat X_OK, effective ids
  virtual MountFlags mount_flags(const std::string& path) const = 0;        // none where it cannot be asked
  virtual bool has_file_capabilities(const std::string& path) const = 0;    // security.capability
  virtual Result<std::unique_ptr<AddressSpace>> memory(int pid) const = 0;  // needs the right to ptrace(2) it
  virtual bool no_new_privileges() const = 0;                               // prctl(PR_GET_NO_NEW_PRIVS)
  virtual std::string working_directory() const = 0;                        // absolute, "" if unreachable
  virtual std::string own_executable() const = 0;                           // /proc/self/exe, links resolved
  virtual const std::vector<std::string>& environment() const = 0;          // raw strings, in order
  virtual Credentials credentials() const = 0;
  virtual std::uint32_t process_id() const { return 1; }               // which execve keeps
  virtual std::uint64_t random() const { return 0x9e3779b97f4a7c15; }  // one number a process, hard to guess
};

}  // namespace vgpu::os
