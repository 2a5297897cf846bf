#include "launcher/session/limit.h"

#include <fcntl.h>

#include <cerrno>

#include "launcher/os/descriptor.h"
#include "launcher/session/truncation_guard.h"

namespace vgpu::sessions {

bool set_limits(const Snapshot& snapshot, const std::vector<NewLimit>& limits, session::Failure& failure) {
  constexpr session::Failure kAnew = {.what = "was made anew meanwhile", .error = 0};
  std::uint32_t owner = 0;
  session::Inode inode = {};
  const os::OwnedDescriptor file(session::inspect_session(snapshot.path.c_str(), O_RDWR, owner, inode, failure));
  if (!file) return false;
  if (inode != snapshot.inode) return failure = kAnew, false;
  const TruncationGuard guard(file.get(), offsetof(session::Layout, slots));
  if (guard.at() == nullptr) return failure = {.what = "cannot be mapped", .error = errno}, false;
  auto& layout = *static_cast<session::Layout*>(guard.at());
  const bool good = session::matches(layout, nullptr, failure);
  for (const NewLimit& limit : limits) {
    if (good) __atomic_store_n(&layout.accounts[limit.device].limit, limit.bytes, __ATOMIC_RELAXED);
  }
  if (guard.truncated()) failure = {.what = "was cut short meanwhile", .error = 0};
  if (!good || guard.truncated()) return false;
  // Nobody lived in it, and whoever tidies up has removed it: the next process makes another one.
  if (!session::leads_to(snapshot.path.c_str(), inode)) return failure = kAnew, false;
  return true;
}

}  // namespace vgpu::sessions
