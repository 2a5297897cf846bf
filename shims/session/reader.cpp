#include "shims/session/reader.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shims/session/identity.h"
#include "shims/session/places.h"
#include "shims/session/residents.h"

namespace vgpu::session {

bool Reader::open(const char* path, Failure& failure) {
  const int saved = errno;
  const int fd = open_session(path, inode_, failure);
  if (fd < 0) return errno = saved, false;
  Layout* layout = map_session(fd);
  if (layout == nullptr) failure = {.what = "cannot be mapped", .error = errno};
  close(fd);
  errno = saved;
  if (layout == nullptr) return false;
  if (!is_session(*layout, failure)) {
    munmap(layout, sizeof(Layout));
    return false;
  }
  path_ = path;
  layout_ = layout;
  pid_namespace_ = own_pid_namespace();
  sweep(path_, *layout_, inode_, pid_namespace_, kSlots);
  errno = saved;
  return true;
}

Reader::~Reader() {
  if (layout_ != nullptr) munmap(layout_, sizeof(Layout));
}

int Reader::devices() const {
  const std::uint32_t count = layout_->header.devices;
  return count < kDevices ? static_cast<int>(count) : kDevices;
}

bool Reader::has(int device) const { return is_described(account(device)); }

std::uint64_t Reader::limit(int device) const { return __atomic_load_n(&account(device).limit, __ATOMIC_RELAXED); }

std::uint64_t Reader::used(int device) const { return books().total(device) * kUnit; }

int Reader::find(const unsigned char (&uuid)[16]) const {
  for (int device = 0; device < devices(); ++device) {
    if (has(device) && memcmp(account(device).uuid, uuid, sizeof uuid) == 0) return device;
  }
  return -1;
}

bool Reader::next_process(unsigned& next, Process& process) const {
  const unsigned top = slots_in_use(*layout_);
  for (; next < top; ++next) {
    const Slot& slot = layout_->slots[next];
    const auto pid = static_cast<std::uint32_t>(__atomic_load_n(&slot.owner, __ATOMIC_ACQUIRE));
    if (pid == 0) continue;  // nobody, or swept
    process = {};
    process.pid = pid;
    process.start = __atomic_load_n(&slot.start, __ATOMIC_RELAXED);
    process.slot = next;
    process.contexts = __atomic_load_n(&slot.contexts, __ATOMIC_RELAXED);
    process.same_namespace =
        pid_namespace_ != 0 && __atomic_load_n(&slot.pid_namespace, __ATOMIC_RELAXED) == pid_namespace_;
    for (int device = 0; device < devices(); ++device) process.used[device] = books().charged(device, next) * kUnit;
    ++next;
    return true;
  }
  return false;
}

void Reader::set_limit(int device, std::uint64_t bytes) {
  __atomic_store_n(&layout_->accounts[device].limit, bytes, __ATOMIC_RELAXED);
}

bool Reader::exact(bool& undecided) const {
  undecided = false;
  for (int device = 0; device < devices(); ++device) {
    bool busy = false;
    if (!books().exact(device, slots_in_use(*layout_), busy)) return false;
    undecided = undecided || busy;
  }
  return true;
}

}  // namespace vgpu::session
