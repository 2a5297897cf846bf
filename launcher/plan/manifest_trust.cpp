#include "launcher/plan/manifest_trust.h"

#include "launcher/plan/trust.h"

namespace vgpu::plan {
namespace {

constexpr std::uint32_t kGroupWrite = 0020;
constexpr std::uint32_t kOthersWrite = 0002;
constexpr std::uint32_t kSticky = 01000;

std::string parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// For a POSIX shell.
std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

// The commands after which distrust() has nothing to say.
std::string cure(const std::string& path, const os::FileStatus& status) {
  std::string commands;
  if (status.uid != 0) commands = "chown root " + shell_quoted(path);
  std::string who;
  if ((status.mode & kGroupWrite) != 0 && status.gid != 0) who += 'g';
  if ((status.mode & kOthersWrite) != 0) who += 'o';
  if (!who.empty()) commands += (commands.empty() ? "chmod " : " && chmod ") + who + "-w " + shell_quoted(path);
  return "if you trust what it says: " + commands;
}

void check_directory(const os::Machine& machine, const std::string& file, const std::string& directory,
                     Problems& problems) {
  const os::Result<os::FileStatus> status = machine.status(directory);
  if (!status) return;  // then the file could not be reached either
  os::FileStatus seen = *status;
  if ((seen.mode & kSticky) != 0) seen.mode &= ~(kGroupWrite | kOthersWrite);
  const std::string why = distrust(machine, seen);
  if (why.empty()) return;
  problems.push_back({.code = Code::manifest_untrusted,
                      .where = file,
                      .cause = "its directory " + directory + " " + why,
                      .fix = cure(directory, seen),
                      .excerpt = {}});
}

}  // namespace

Problems check_trust(const os::Machine& machine, const std::string& path, const os::FileStatus& status, bool follow) {
  if (machine.credentials().euid != 0) return {};
  Problems problems;
  if (const std::string why = distrust(machine, status); !why.empty()) {
    problems.push_back({.code = Code::manifest_untrusted,
                        .where = path,
                        .cause = "it " + why,
                        .fix = cure(path, status),
                        .excerpt = {}});
  }
  const std::string directory = parent(path);
  check_directory(machine, path, directory, problems);
  if (!follow || !machine.link_target(path)) return problems;
  const os::Result<std::string> real = machine.real_path(path);
  if (real && parent(*real) != directory) check_directory(machine, path, parent(*real), problems);
  return problems;
}

}  // namespace vgpu::plan
