// Session files that nobody uses any more.
#include "launcher/doctor/examination.h"
#include "launcher/session/look.h"

namespace vgpu::doctor {

void check_sessions(const Subject& subject, Findings& findings) {
  if (subject.offline) return;
  const sessions::Look look = sessions::look_at_sessions(subject.machine, false);
  for (const sessions::Session& session : look.sessions) {
    if (session.state != sessions::State::abandoned) continue;
    const std::string& path = session.snapshot.path;
    Finding finding{.id = std::string(name(Failure::session_stale)),
                    .severity = Severity::warning,
                    .where = path,
                    .cause = "no process is in it, and the vgpu-run that named it has ended",
                    .fix = "remove it: rm " + path};
    const auto status = subject.machine.status(path);
    finding.evidence.push_back({.file = path,
                                .value = "of " + session.user +
                                         (status ? ", " + std::to_string(status->size) + " bytes" : "") +
                                         ", no lock on it in /proc/locks"});
    if (session.launcher != 0)
      finding.evidence.push_back(
          {.file = "/proc/" + std::to_string(session.launcher), .value = "there is no such process"});
    findings.push_back(std::move(finding));
  }
  for (const std::string& path : look.leftovers) {
    findings.push_back({.id = std::string(name(Failure::session_stale)),
                        .severity = Severity::warning,
                        .where = path,
                        .cause = "the process that was making this session was killed before it was complete",
                        .evidence = {{.file = path, .value = "a working name, no lock on it in /proc/locks"}},
                        .fix = "remove it, or let the next session that is made there do so: rm " + path});
  }
}

}  // namespace vgpu::doctor
