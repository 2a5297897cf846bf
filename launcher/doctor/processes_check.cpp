// Processes that run: what verify says of them, by the ids of the catalogue.
#include "launcher/doctor/examination.h"
#include "launcher/plan/codes.h"
#include "launcher/systemd/finding.h"
#include "launcher/verify/roots.h"

namespace vgpu::doctor {
namespace {

using plan::Code;
using systemd::Fault;

// "": nothing that the catalogue has a page for.
std::string_view id_of(verify::Finding finding) {
  switch (finding) {
    case verify::Finding::static_program: return name(Code::target_static);
    case verify::Finding::secure: return name(Code::target_secure);
    case verify::Finding::other_class: return name(Code::target_wrong_class);
    case verify::Finding::other_libc: return name(Code::target_other_libc);
    case verify::Finding::never_given: return name(Fault::not_on_a_virtual_gpu);
    case verify::Finding::environment_cleaned: return name(Failure::preload_replaced);
    case verify::Finding::environment_only: return name(Failure::preload_not_loaded);
    case verify::Finding::missing: return name(Fault::preload_lacks_shim);
    case verify::Finding::order: return name(Fault::preload_order);
    case verify::Finding::foreign_won: return name(Failure::shim_shadowed);
    case verify::Finding::bypassed: return name(Failure::shim_bypassed);
    case verify::Finding::double_load: return name(Failure::shim_loaded_twice);
    default: return {};
  }
}

std::string fix_of(std::string_view id) {
  if (id == name(Failure::shim_bypassed))
    return "let it open the library by its SONAME, or move the other library away";
  if (id == name(Failure::shim_loaded_twice)) return "remove the copy, or make it a link to the shim";
  if (id == name(Failure::shim_shadowed)) return "take the other library out of LD_PRELOAD";
  if (id == name(Failure::preload_not_loaded))
    return "see what ld.so said on its stderr, and whether the file can be seen from its root directory";
  if (id == name(Fault::preload_order) || id == name(Fault::preload_lacks_shim))
    return "start it by vgpu-run, which computes the list";
  if (id == name(Code::target_static) || id == name(Code::target_secure))
    return "start the whole tree with --scope namespace, or see the page";
  return "see the page";
}

}  // namespace

void add_processes(const verify::Report& report, Findings& findings) {
  for (const verify::Member& member : report.members) {
    const std::string_view id = id_of(member.judgement.finding);
    if (id.empty()) continue;
    const verify::Observation& process = member.process;
    const std::string pid = std::to_string(process.status.pid);
    Finding finding{.id = std::string(id),
                    .severity = Severity::error,
                    .where = "process " + pid + " (" + process.status.name + ")",
                    .cause = member.judgement.reason,
                    .fix = fix_of(id)};
    finding.evidence.push_back(
        {.file = "/proc/" + pid + "/exe", .value = process.executable.empty() ? "cannot be read" : process.executable});
    if (const auto preload = verify::variable(process, "LD_PRELOAD"))
      finding.evidence.push_back({.file = "/proc/" + pid + "/environ", .value = "LD_PRELOAD=" + *preload});
    if (process.source == verify::Observation::Source::link_map) {
      std::string map;
      for (const os::LinkedObject& object : process.map.objects) {
        if (!object.path.empty() && map.size() < 1000) map.append(map.empty() ? "" : " ").append(object.path);
      }
      if (!map.empty()) finding.evidence.push_back({.file = "link map of " + pid, .value = std::move(map)});
    }
    findings.push_back(std::move(finding));
  }
}

// Of a command only what --try shows counts; what else runs here is not its business.
void check_processes(const Subject& subject, Findings& findings) {
  if (subject.offline || subject.command) return;
  for (const int pid : verify::roots(subject.machine))
    add_processes(verify::examine(subject.machine, pid, {}), findings);
}

}  // namespace vgpu::doctor
