#include "launcher/os/replace_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "launcher/os/descriptor.h"

namespace vgpu::os {
namespace {

std::optional<Errno> make_directories(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string directory = path.substr(0, slash);
    if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) return Errno{errno, "mkdir " + directory};
  }
  return std::nullopt;
}

std::optional<Errno> write_all(int fd, const std::string& content) {
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t written = ::write(fd, content.data() + done, content.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Errno{errno, "write"};
    done += static_cast<std::size_t>(written);
  }
  return std::nullopt;
}

// The name of the temporary file ends in no suffix that systemd reads (".conf"), should we be killed here.
std::optional<Errno> fill(int fd, const std::string& temporary, const std::string& path, const std::string& content,
                          unsigned mode) {
  if (auto failed = write_all(fd, content)) return failed;
  if (::fchmod(fd, mode) != 0) return Errno{errno, "chmod " + temporary};
  if (::fsync(fd) != 0) return Errno{errno, "fsync " + temporary};
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return Errno{errno, "rename " + path};
  return std::nullopt;
}

}  // namespace

std::optional<Errno> replace_file(const std::string& path, const std::string& content, unsigned mode) {
  if (auto failed = make_directories(path)) return failed;
  std::string temporary = path + ".XXXXXX";
  const OwnedDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) return Errno{errno, "create " + temporary};
  auto failed = fill(file.get(), temporary, path, content, mode);
  if (failed) ::unlink(temporary.c_str());
  return failed;
}

std::optional<Errno> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return Errno{errno, "unlink " + path};
  const std::string directory = path.substr(0, path.rfind('/'));
  if (::rmdir(directory.c_str()) != 0 && errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
    return Errno{errno, "rmdir " + directory};
  return std::nullopt;
}

}  // namespace vgpu::os
