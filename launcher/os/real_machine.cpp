#include "launcher/os/real_machine.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace vgpu::os {
namespace {

Errno failure(const char* call, const std::string& path) { return Errno{errno, std::string(call) + " " + path}; }

class Descriptor {
 public:
  Descriptor(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0 && !leave_) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void leave() { leave_ = true; }

 private:
  int fd_;
  bool leave_ = false;
};

class Mapping final : public FileView {
 public:
  Mapping(void* address, std::size_t size, bool unmap) : address_(address), size_(size), unmap_(unmap) {}
  ~Mapping() override {
    if (unmap_ && size_ != 0) ::munmap(address_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  std::span<const unsigned char> bytes() const override { return {static_cast<const unsigned char*>(address_), size_}; }

 private:
  void* address_;
  std::size_t size_;
  bool unmap_;
};

// /proc/PID/mem. It stays the memory of the program that ran when it was opened: after an exec, and after the end,
// there is nothing left to read.
class ProcessMemory final : public AddressSpace {
 public:
  explicit ProcessMemory(int fd) : fd_(fd) {}
  ~ProcessMemory() override { ::close(fd_); }
  ProcessMemory(const ProcessMemory&) = delete;
  ProcessMemory& operator=(const ProcessMemory&) = delete;
  bool read(std::uint64_t address, std::span<unsigned char> to) const override {
    if (address > INT64_MAX) return false;  // an offset of a file; no user space lies there
    for (std::size_t done = 0; done < to.size();) {
      const ssize_t got = ::pread(fd_, to.data() + done, to.size() - done, static_cast<off_t>(address + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      done += static_cast<std::size_t>(got);
    }
    return true;
  }

 private:
  int fd_;
};

// ld.so's cache is always read, from end to end, and is small: opening and reading it is one call less than asking for
// its size and mapping it. What does not fit is mapped after all.
constexpr char kSmall[] = "/etc/ld.so.cache";
constexpr std::size_t kSmallRoom = 256 * 1024;  // untouched pages cost nothing

FileStatus::Kind kind_of(unsigned mode) {
  if (S_ISREG(mode)) return FileStatus::Kind::regular;
  if (S_ISDIR(mode)) return FileStatus::Kind::directory;
  return FileStatus::Kind::other;
}

}  // namespace

RealMachine::RealMachine(Closing closing) : closing_(closing) {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) environment_.emplace_back(*entry);
}

Result<FileStatus> RealMachine::ask(const std::string& path) const {
  struct statx buffer;
  if (::statx(AT_FDCWD, path.c_str(), AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS | STATX_MNT_ID, &buffer) != 0) {
    const Errno error = failure("statx", path);
    if (last_ && last_->path == path) last_.reset();
    if (before_last_ && before_last_->path == path) before_last_.reset();
    return error;
  }
  Asked asked;
  asked.path = path;
  asked.status.kind = kind_of(buffer.stx_mode);
  asked.status.mode = buffer.stx_mode & 07777;
  asked.status.uid = buffer.stx_uid;
  asked.status.gid = buffer.stx_gid;
  asked.status.size = buffer.stx_size;
  asked.status.device = makedev(buffer.stx_dev_major, buffer.stx_dev_minor);
  asked.status.inode = buffer.stx_ino;
  asked.status.mtime = buffer.stx_mtime.tv_sec;
  asked.status.mtime_nanoseconds = buffer.stx_mtime.tv_nsec;
  if ((buffer.stx_mask & STATX_MNT_ID) != 0) asked.mount = buffer.stx_mnt_id;
  const FileStatus status = asked.status;
  if (last_ && last_->path != path) before_last_ = std::move(last_);
  last_ = std::move(asked);
  return status;
}

const RealMachine::Asked* RealMachine::asked(const std::string& path) const {
  if (last_ && last_->path == path) return &*last_;
  if (before_last_ && before_last_->path == path) return &*before_last_;
  return nullptr;
}

Result<FileStatus> RealMachine::status(const std::string& path) const { return ask(path); }

Result<std::string> RealMachine::read(const std::string& path, std::size_t limit) const {
  // A caller that asked for the status of a file first spares us the read that only says "end of file".
  std::size_t expected = 0;
  if (const Asked* known = asked(path); known != nullptr && known->status.kind == FileStatus::Kind::regular) {
    if (known->status.size > limit) return Errno{EFBIG, "read " + path};
    expected = static_cast<std::size_t>(known->status.size);
  }
  Descriptor file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (file.get() < 0) return failure("open", path);
  if (closing_ == Closing::at_exec) file.leave();

  std::string text;
  std::size_t length = 0;
  for (;;) {
    if (length == text.size()) text.resize(expected != 0 && length == 0 ? expected + 1 : length + 16384);
    const ssize_t got = ::read(file.get(), text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("read", path);
    length += static_cast<std::size_t>(got);
    if (length > limit) return Errno{EFBIG, "read " + path};
    if (got == 0 || (expected != 0 && length == expected)) break;
  }
  text.resize(length);
  return text;
}

// 0: it is not there, or does not fit, or is nothing that is read in one go.
std::size_t RealMachine::read_small(const std::string& path, unsigned char* room) const {
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);  // left to the exec
  const ssize_t got = fd < 0 ? 0 : ::read(fd, room, kSmallRoom);
  return got <= 0 || static_cast<std::size_t>(got) == kSmallRoom ? 0 : static_cast<std::size_t>(got);
}

// The file is mapped, not read: an ELF file's facts are scattered over it, and a page fault is cheaper than a
// call. Who truncates the file in this moment kills us by SIGBUS before anything was started; for a target
// that is the same as truncating it a moment later, and files that others may write are refused as shims
// before they are mapped.
Result<std::unique_ptr<FileView>> RealMachine::view(const std::string& path) const {
  // What stays mapped until the exec need not be mapped twice.
  for (const Mapped& known : mapped_) {
    if (known.path == path)
      return std::unique_ptr<FileView>(std::make_unique<Mapping>(known.address, known.size, false));
  }
  if (closing_ == Closing::at_exec && path == kSmall) {
    // Not zeroed, and never given back, as the mappings are not.
    unsigned char* room = static_cast<unsigned char*>(std::malloc(kSmallRoom));
    if (const std::size_t size = room == nullptr ? 0 : read_small(path, room); size != 0) {
      mapped_.push_back({.path = path, .address = room, .size = size});
      return std::unique_ptr<FileView>(std::make_unique<Mapping>(room, size, false));
    }
    std::free(room);
  }
  if (!last_ || last_->path != path) {
    if (const auto asked = ask(path); asked.has_error()) return asked.error();
  }
  if (last_->status.kind == FileStatus::Kind::directory) return Errno{EISDIR, "open " + path};
  if (last_->status.kind != FileStatus::Kind::regular) return Errno{EACCES, "open " + path};
  if (last_->status.size > SIZE_MAX / 2) return Errno{EFBIG, "mmap " + path};
  const std::size_t size = static_cast<std::size_t>(last_->status.size);

  Descriptor file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (file.get() < 0) return failure("open", path);
  if (closing_ == Closing::at_exec) file.leave();
  if (size == 0) return std::unique_ptr<FileView>(std::make_unique<Mapping>(nullptr, 0, false));

  // PROT_EXEC asks the question about noexec in the same call: EPERM then (mmap(2)). An LSM may refuse it for
  // other reasons, which tells nothing about the mount.
  void* address = ::mmap(nullptr, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, file.get(), 0);
  if (address != MAP_FAILED) {
    if (last_->mount != 0 && !mounts_.contains(last_->mount)) executable_mounts_.insert(last_->mount);
  } else {
    address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (address == MAP_FAILED) return failure("mmap", path);
  }
  if (closing_ == Closing::at_exec) mapped_.push_back({.path = path, .address = address, .size = size});
  return std::unique_ptr<FileView>(std::make_unique<Mapping>(address, size, closing_ == Closing::at_once));
}

Result<std::vector<std::string>> RealMachine::list(const std::string& directory) const {
  DIR* stream = ::opendir(directory.c_str());
  if (stream == nullptr) return failure("opendir", directory);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int error = errno;
  ::closedir(stream);
  if (error != 0) return Errno{error, "readdir " + directory};
  return names;
}

Result<std::string> RealMachine::link_target(const std::string& path) const {
  std::string target(256, '\0');  // on the stack PATH_MAX would be a page more that is touched
  for (;;) {
    const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
    if (length < 0) return failure("readlink", path);
    const bool whole = static_cast<std::size_t>(length) < target.size();
    target.resize(whole ? static_cast<std::size_t>(length) : target.size() * 4);
    if (whole) return target;
  }
}

Result<std::string> RealMachine::real_path(const std::string& path) const {
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
  if (!resolved) return failure("realpath", path);
  return std::string(resolved.get());
}

bool RealMachine::readable(const std::string& path) const {
  return ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0;
}

bool RealMachine::executable(const std::string& path) const {
  return ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

MountFlags RealMachine::mount_flags(const std::string& path) const {
  if (!last_ || last_->path != path) {
    if (ask(path).has_error()) return {};
  }
  const std::uint64_t mount = last_->mount;
  if (const auto known = mounts_.find(mount); mount != 0 && known != mounts_.end()) return known->second;
  struct statfs buffer;
  if (::statfs(path.c_str(), &buffer) != 0) return {};
  const auto bits = static_cast<unsigned long>(buffer.f_flags);  // since Linux 2.6.36, the ST_ values
  const MountFlags flags{(bits & ST_NOEXEC) != 0, (bits & ST_NOSUID) != 0};
  if (mount != 0) mounts_[mount] = flags;
  return flags;
}

bool RealMachine::on_noexec_mount(const std::string& path) const {
  if (last_ && last_->path == path && executable_mounts_.contains(last_->mount)) return false;
  return mount_flags(path).noexec;
}

bool RealMachine::has_file_capabilities(const std::string& path) const {
  return ::getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
}

Result<std::unique_ptr<AddressSpace>> RealMachine::memory(int pid) const {
  const std::string path = "/proc/" + std::to_string(pid) + "/mem";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failure("open", path);
  return std::unique_ptr<AddressSpace>(std::make_unique<ProcessMemory>(fd));
}

bool RealMachine::no_new_privileges() const { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }

std::string RealMachine::working_directory() const {
  char buffer[PATH_MAX];
  // Linux answers "(unreachable)/..." for a directory outside our root (getcwd(3)).
  if (::getcwd(buffer, sizeof buffer) == nullptr || buffer[0] != '/') return {};
  return buffer;
}

std::string RealMachine::own_executable() const {
  if (!own_executable_) own_executable_ = find_own_executable();
  return *own_executable_;
}

std::string RealMachine::find_own_executable() const {
  if (auto link = link_target("/proc/self/exe"); link.has_value()) return *link;
  // No /proc (an early container): the name we were started by, which the kernel keeps in the auxiliary
  // vector.
  const char* name = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  if (name == nullptr) return {};
  const auto resolved = real_path(name);
  return resolved.has_value() ? *resolved : std::string();
}

std::uint32_t RealMachine::process_id() const { return static_cast<std::uint32_t>(getpid()); }

// getauxval(3), AT_RANDOM: 16 bytes from the kernel, anew at each exec. libc makes its stack canary of them, so that
// they are stirred (the finalizer of splitmix64) and not shown.
std::uint64_t RealMachine::random() const {
  std::uint64_t halves[2] = {};
  if (const unsigned long at = getauxval(AT_RANDOM); at != 0)
    std::memcpy(halves, reinterpret_cast<const void*>(at), sizeof halves);
  std::uint64_t mixed = halves[0] * 0x9e3779b97f4a7c15 + halves[1];
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  return mixed ^ mixed >> 31;
}

Credentials RealMachine::credentials() const {
  Credentials who;
  who.uid = static_cast<std::uint32_t>(::getauxval(AT_UID));
  who.euid = static_cast<std::uint32_t>(::getauxval(AT_EUID));
  who.gid = static_cast<std::uint32_t>(::getauxval(AT_GID));
  who.egid = static_cast<std::uint32_t>(::getauxval(AT_EGID));
  who.secure = ::getauxval(AT_SECURE) != 0;
  return who;
}

}  // namespace vgpu::os
