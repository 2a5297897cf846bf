#include "launcher/verify/roots.h"

#include <map>
#include <set>

#include "launcher/verify/loaded.h"
#include "shims/contract.h"

namespace vgpu::verify {
namespace {

// Something of ours is in it, or was meant to be.
bool is_ours(const Observation& process) {
  if (variable(process, contract::kPreload)) return true;
  for (const os::LinkedObject& object : process.map.objects) {
    if (base_name(object.path).starts_with("libvgpu-")) return true;
  }
  return false;
}

}  // namespace

std::vector<int> roots(const os::Machine& machine) {
  std::map<int, int> parents;
  std::set<int> ours;
  for (const os::ProcessStatus& status : all_processes(machine)) {
    parents[status.pid] = status.parent;
    if (is_ours(observe(machine, status))) ours.insert(status.pid);
  }
  std::vector<int> top;
  for (const int pid : ours) {
    bool below = false;
    std::set<int> seen;
    for (int at = parents[pid]; at != 0 && !below && seen.insert(at).second;
         at = parents.contains(at) ? parents[at] : 0) {
      below = ours.contains(at);
    }
    if (!below) top.push_back(pid);
  }
  return top;
}

}  // namespace vgpu::verify
