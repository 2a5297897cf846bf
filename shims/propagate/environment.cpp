#include <fcntl.h>

#include "shims/contract.h"
#include "shims/propagate/inspect.h"
#include "shims/propagate/preload_list.h"
#include "shims/propagate/raw.h"
#include "shims/propagate/readable.h"
#include "shims/propagate/rules.h"
#include "shims/propagate/state.h"

namespace vgpu::propagate {
namespace {

constexpr char kPreload[] = "LD_PRELOAD=";
constexpr char kLibraryPath[] = "LD_LIBRARY_PATH=";
constexpr size_t kPreloadName = sizeof kPreload - 1;
constexpr size_t kLibraryPathName = sizeof kLibraryPath - 1;

bool begins(const char* entry, const char* name) {
  while (*name != '\0' && *entry == *name) ++entry, ++name;
  return *name == '\0';
}

char* put(char* at, const char* text) {
  while (*text != '\0') *at++ = *text++;
  return at;
}

Text value_at(const Child& child, long at, size_t name) { return at < 0 ? Text{} : text(child.envp[at] + name); }

// A carried variable of which the child's own value does not count.
bool is_replaced(const char* entry, int index) {
  return index >= 0 && state.carried[index].structural && !equal(text(entry), state.carried[index].variable);
}

struct Scan {
  bool replaces = false;
  bool switched_off = false;
};

// One walk over the child's environment.
Scan scan(const Child& child, Plan& plan, Readable& memory) {
  Scan result;
  unsigned long present = 0;
  if (child.envp != nullptr) {
    for (;; ++plan.count) {
      plan.unreadable = !memory.next_pointer(child.envp + plan.count);
      if (plan.unreadable || child.envp[plan.count] == nullptr) break;
      const char* const entry = child.envp[plan.count];
      plan.unreadable = !memory.start(entry);
      if (plan.unreadable) break;
      // Of most nothing but the first byte is looked at.
      if (entry[0] != 'L' && entry[0] != 'V') continue;
      if (!begins(entry, "LD_") && !begins(entry, "VGPU_")) continue;
      plan.unreadable = !memory.string(entry);
      if (plan.unreadable) break;
      if (entry[0] == 'L') {
        if (begins(entry, kPreload)) plan.preload_at = static_cast<long>(plan.count);
        if (begins(entry, kLibraryPath)) plan.library_path_at = static_cast<long>(plan.count);
      } else {
        const int index = carried_index(entry);
        if (index >= 0) present |= 1UL << index;
        result.replaces = result.replaces || is_replaced(entry, index);
        result.switched_off =
            result.switched_off || (begins(entry, contract::kExec) && begins(entry, "VGPU_EXEC=off") &&
                                    entry[sizeof "VGPU_EXEC=off" - 1] == '\0');
      }
    }
  }
  const unsigned long all = state.carried_count == 0 ? 0 : ~0UL >> (8 * sizeof(unsigned long) - state.carried_count);
  plan.missing = all & ~present;
  return result;
}

// __builtin_popcountl would be a call into libgcc.
size_t ones(unsigned long bits) {
  size_t count = 0;
  for (; bits != 0; bits &= bits - 1) ++count;
  return count;
}

void leave(Plan& plan, Reason reason) {
  plan.treatment = Treatment::leave;
  plan.reason = reason;
}

// What the caller's memory says, read once it is known to be readable. Not inlined: off the stack when the file is
// looked at.
[[gnu::noinline]] Rule look_over(const Child& child, Plan& plan) {
  Readable memory;
  plan.unreadable = child.path != nullptr && !memory.string(child.path);
  if (plan.unreadable) return Rule::none;
  const Scan found = scan(child, plan, memory);
  if (plan.unreadable) return Rule::none;
  plan.changed = found.replaces;
  if (found.switched_off) return leave(plan, Reason::switched_off), Rule::leave;
  if (state.children.empty()) return Rule::none;
  plan.unreadable = child.argv != nullptr && !memory.strings(child.argv);
  if (plan.unreadable) return Rule::none;
  const Rule rule = rule_for(state.children, child.path, child.argv);
  if (rule == Rule::leave) leave(plan, Reason::rule_leave);
  return rule;
}

[[gnu::noinline]] void decide_preload(const Child& child, Plan& plan, size_t& added) {
  const Text present = value_at(child, plan.preload_at, kPreloadName);
  ListWriter list(present);
  compose_preload(list, present, plan.treatment);
  plan.preload_changes = !list.same() || (plan.preload_at < 0 && list.size() > 0);
  plan.preload_goes = plan.preload_changes && list.size() == 0;
  if (!plan.preload_changes || plan.preload_goes) return;
  plan.preload_bytes = kPreloadName + list.size() + 1;
  plan.bytes += plan.preload_bytes;
  if (plan.preload_at < 0) ++added;
}

[[gnu::noinline]] void decide_library_path(const Child& child, Plan& plan, size_t& added) {
  const Text present = value_at(child, plan.library_path_at, kLibraryPathName);
  ListWriter list(present);
  compose_library_path(list, present);
  plan.library_path_changes = !list.same();
  if (!plan.library_path_changes) return;
  plan.bytes += kLibraryPathName + list.size() + 1;
  if (plan.library_path_at < 0) ++added;
}

}  // namespace

Plan plan(const Child& child) {
  Plan plan;
  if (!state.active) return plan;
  const Rule rule = look_over(child, plan);
  if (plan.unreadable || rule == Rule::leave) {
    plan.changed = false;
    return plan;
  }
  const Kind kind = rule == Rule::hide ? Kind{Treatment::hide, Reason::rule_hide} : inspect(child);
  plan.treatment = kind.treatment;
  plan.reason = kind.reason;
  if (plan.treatment == Treatment::leave) {
    plan.changed = false;
    return plan;
  }

  size_t added = 1;  // the closing null pointer
  if (plan.treatment != Treatment::hide || plan.preload_at >= 0) decide_preload(child, plan, added);
  if (plan.treatment == Treatment::inject) decide_library_path(child, plan, added);
  if (plan.treatment == Treatment::hide) plan.missing = 0;
  plan.changed = plan.preload_changes || plan.library_path_changes || plan.missing != 0 ||
                 (plan.changed && plan.treatment != Treatment::hide);
  plan.pointers = plan.count + added + ones(plan.missing);
  return plan;
}

void write(const Child& child, const Plan& plan, char** pointers, char* bytes) {
  char* preload = nullptr;
  char* library_path = nullptr;
  if (plan.preload_changes && !plan.preload_goes) {
    preload = bytes;
    const Text present = value_at(child, plan.preload_at, kPreloadName);
    ListWriter list(present, put(bytes, kPreload));
    compose_preload(list, present, plan.treatment);
    preload[kPreloadName + list.size()] = '\0';
  }
  if (plan.library_path_changes) {
    library_path = bytes + plan.preload_bytes;
    const Text present = value_at(child, plan.library_path_at, kLibraryPathName);
    ListWriter list(present, put(library_path, kLibraryPath));
    compose_library_path(list, present);
    library_path[kLibraryPathName + list.size()] = '\0';
  }

  char** out = pointers;
  for (size_t i = 0; i < plan.count; ++i) {
    char* entry = child.envp[i];
    const auto at = static_cast<long>(i);
    if (entry[0] == 'L') {
      // Were the last LD_PRELOAD alone to go, ld.so would obey the one before it.
      if (plan.preload_goes && begins(entry, kPreload)) continue;
      if (at == plan.preload_at && preload != nullptr) entry = preload;
      if (at == plan.library_path_at && library_path != nullptr) entry = library_path;
    } else if (entry[0] == 'V' && entry[1] == 'G' && plan.treatment != Treatment::hide) {
      const int index = carried_index(entry);
      if (is_replaced(entry, index)) entry = const_cast<char*>(state.carried[index].variable.data);
    }
    *out++ = entry;
  }
  if (preload != nullptr && plan.preload_at < 0) *out++ = preload;
  if (library_path != nullptr && plan.library_path_at < 0) *out++ = library_path;
  for (unsigned i = 0; i < state.carried_count; ++i) {
    if ((plan.missing >> i & 1) != 0) *out++ = const_cast<char*>(state.carried[i].variable.data);
  }
  *out = nullptr;
}

bool fits(char* const* argv, char* const* envp) {
  // An empty file that may be executed: the kernel copies arguments and environment before it finds nothing to run.
  const long file = raw::call(SYS_memfd_create, "vgpu", 1 /* MFD_CLOEXEC */);
  if (file < 0) return true;
  const long error = raw::call(SYS_execveat, file, reinterpret_cast<long>(""), reinterpret_cast<long>(argv),
                               reinterpret_cast<long>(envp), AT_EMPTY_PATH);
  raw::call(SYS_close, file);
  return error != -kTooBig;
}

}  // namespace vgpu::propagate
