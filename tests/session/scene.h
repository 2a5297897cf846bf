// A directory of its own, a session in it, and children that do something in it and can be killed.
#pragma once

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "shims/session/member.h"
#include "shims/session/reader.h"

namespace vgpu::session_test {

inline session::Blueprint blueprint(std::uint64_t memory = 1 << 20) {
  session::Blueprint made = {};
  made.count = 2;
  for (int i = 0; i < made.count; ++i) {
    made.devices[i] = {.memory = memory, .uuid = {}, .name = "Test GPU"};
    made.devices[i].uuid[0] = static_cast<unsigned char>(i + 1);
  }
  return made;
}

// On /dev/shm as in life: a tmpfs.
class Directory {
 public:
  Directory() {
    char name[] = "/dev/shm/vgpu-test-XXXXXX";
    if (mkdtemp(name) == nullptr) std::perror(name), abort();
    path_ = name;
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  // As vgpu-run names it.
  std::string session(long pid = getpid(), const std::string& random = "0123456789abcdef") const {
    struct stat status = {};
    stat(path_.c_str(), &status);
    char device[20];
    std::snprintf(device, sizeof device, "%llx", static_cast<unsigned long long>(status.st_dev));
    return file(session::kNamePrefix + std::to_string(pid) + "-" + random + "-" + device);
  }

 private:
  std::string path_;
};

// A process that runs body(*this) and ends; killed and reaped with the object. The body tells how far it has come.
class Child {
 public:
  template <typename Body>
  explicit Child(Body body) {
    if (pipe(up_) != 0) std::perror("pipe"), abort();
    std::fflush(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      close(up_[0]);
      body(*this);
      _exit(0);
    }
    close(up_[1]);
  }
  ~Child() {
    kill();
    close(up_[0]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void tell(char word) const { [[maybe_unused]] const ssize_t n = write(up_[1], &word, 1); }  // in the child
  // The child's next word, 0 when it ended without one.
  char word() const {
    char word = 0;
    return read(up_[0], &word, 1) == 1 ? word : '\0';
  }
  pid_t pid() const { return pid_; }
  void signal(int number) const { ::kill(pid_, number); }
  // Kills and reaps; returns the wait status.
  int kill() {
    if (pid_ <= 0) return 0;
    ::kill(pid_, SIGKILL);
    return wait();
  }
  int wait() {
    int status = 0;
    waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }

 private:
  int up_[2] = {-1, -1};
  pid_t pid_ = 0;
};

// Joins and is charged `bytes` of device 0; false on any failure.
inline bool hold(const std::string& path, std::uint64_t bytes, session::Member& member) {
  session::Failure failure = {};
  if (!session::join(path.c_str(), blueprint(), member, failure)) {
    std::fprintf(stderr, "%s %s, errno %d\n", path.c_str(), failure.what, failure.error);
    return false;
  }
  const std::uint64_t limit = member.layout->accounts[0].limit / session::kUnit;
  return member.books().reserve(0, member.slot, bytes / session::kUnit, limit);
}

// What anybody who looks sees, in bytes of device 0.
inline std::uint64_t used(const std::string& path) {
  session::Reader reader;
  session::Failure failure = {};
  return reader.open(path.c_str(), failure) ? reader.used(0) : ~std::uint64_t{0};
}

}  // namespace vgpu::session_test
