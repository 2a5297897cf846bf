#include "launcher/session/limit.h"

#include <fcntl.h>

#include <cerrno>

#include "launcher/os/descriptor.h"
#include "launcher/session/truncation_guard.h"
#include "shims/session/places.h"

namespace vgpu::sessions {

bool set_limits(const Snapshot& snapshot, const std::vector<NewLimit>& limits, const std::vector<std::uint64_t>& asked,
                session::Failure& failure) {
  constexpr session::Failure kAnew = {.what = "was made anew meanwhile", .error = 0};
  std::uint32_t owner = 0;
  session::Inode inode = {};
  const os::OwnedDescriptor file(session::inspect_session(snapshot.path.c_str(), O_RDWR, owner, inode, failure));
  if (!file) return false;
  if (inode != snapshot.inode) return failure = kAnew, false;
  const TruncationGuard guard(file.get(), offsetof(session::Layout, slots));
  if (guard.at() == nullptr) return failure = {.what = "cannot be mapped", .error = errno}, false;
  auto& layout = *static_cast<session::Layout*>(guard.at());
  const bool good = session::is_session(layout, failure);
  if (good) {
    // First: whoever tidies up must not take the file for one that says no more than the launch's environment.
    __atomic_store_n(&layout.header.changed, 1U, __ATOMIC_SEQ_CST);
    for (std::size_t i = 0; i < asked.size() && i < session::kDevices; ++i) {
      session::Account& account = layout.accounts[i];
      __atomic_store_n(&account.asked, asked[i], __ATOMIC_SEQ_CST);
      // Described since the snapshot was taken: then `limits` does not have it.
      const std::uint64_t memory = __atomic_load_n(&account.memory, __ATOMIC_SEQ_CST);
      if (memory != 0) __atomic_store_n(&account.limit, session::asked_limit(asked[i], memory), __ATOMIC_SEQ_CST);
    }
    for (const NewLimit& limit : limits) {
      session::Account& account = layout.accounts[limit.device];
      __atomic_store_n(&account.asked, limit.bytes, __ATOMIC_SEQ_CST);
      __atomic_store_n(&account.limit, limit.bytes, __ATOMIC_SEQ_CST);
    }
  }
  if (guard.truncated()) failure = {.what = "was cut short meanwhile", .error = 0};
  if (!good || guard.truncated()) return false;
  // Nobody lived in it, and whoever tidies up has removed it: the next process makes another one.
  if (!session::leads_to(snapshot.path.c_str(), inode)) return failure = kAnew, false;
  return true;
}

}  // namespace vgpu::sessions
