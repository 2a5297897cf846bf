// The session file on disk: opened with distrust, created whole or not at all.
#pragma once

#include <sys/stat.h>

#include <cstdint>

#include "shims/session/layout.h"

namespace vgpu::session {

// Why something did not work: a sentence without subject, and errno or 0.
struct Failure {
  const char* what = nullptr;
  int error = 0;
};

inline constexpr std::uint64_t kNoAddress = ~std::uint64_t{0};

// What a process brings along: the devices that it sees, which are all or some of the session's.
struct Blueprint {
  struct Device {
    std::uint64_t memory;
    unsigned char uuid[16];
    const char* name;
    std::uint64_t address = kNoAddress;  // on the PCI bus: domain << 32 | bus << 8 | device
  };
  int count;
  Device devices[kDevices];
  const char* limits = nullptr;  // VGPU_MEMORY
  const char* order = nullptr;   // the launch's devices, as settings.h has them; null: not known
};

// Which file a path led to.
struct Inode {
  std::uint64_t device;
  std::uint64_t number;
  bool operator==(const Inode&) const = default;
};

// The file behind `path` if it can be a session of ours: a regular file and no link, owned by the effective user, with
// no permission for others, of exactly the size of a Layout. Else -1; failure.error is ENOENT when there is no file,
// also when it vanished meanwhile. The path must name the file system it was made for (see session_device).
int open_session(const char* path, Inode& inode, Failure& failure);

// The same for one who only looks or sets a limit (vgpuctl), and is not harmed by a file that changes or shrinks
// meanwhile: `access` is O_RDONLY or O_RDWR, and for root the file may be anybody's. `owner` is whose it is.
int inspect_session(const char* path, int access, std::uint32_t& owner, Inode& inode, Failure& failure);

// The file behind a working name (see create_session), whatever its size: a regular file of the effective user. Else
// -1.
int open_unfinished(const char* path, Inode& inode);

// Maps the whole of it. The mapping is not inherited by fork (lock.h says why). Null when the kernel has no room.
Layout* map_session(int fd);

// Whether a mapped file is a session of this version.
bool is_session(const Layout& layout, Failure& failure);

// Gives the pages of the slots up to and including `slot` a place in the file system. Without that, writing to the
// mapping of a file on a full tmpfs (a container's /dev/shm has 64 MiB) ends in SIGBUS.
bool provide_pages(int fd, unsigned slot, Failure& failure);

enum class Created { done, exists, failed };

// Makes the file under a name of its own, takes slot 0, fills it, and gives it the name `path` at last: nobody ever
// sees half a session, and a creator that is killed leaves at most a file that nobody lives in. On `done`, fd and
// layout are the new session's.
Created create_session(const char* path, const Blueprint& blueprint, int& fd, Layout*& layout, Inode& inode,
                       Failure& failure);

// The path leads to `inode` now.
bool leads_to(const char* path, const Inode& inode);

// A session's name is vgpu-session-PID-RANDOM-DEVICE: the pid of the vgpu-run that named it, and in hexadecimal the
// file system's number (st_dev) it was named for. In a container with a /dev/shm of its own the same path is another
// place: without the number, processes there would open books of their own and escape the limit. 0: any.
std::uint64_t session_device(const char* path);

}  // namespace vgpu::session
