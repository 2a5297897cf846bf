#include "shims/session/told.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <string_view>

#include "shims/contract.h"

namespace vgpu::session {
namespace {

// Looks for "VGPU_SESSION=.../NAME" among strings that end with a 0 and come in pieces.
class Search {
 public:
  // Its last component only: the same directory may have several names. With its random number the name is unique.
  explicit Search(std::string_view name) : name_(name) {}

  bool feed(char c) {
    if (c == '\0') {
      const bool found = matched_ == sizeof kStart - 1 && at_ == name_.size();
      matched_ = at_ = 0;
      failed_ = false;
      return found;
    }
    if (failed_) return false;
    if (matched_ < sizeof kStart - 1) {
      failed_ = c != kStart[matched_++];
    } else if (c == '/') {
      at_ = 0;
    } else {
      at_ = at_ < name_.size() && c == name_[at_] ? at_ + 1 : name_.size() + 1;
    }
    return false;
  }

 private:
  static constexpr char kStart[] = "VGPU_SESSION=";
  static_assert(sizeof kStart == sizeof contract::kSession + 1);

  std::string_view name_;
  std::size_t matched_ = 0;  // of kStart
  std::size_t at_ = 0;       // of the name, in this component; more than its length: it is another
  bool failed_ = false;
};

bool environment_names(const char* pid, std::string_view name) {
  char path[64] = "/proc/";
  if (strlen(pid) > 20) return false;
  strcat(strcpy(path + 6, pid), "/environ");
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  Search search(name);
  bool found = false;
  char piece[4096];
  for (ssize_t got = 1; !found && got > 0;) {
    got = read(fd, piece, sizeof piece);
    for (ssize_t i = 0; !found && i < got; ++i) found = search.feed(piece[i]);
  }
  close(fd);
  return found;
}

}  // namespace

bool is_told_of(const char* path) {
  const char* slash = strrchr(path, '/');
  const std::string_view name(slash == nullptr ? path : slash + 1);
  const int saved = errno;
  DIR* processes = opendir("/proc");
  bool found = false;
  while (processes != nullptr && !found) {
    const dirent* entry = readdir(processes);
    if (entry == nullptr) break;
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') found = environment_names(entry->d_name, name);
  }
  if (processes != nullptr) closedir(processes);
  errno = saved;
  return found;
}

}  // namespace vgpu::session
