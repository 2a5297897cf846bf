#include "shims/exec/lent_environ.h"

#include "shims/exec/real.h"
#include "shims/propagate/raw.h"

namespace vgpu::exec {
namespace {

using namespace propagate;

struct Memory {
  void* at;
  size_t size;
};

struct Lent {
  char** ours;    // what environ points to while users > 0
  char** theirs;  // what it pointed to before
  char** copy;    // of `ours`, to see whether somebody changed it
  size_t count;   // of pointers in both
  unsigned users;
  unsigned long generation;
  Memory memory;
};
Lent lent;

// Arrays of earlier calls: another thread may still be reading one, so it rests for some calls before it is used again.
Memory retired[8];
unsigned retired_next;

// A lock for the moment of the exchange only, never while a shell runs. It holds the pid: after a fork in the middle of
// it the child finds its parent's and takes it over.
int lock;

class Guard {
 public:
  Guard() {
    const int self = static_cast<int>(raw::call(SYS_getpid));
    for (int held = 0; !__atomic_compare_exchange_n(&lock, &held, self, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);) {
      if (held != 0 && held != self) continue;  // a dead holder's: expected is its pid now
      held = 0;
      raw::call(SYS_sched_yield);
    }
  }
  ~Guard() { __atomic_store_n(&lock, 0, __ATOMIC_RELEASE); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
};

Memory take(size_t size) {
  Memory& oldest = retired[retired_next % 8];
  const Memory memory = oldest;
  oldest = {};
  if (memory.at != nullptr && memory.size >= size) return memory;
  if (memory.at != nullptr) raw::unmap(memory.at, memory.size);
  const size_t rounded = (size + 4095) & ~size_t{4095};
  return {raw::map(rounded), rounded};
}

void retire(Memory memory) {
  Memory& slot = retired[retired_next++ % 8];
  if (slot.at != nullptr) raw::unmap(slot.at, slot.size);
  slot = memory;
}

bool is_untouched() {
  for (size_t i = 0; i < lent.count; ++i) {
    if (lent.ours[i] != lent.copy[i]) return false;
  }
  return *real().environ == lent.ours;
}

}  // namespace

LentEnviron::LentEnviron(const Child& shell) {
  char*** const environ = real().environ;
  if (environ == nullptr || !captured()) return;
  if (real()._pthread_cleanup_push != nullptr && real()._pthread_cleanup_pop != nullptr) {
    registered_ = true;
    real()._pthread_cleanup_push(
        handler_, [](void* self) { static_cast<LentEnviron*>(self)->give_back(); }, this);
  }
  const Guard guard;
  Child child = shell;
  child.envp = *environ;
  plan_ = propagate::plan(child);
  const Plan& plan = plan_;
  if (!plan.changed) {
    if (lent.users == 0 || *environ != lent.ours) return;
    ++lent.users;  // another call lends it already
    generation_ = lent.generation;
    return;
  }
  const Memory memory = take(2 * plan.pointers * sizeof(char*) + plan.bytes);
  if (memory.at == nullptr) {
    log(0, "no memory for the environment of a shell, started without the shims");
    note_instead(shell, Reason::no_memory);
    return;
  }
  auto** pointers = static_cast<char**>(memory.at);
  write(child, plan, pointers, reinterpret_cast<char*>(pointers + 2 * plan.pointers));
  size_t count = 0;
  do pointers[plan.pointers + count] = pointers[count];
  while (pointers[count++] != nullptr);
  lent = {pointers, *environ, pointers + plan.pointers, count, 1, lent.generation + 1, memory};
  generation_ = lent.generation;
  __atomic_store_n(environ, pointers, __ATOMIC_RELEASE);
}

LentEnviron::~LentEnviron() {
  if (registered_) real()._pthread_cleanup_pop(handler_, 0);
  give_back();
}

void LentEnviron::give_back() {
  if (generation_ == 0) return;
  const Guard guard;
  const bool last = generation_ == lent.generation && --lent.users == 0;
  generation_ = 0;
  if (!last || !is_untouched()) return;
  __atomic_store_n(real().environ, lent.theirs, __ATOMIC_RELEASE);
  retire(lent.memory);
  lent.memory = {};
}

}  // namespace vgpu::exec
