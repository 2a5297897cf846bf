#include "launcher/session/snapshot.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "launcher/os/descriptor.h"
#include "shims/device/uuid.h"
#include "shims/session/books.h"
#include "shims/session/lock.h"
#include "shims/session/places.h"

namespace vgpu::sessions {
namespace {

using session::Account;
using session::Failure;
using session::Header;
using session::kDevices;
using session::kSlots;
using session::kUnit;
using session::Layout;
using session::Slot;

constexpr int kTries = 50;

bool read_at(int fd, void* to, std::size_t size, std::size_t offset, Failure& failure) {
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = pread(fd, static_cast<char*>(to) + have, size - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure = {.what = "cannot be read", .error = errno}, false;
    if (got == 0) return failure = {.what = "was cut short while it was read", .error = 0}, false;
    have += static_cast<std::size_t>(got);
  }
  return true;
}

// The part of the file that is in use. What is read here is ours alone: the books' own code does the arithmetic on it.
class Copy {
 public:
  // Reads until no operation came between the first and the last read, or it has tried for long enough.
  bool read(int fd, bool& exact, Failure& failure) {
    exact = false;
    for (int i = 0; i < kTries && !exact; ++i) {
      if (!read_front(fd, failure) || !session::is_session(front(), failure)) return false;
      const std::uint32_t top = layout_->header.top;
      used_slots_ = top < kSlots ? top : kSlots;
      if (!read_at(fd, layout_->slots, used_slots_ * sizeof(Slot), offsetof(Layout, slots), failure)) return false;
      Account before[kDevices];
      std::memcpy(before, layout_->accounts, sizeof before);
      if (!read_front(fd, failure) || !session::is_session(front(), failure)) return false;
      exact = layout_->header.top == top;
      for (int k = 0; exact && k < devices(); ++k) exact = before[k].word == layout_->accounts[k].word;
    }
    return true;
  }

  int devices() const { return static_cast<int>(layout_->header.devices); }
  unsigned used_slots() const { return used_slots_; }
  const Layout& front() const { return *layout_; }
  session::Books books() const { return {layout_->accounts, layout_->slots, used_slots_}; }

 private:
  bool read_front(int fd, Failure& failure) { return read_at(fd, layout_.get(), offsetof(Layout, slots), 0, failure); }

  // 1.3 MB, of which the kernel gives us what we touch.
  std::unique_ptr<Layout> layout_ = std::make_unique_for_overwrite<Layout>();
  unsigned used_slots_ = 0;
};

Device device(const Copy& copy, int index) {
  const Account& account = copy.front().accounts[index];
  device::UuidText uuid;
  const std::string name(account.name, strnlen(account.name, sizeof account.name));
  device::format_uuid(account.uuid, uuid, device::is_instance(name));
  return {.number = index,
          .uuid = uuid,
          .name = name,
          .memory = account.memory,
          .limit = account.limit,
          .used = copy.books().total(index) * kUnit,
          .context = account.context};
}

}  // namespace

bool take_snapshot(const std::string& path, Snapshot& snapshot, Failure& failure) {
  snapshot = {};
  snapshot.path = path;
  const os::OwnedDescriptor file(
      session::inspect_session(path.c_str(), O_RDONLY, snapshot.owner, snapshot.inode, failure));
  if (!file) return false;
  Copy copy;
  if (!copy.read(file.get(), snapshot.exact, failure)) return false;
  for (int i = 0; i < copy.devices(); ++i) {
    if (session::is_described(copy.front().accounts[i])) snapshot.devices.push_back(device(copy, i));
  }
  for (unsigned slot = 0; slot < copy.used_slots(); ++slot) {
    const Slot& from = copy.front().slots[slot];
    Resident resident = {.slot = slot,
                         .pid = static_cast<std::uint32_t>(from.owner),
                         .start = from.start,
                         .pid_namespace = from.pid_namespace,
                         .used = {},
                         .contexts = from.contexts,
                         .local_pid = 0,
                         .command = {}};
    std::uint64_t all = 0;
    for (const Device& device : snapshot.devices) {
      resident.used.push_back(copy.books().charged(device.number, slot) * kUnit);
      all |= resident.used.back();
    }
    if (all == 0 && resident.pid == 0) continue;
    if (session::slot_is_locked(file.get(), slot)) {
      if (resident.pid != 0) snapshot.residents.push_back(std::move(resident));
      continue;
    }
    for (std::size_t i = 0; i < resident.used.size(); ++i) {  // dead
      std::uint64_t& used = snapshot.devices[i].used;
      used -= std::min(used, resident.used[i]);
    }
  }
  snapshot.lived_in = session::any_slot_is_locked(file.get());
  return true;
}

}  // namespace vgpu::sessions
