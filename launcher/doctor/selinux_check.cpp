// SELinux that is enforcing: a domain, or files, that may keep ld.so from mapping the shims.
#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"

namespace vgpu::doctor {

void check_selinux(const Subject& subject, Findings& findings) {
  const auto enforce = subject.machine.read("/sys/fs/selinux/enforce", kLargestText);
  if (!enforce || !enforce->starts_with('1')) return;
  const auto context = subject.machine.read("/proc/self/attr/current", kLargestText);
  // The kernel ends it with a NUL, which is no part of it.
  const std::string domain = context ? trimmed(context->substr(0, context->find('\0'))) : std::string();
  const bool confined = domain.find(":unconfined_") == std::string::npos;
  std::string stray;
  for (const std::string& library : subject.plan.preload) {
    if (!library.starts_with("/usr/") && !library.starts_with("/opt/") && !library.starts_with("/lib")) stray = library;
  }
  if (!confined && stray.empty()) return;
  Finding finding{.id = std::string(name(Failure::selinux_confined)),
                  .severity = Severity::warning,
                  .where = "SELinux",
                  .cause = stray.empty() ? "it is enforcing, and this process runs in a confined domain, which may not "
                                           "be allowed to map the shims"
                                         : "it is enforcing, and " + stray +
                                               " lies where files get a type that confined domains may not map",
                  .fix =
                      "install vgpu-run under /usr or /opt and run restorecon -R on it; ausearch -m avc -ts "
                      "recent shows what was refused"};
  finding.evidence.push_back({.file = "/sys/fs/selinux/enforce", .line = 1, .value = trimmed(*enforce)});
  if (!domain.empty()) finding.evidence.push_back({.file = "/proc/self/attr/current", .line = 1, .value = domain});
  findings.push_back(std::move(finding));
}

}  // namespace vgpu::doctor
