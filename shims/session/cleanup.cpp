#include "shims/session/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "shims/session/file.h"
#include "shims/session/identity.h"
#include "shims/session/lock.h"
#include "shims/session/told.h"

namespace vgpu::session {
namespace {

constexpr int kMostNames = 256;

}  // namespace

bool launcher_lives(const char* path) {
  const char* slash = strrchr(path, '/');
  const char* name = slash == nullptr ? path : slash + 1;
  if (strncmp(name, kNamePrefix, sizeof kNamePrefix - 1) != 0) return false;
  long pid = 0;
  for (const char* at = name + sizeof kNamePrefix - 1; *at >= '0' && *at <= '9'; ++at) {
    pid = pid * 10 + (*at - '0');
    if (pid > 0x7fffffff) return false;
  }
  const int saved = errno;
  const bool lives = pid != 0 && (kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH);
  errno = saved;
  return lives;
}

bool remove_if_unused(const char* path) {
  Inode inode = {};
  Failure failure = {};
  const int fd = open_session(path, inode, failure);
  if (fd < 0) return false;
  // While we hold every lock nobody can join, and nobody but the holder of every lock removes a name: so the name that
  // leads to our inode now still does when we unlink it.
  const bool removed = lock_all_slots(fd) && leads_to(path, inode) && unlink(path) == 0;
  close(fd);
  return removed;
}

bool is_kept_for_its_limits(const char* path) {
  Inode inode = {};
  Failure failure = {};
  const int fd = open_session(path, inode, failure);
  if (fd < 0) return false;
  Header header = {};
  Slot first = {};
  const bool known = pread(fd, &header, sizeof header, 0) == sizeof header &&
                     pread(fd, &first, sizeof first, offsetof(Layout, slots)) == sizeof first;
  close(fd);
  if (!known || header.changed == 0) return false;
  return first.pid_namespace != own_pid_namespace() || is_told_of(path);
}

bool is_working_name(const char* path) {
  const char* slash = strrchr(path, '/');
  const char* name = slash == nullptr ? path : slash + 1;
  return strncmp(name, kNamePrefix, sizeof kNamePrefix - 1) == 0 && strchr(name, '.') != nullptr;
}

bool is_leftover(const char* path) {
  Inode inode = {};
  const int fd = is_working_name(path) ? open_unfinished(path, inode) : -1;
  if (fd < 0) return false;
  const bool leftover = !any_slot_is_locked(fd);
  close(fd);
  return leftover;
}

bool remove_leftover(const char* path) {
  Inode inode = {};
  const int fd = is_working_name(path) ? open_unfinished(path, inode) : -1;
  if (fd < 0) return false;
  const bool removed = lock_all_slots(fd) && leads_to(path, inode) && unlink(path) == 0;
  close(fd);
  return removed;
}

int remove_abandoned(const char* path) {
  const int saved = errno;
  const char* slash = strrchr(path, '/');
  const std::size_t length = slash == nullptr ? 0 : static_cast<std::size_t>(slash - path) + 1;
  char name[PATH_MAX];
  if (length == 0 || length >= sizeof name) return 0;
  memcpy(name, path, length);
  name[length] = '\0';
  DIR* directory = opendir(name);
  if (directory == nullptr) return errno = saved, 0;
  int removed = 0;
  for (int seen = 0; seen < kMostNames;) {
    const dirent* entry = readdir(directory);
    if (entry == nullptr) break;
    if (strncmp(entry->d_name, kNamePrefix, sizeof kNamePrefix - 1) != 0) continue;
    ++seen;
    const std::size_t rest = strlen(entry->d_name);
    if (length + rest >= sizeof name) continue;
    memcpy(name + length, entry->d_name, rest + 1);
    if (is_working_name(name)) {
      removed += remove_leftover(name) ? 1 : 0;
      continue;
    }
    if (strcmp(name, path) == 0 || launcher_lives(name) || is_kept_for_its_limits(name)) continue;
    if (remove_if_unused(name)) ++removed;
  }
  closedir(directory);
  errno = saved;
  return removed;
}

}  // namespace vgpu::session
