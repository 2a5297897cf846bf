#include "shims/exec/note.h"

#include "shims/propagate/raw.h"

extern "C" {
__attribute__((visibility("default"))) constinit vgpu::ExecStatus vgpu_exec_status = {
    vgpu::ExecStatus::kMagic, vgpu::ExecStatus::kVersion, sizeof(vgpu::ExecStatus), 0, {}, 0, 0, {}};
}

namespace vgpu::exec {
namespace {

using namespace propagate;

const char* words(Reason reason) {
  switch (reason) {
    case Reason::none: break;
    case Reason::static_program: return "static, started as it is";
    case Reason::secure: return "gains privilege (set-user-ID, set-group-ID or capabilities), started as it is";
    case Reason::other_class: return "32-bit, started with the 32-bit libvgpu-exec where that is installed";
    case Reason::other_machine: return "of another machine, started without the shims";
    case Reason::other_libc: return "of another libc, started with the shims that need none";
    case Reason::unknown_loader: return "of an unknown dynamic loader, started without the shims";
    case Reason::rule_leave: return "left alone, as a rule of the manifest says";
    case Reason::rule_hide: return "started without the shims, as a rule of the manifest says";
    case Reason::switched_off: return "left alone, as its VGPU_EXEC says";
    case Reason::too_big: return "too big with the shims' variables, started without them";
    case Reason::no_memory: return "started without the shims, there was no memory for its environment";
  }
  return "started with the shims";
}

int into_ring(const Child& child, Reason reason) {
  const char* const path = child.path != nullptr ? child.path : "";
  const unsigned number = __atomic_fetch_add(&vgpu_exec_status.unshimmed, 1, __ATOMIC_RELAXED);
  UnshimmedChild& slot = vgpu_exec_status.ring[number % ExecStatus::kRing];
  slot.pid = 0;
  slot.entry = child.entry;
  slot.reason = static_cast<uint8_t>(reason);
  size_t size = 0, at = 0;
  while (path[size] != '\0') ++size;
  if (size >= sizeof slot.name) at = size - (sizeof slot.name - 1);
  unsigned i = 0;
  for (; at < size; ++at) slot.name[i++] = path[at];
  slot.name[i] = '\0';
  return static_cast<int>(number % ExecStatus::kRing);
}

// Is the child this process, or will it be a new one?
bool is_exec(unsigned char entry) { return entry <= static_cast<unsigned char>(ExecEntry::execveat); }

}  // namespace

void note_loaded(bool active) { vgpu_exec_status.active = active ? 1 : 0; }

int note_call(const Child& child, const Plan& plan) {
  __atomic_fetch_add(&vgpu_exec_status.calls[child.entry], 1, __ATOMIC_RELAXED);
  if (plan.unreadable) return -1;
  log(plan.reason == Reason::none ? 2 : 1, child.path != nullptr ? child.path : "", ": ", words(plan.reason));
  return plan.reason == Reason::none ? -1 : into_ring(child, plan.reason);
}

void note_pid(int at, int pid) {
  if (at >= 0) vgpu_exec_status.ring[at].pid = static_cast<uint32_t>(pid);
}

}  // namespace vgpu::exec

void vgpu::propagate::note_instead(const Child& child, Reason reason) {
  const int noted = vgpu::exec::into_ring(child, reason);
  if (vgpu::exec::is_exec(child.entry)) vgpu::exec::note_pid(noted, static_cast<int>(raw::call(SYS_getpid)));
}
