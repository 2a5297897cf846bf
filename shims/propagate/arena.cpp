#include "shims/propagate/arena.h"

#include "shims/propagate/raw.h"

namespace vgpu::propagate {
namespace {

struct OfThread {
  void* memory;
  size_t size;
  long user;  // the thread id of whoever is in it; not ours: a vfork child that has gone on to its exec
};
__thread OfThread of_thread;  // initial-exec: no call into the C library

}  // namespace

Arena::Arena(size_t size) : size_((size + 4095) & ~size_t{4095}) {
  const long self = raw::call(SYS_gettid);
  if (of_thread.user == self) {  // a signal handler that execs has interrupted us
    memory_ = raw::map(size_);
    return;
  }
  of_thread.user = self;
  of_thread_ = true;
  if (of_thread.size < size_) {
    if (of_thread.memory != nullptr) raw::unmap(of_thread.memory, of_thread.size);
    of_thread.memory = raw::map(size_);
    of_thread.size = of_thread.memory != nullptr ? size_ : 0;
  }
  memory_ = of_thread.memory;
}

Arena::~Arena() {
  if (!of_thread_) {
    if (memory_ != nullptr) raw::unmap(memory_, size_);
    return;
  }
  // Here no vfork child has taken it along: given back at once, a thread that ends leaves nothing behind.
  if (of_thread.memory != nullptr) raw::unmap(of_thread.memory, of_thread.size);
  of_thread = {};
}

}  // namespace vgpu::propagate
