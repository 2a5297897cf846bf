#include "shims/session/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "shims/session/lock.h"
#include "shims/session/places.h"

namespace vgpu::session {
namespace {

// stat and fstat have had a symbol of their own only since glibc 2.33; newfstatat fills the same structure on x86-64.
bool status_of(int directory, const char* path, int flags, struct stat& status) {
  return syscall(SYS_newfstatat, directory, path, &status, flags) == 0;
}

bool status_of(int fd, struct stat& status) { return status_of(fd, "", AT_EMPTY_PATH, status); }

Inode inode_of(const struct stat& status) { return {.device = status.st_dev, .number = status.st_ino}; }

bool fail(Failure& failure, const char* what, int error = 0) {
  failure = {.what = what, .error = error};
  return false;
}

bool right_place(const char* path, const struct stat& status, Failure& failure) {
  const std::uint64_t device = session_device(path);
  if (device == 0 || device == status.st_dev) return true;
  return fail(failure, "is on another file system than the session was made on (a container's own /dev/shm?)");
}

bool trustworthy(const char* path, const struct stat& status, std::uint32_t owner, Failure& failure) {
  if (!S_ISREG(status.st_mode)) return fail(failure, "is not a regular file");
  if (status.st_uid != owner) return fail(failure, "belongs to another user");
  if ((status.st_mode & 077) != 0) return fail(failure, "is accessible to other users");
  if (status.st_size != sizeof(Layout)) return fail(failure, "has the wrong size for a session");
  return right_place(path, status, failure);
}

int open_file(const char* path, int access, struct stat& status, Failure& failure) {
  // O_NONBLOCK: a FIFO in the place of the file must not hold us up.
  const int fd = open(path, access | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return fail(failure, "cannot be opened", errno), -1;
  if (status_of(fd, status)) return fd;
  fail(failure, "cannot be examined", errno);
  close(fd);
  return -1;
}

char* append(char* at, std::uint64_t number) {
  char digits[16];
  int count = 0;
  do digits[count++] = "0123456789abcdef"[number % 16];
  while ((number /= 16) != 0);
  *at++ = '.';
  while (count > 0) *at++ = digits[--count];
  *at = '\0';
  return at;
}

// "PATH.PID.TIME": nobody else's.
bool working_name(const char* path, char (&name)[PATH_MAX]) {
  const std::size_t length = strlen(path);
  if (length + 40 > sizeof name) return false;
  memcpy(name, path, length);
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  char* at = append(name + length, static_cast<std::uint64_t>(getpid()));
  append(at, static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec));
  return true;
}

bool fill(Layout& layout, const Blueprint& blueprint, Failure& failure) {
  layout.header.magic = kMagic;
  layout.header.version = kVersion;
  layout.header.size = sizeof(Layout);
  layout.header.top = 1;
  keep_places(layout, blueprint.order);
  for (int i = 0; i < blueprint.count; ++i) {
    if (take_place(layout, blueprint.devices[i], blueprint.limits, failure) < 0) return false;
  }
  return true;
}

off_t end_of(unsigned slot) { return static_cast<off_t>(offsetof(Layout, slots) + (slot + 1) * sizeof(Slot)); }

bool allocate(int fd, off_t end) {
  while (fallocate(fd, 0, 0, end) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

// For a file that nobody else knows.
bool write_zeros(int fd, off_t end) {
  static constexpr char kZeros[4096] = {};
  for (off_t at = 0; at < end;) {
    const auto size = end - at < static_cast<off_t>(sizeof kZeros) ? static_cast<std::size_t>(end - at) : sizeof kZeros;
    const ssize_t done = pwrite(fd, kZeros, size, at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    at += done;
  }
  return true;
}

// Pages for the accounts and the first slots, or for all where they cannot be had one after the other.
bool provide_first_pages(int fd, Failure& failure) {
  if (allocate(fd, end_of(0))) return true;
  const bool cannot = errno == EOPNOTSUPP || errno == ENOSYS;
  return (cannot && write_zeros(fd, sizeof(Layout))) || fail(failure, "has no room to grow", errno);
}

// The file is open under its working name.
bool furnish(int fd, const char* path, const Blueprint& blueprint, Layout*& layout, Inode& inode, Failure& failure) {
  bool broken = false;
  if (!lock_slot(fd, 0, broken)) {
    // Not broken: somebody tidied up between our open and our lock, and it is gone by now or in a moment.
    return fail(failure, "cannot be locked", broken ? errno : EAGAIN);
  }
  if (fchmod(fd, 0600) != 0) return fail(failure, "cannot be given its mode", errno);  // whatever the umask took
  if (ftruncate(fd, sizeof(Layout)) != 0) return fail(failure, "cannot be given its size", errno);
  struct stat status = {};
  if (!status_of(fd, status)) return fail(failure, "cannot be examined", errno);
  if (!right_place(path, status, failure) || !provide_first_pages(fd, failure)) return false;
  inode = inode_of(status);
  layout = map_session(fd);
  if (layout == nullptr) return fail(failure, "cannot be mapped", errno);
  if (fill(*layout, blueprint, failure)) return true;
  munmap(layout, sizeof(Layout));
  return false;
}

}  // namespace

std::uint64_t session_device(const char* path) {
  const char* name = strrchr(path, '/');
  name = name == nullptr ? path : name + 1;
  if (strncmp(name, kNamePrefix, sizeof kNamePrefix - 1) != 0) return 0;
  const char* at = strrchr(name, '-') + 1;
  std::uint64_t device = 0;
  for (; *at != '\0' && *at != '.'; ++at) {
    const char c = *at;
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return 0;
    device = device << 4 | static_cast<std::uint64_t>(digit);
  }
  return device;
}

int open_session(const char* path, Inode& inode, Failure& failure) {
  struct stat status = {};
  const int fd = open_file(path, O_RDWR, status, failure);
  if (fd >= 0 && trustworthy(path, status, geteuid(), failure)) return inode = inode_of(status), fd;
  if (fd >= 0) close(fd);
  return -1;
}

int inspect_session(const char* path, int access, std::uint32_t& owner, Inode& inode, Failure& failure) {
  struct stat status = {};
  const int fd = open_file(path, access, status, failure);
  owner = status.st_uid;
  if (fd >= 0 && trustworthy(path, status, geteuid() == 0 ? owner : geteuid(), failure))
    return inode = inode_of(status), fd;
  if (fd >= 0) close(fd);
  return -1;
}

int open_unfinished(const char* path, Inode& inode) {
  struct stat status = {};
  Failure failure = {};
  const int fd = open_file(path, O_RDWR, status, failure);
  if (fd >= 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid()) return inode = inode_of(status), fd;
  if (fd >= 0) close(fd);
  return -1;
}

Layout* map_session(int fd) {
  void* at = mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return nullptr;
  if (madvise(at, sizeof(Layout), MADV_DONTFORK) == 0) return static_cast<Layout*>(at);
  const int error = errno;
  munmap(at, sizeof(Layout));
  errno = error;
  return nullptr;
}

bool is_session(const Layout& layout, Failure& failure) {
  const Header& header = layout.header;
  if (header.magic != kMagic) return fail(failure, "is not a session");
  if (header.version != kVersion || header.size != sizeof(Layout)) {
    return fail(failure, "was made by another version of vgpu-run");
  }
  if (header.devices > static_cast<std::uint32_t>(kDevices)) return fail(failure, "is damaged: too many devices");
  return true;
}

bool provide_pages(int fd, unsigned slot, Failure& failure) {
  // Where the file system has no fallocate, the maker has written all of it.
  if (allocate(fd, end_of(slot)) || errno == EOPNOTSUPP || errno == ENOSYS) return true;
  return fail(failure, "has no room to grow", errno);
}

Created create_session(const char* path, const Blueprint& blueprint, int& fd, Layout*& layout, Inode& inode,
                       Failure& failure) {
  char name[PATH_MAX];
  if (!working_name(path, name)) return fail(failure, "has too long a path"), Created::failed;
  fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail(failure, "cannot be created", errno), Created::failed;
  Created result = Created::failed;
  if (!furnish(fd, path, blueprint, layout, inode, failure)) {
    if (failure.error == EAGAIN) result = Created::exists;
  } else {
    if (link(name, path) == 0) {
      result = Created::done;
    } else {
      // ENOENT: somebody tidied up between our open and our lock.
      result = errno == EEXIST || errno == ENOENT ? Created::exists : Created::failed;
      fail(failure, "cannot be given its name", errno);
      munmap(layout, sizeof(Layout));
    }
  }
  unlink(name);
  if (result != Created::done) close(fd);
  return result;
}

bool leads_to(const char* path, const Inode& inode) {
  struct stat status = {};
  return status_of(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, status) && inode_of(status) == inode;
}

}  // namespace vgpu::session
