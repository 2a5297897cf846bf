#include "shims/session/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <initializer_list>

namespace vgpu::session {
namespace {

struct Stat {
  char state;
  std::uint64_t start;
};

// "/proc/PID/stat" without stdio.
void stat_path(std::uint32_t pid, char (&path)[32]) {
  char digits[10];
  int count = 0;
  do digits[count++] = static_cast<char>('0' + pid % 10);
  while ((pid /= 10) != 0);
  char* at = path;
  for (const char c : {'/', 'p', 'r', 'o', 'c', '/'}) *at++ = c;
  while (count > 0) *at++ = digits[--count];
  memcpy(at, "/stat", sizeof "/stat");
}

bool read_stat(const char* path, Stat& stat) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char text[1024];
  const ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return false;
  text[length] = '\0';
  // Field 2 is the command in parentheses, and may hold any character; nothing behind it is a parenthesis.
  const char* at = strrchr(text, ')');
  if (at == nullptr || at[1] != ' ' || at[2] == '\0') return false;
  stat.state = at[2];
  at += 2;
  for (int field = 3; field < 22; ++field) {
    at = strchr(at, ' ');
    if (at == nullptr) return false;
    ++at;
  }
  stat.start = 0;
  for (; *at >= '0' && *at <= '9'; ++at) stat.start = stat.start * 10 + static_cast<std::uint64_t>(*at - '0');
  return true;
}

}  // namespace

std::uint64_t own_pid_namespace() {
  char text[64];  // "pid:[4026531836]"
  const ssize_t length = readlink("/proc/self/ns/pid", text, sizeof text);
  std::uint64_t inode = 0;
  for (ssize_t i = 0; i < length; ++i) {
    if (text[i] >= '0' && text[i] <= '9') inode = inode * 10 + static_cast<std::uint64_t>(text[i] - '0');
  }
  return inode;
}

Identity own_identity() {
  Identity identity = {.pid = static_cast<std::uint32_t>(getpid()), .start = 0, .pid_namespace = own_pid_namespace()};
  Stat stat = {};
  if (read_stat("/proc/self/stat", stat)) identity.start = stat.start;
  return identity;
}

bool certainly_gone(const Identity& identity, std::uint64_t caller_namespace) {
  if (identity.pid == 0 || identity.pid > 0x7fffffff) return false;
  if (caller_namespace == 0 || identity.pid_namespace != caller_namespace) return false;
  if (kill(static_cast<pid_t>(identity.pid), 0) != 0 && errno == ESRCH) return true;
  char path[32];
  stat_path(identity.pid, path);
  Stat stat = {};
  if (!read_stat(path, stat)) return false;
  return stat.state == 'Z' || stat.state == 'X' || (identity.start != 0 && stat.start != identity.start);
}

}  // namespace vgpu::session
