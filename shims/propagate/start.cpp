#include "shims/propagate/arena.h"
#include "shims/propagate/propagate.h"

namespace vgpu::propagate {
namespace {

constexpr size_t kPointersOnStack = 512;
constexpr size_t kBytesOnStack = 256;

// Not inlined: its array is off the stack when the second call is made.
[[gnu::noinline]] int call_on_stack(const Child& child, const Plan& plan, Call call, void* what) {
  auto** pointers = static_cast<char**>(__builtin_alloca(plan.pointers * sizeof(char*)));
  auto* bytes = static_cast<char*>(__builtin_alloca(plan.bytes + 1));
  write(child, plan, pointers, bytes);
  return call(what, pointers);
}

[[gnu::noinline]] int call_in_arena(const Child& child, const Plan& plan, Call call, void* what) {
  const Arena arena(plan.pointers * sizeof(char*) + plan.bytes);
  if (arena.memory() == nullptr) {
    log(0, "no memory for the environment of a child, started without the shims");
    note_instead(child, Reason::no_memory);
    return call(what, child.envp);
  }
  auto** pointers = static_cast<char**>(arena.memory());
  write(child, plan, pointers, reinterpret_cast<char*>(pointers + plan.pointers));
  return call(what, pointers);
}

}  // namespace

int start_with(const Child& child, const Plan& plan, Call call, void* what) {
  if (!plan.changed) return call(what, child.envp);
  const bool on_stack = plan.pointers <= kPointersOnStack && plan.bytes <= kBytesOnStack;
  const int error = on_stack ? call_on_stack(child, plan, call, what) : call_in_arena(child, plan, call, what);
  if (error != kTooBig) return error;
  if (fits(child.argv, child.envp)) {
    log(0, child.path != nullptr ? child.path : "a child", ": too big with the shims' variables, started without them");
    note_instead(child, Reason::too_big);
  }
  return call(what, child.envp);
}

}  // namespace vgpu::propagate
