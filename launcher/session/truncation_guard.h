// The first page of a file that somebody may shorten while we write to it: a store beyond the end of a file is SIGBUS.
#pragma once

#include <signal.h>

#include <cstddef>

namespace vgpu::sessions {

// Maps `size` bytes of the file, for reading and writing. While it lives a SIGBUS in there puts a page of zeros in the
// place of what is gone, and the program goes on; any other SIGBUS does what it did before. One at a time.
class TruncationGuard {
 public:
  TruncationGuard(int fd, std::size_t size);
  ~TruncationGuard();
  TruncationGuard(const TruncationGuard&) = delete;
  TruncationGuard& operator=(const TruncationGuard&) = delete;

  void* at() const { return at_; }  // null: errno says why
  bool truncated() const;

 private:
  void* at_ = nullptr;
  std::size_t size_ = 0;
  struct sigaction before_ = {};
};

}  // namespace vgpu::sessions
