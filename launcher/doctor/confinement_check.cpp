// Security modules that may keep ld.so from mapping the shims: AppArmor and SELinux, as far as their files
// tell.
#include <fnmatch.h>

#include <algorithm>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"
#include "launcher/systemd/unit_file.h"

namespace vgpu::doctor {
namespace {

constexpr char kProfiles[] = "/etc/apparmor.d";
constexpr std::size_t kMostPatterns = 64;

// "/{usr/,}bin/x" -> "/usr/bin/x", "/bin/x"; apparmor.d(5), "Globbing".
void expand(const std::string& pattern, std::vector<std::string>& out) {
  const std::size_t open = pattern.find('{');
  const std::size_t close = open == std::string::npos ? open : pattern.find('}', open);
  if (close == std::string::npos || out.size() >= kMostPatterns) {
    if (out.size() < kMostPatterns) out.push_back(pattern);
    return;
  }
  const std::string inside = pattern.substr(open + 1, close - open - 1);
  for (std::size_t begin = 0; begin <= inside.size();) {
    const std::size_t end = std::min(inside.find(',', begin), inside.size());
    expand(pattern.substr(0, open) + inside.substr(begin, end - begin) + pattern.substr(close + 1), out);
    begin = end + 1;
  }
}

bool attaches(std::string pattern, const std::string& program) {
  const auto replace = [&](const std::string& variable, const std::string& value) {
    if (const std::size_t at = pattern.find(variable); at != std::string::npos)
      pattern.replace(at, variable.size(), value);
  };
  replace("@{bin}", "/{,usr/}{,s}bin");  // of the tunables that every AppArmor has
  replace("@{HOME}", "/{root,home/*}");
  replace("//", "/");
  std::vector<std::string> patterns;
  expand(pattern, patterns);
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& one) {
    const int flags = one.find("**") == std::string::npos ? FNM_PATHNAME : 0;
    return fnmatch(one.c_str(), program.c_str(), flags) == 0;
  });
}

struct Profile {
  std::string name;
  std::string file;
  unsigned line = 0;
  std::string text;
};

// The words of "profile NAME /path flags=(complain) {" that say what it attaches to. Profiles within profiles
// have no path.
std::vector<Profile> profiles_of(const os::Machine& machine, const std::string& program) {
  std::vector<Profile> found;
  const auto files = machine.list(kProfiles);
  if (!files) return found;
  for (const std::string& file : *files) {
    const std::string path = std::string(kProfiles) + "/" + file;
    if (machine.status(std::string(kProfiles) + "/disable/" + file)) continue;
    const auto text = machine.read(path, kLargestText);
    if (!text) continue;
    unsigned number = 0;
    for (const std::string& line : systemd::lines_of(*text)) {
      ++number;
      const std::string head = trimmed(line);
      if (head.starts_with('#') || !head.ends_with('{') ||
          !(head.starts_with("profile ") || head.starts_with('/') || head.starts_with('@')))
        continue;
      std::string name;
      bool applies = false;
      for (std::string word : split(head.substr(0, head.size() - 1), ' ')) {
        std::erase(word, '"');
        if (word == "profile") continue;
        if (name.empty()) name = word;
        if (word.starts_with('/') || word.starts_with('@')) applies = applies || attaches(word, program);
      }
      // A stub of Ubuntu's, which only gives a name to what it does not confine.
      if (applies && head.find("unconfined") == std::string::npos) found.push_back({name, path, number, *text});
    }
  }
  return found;
}

// "name (enforce)". Only root may read the list: nothing else is said of a profile then.
std::string mode_of(const std::string& loaded, const std::string& name) {
  for (const std::string& line : systemd::lines_of(loaded)) {
    if (line.starts_with(name + " (")) return line.substr(name.size() + 2, line.find(')') - name.size() - 2);
  }
  return {};
}

std::string label_of(const os::Machine& machine) {
  for (const char* path : {"/proc/self/attr/apparmor/current", "/proc/self/attr/current"}) {
    if (const auto text = machine.read(path, kLargestText)) return trimmed(*text);
  }
  return {};
}

void check_apparmor(const Subject& subject, Findings& findings) {
  const auto enabled = subject.machine.read("/sys/module/apparmor/parameters/enabled", kLargestText);
  if (!subject.offline && (!enabled || !enabled->starts_with('Y'))) return;
  const std::string shims = subject.plan.preload.empty() ? std::string() : directory_of(subject.plan.preload.front());
  const std::string allow = "in /etc/apparmor.d/local allow " + (shims.empty() ? "the shims' directory" : shims) +
                            "/** mr, and load the profile again by apparmor_parser -r";
  const auto say = [&](std::string where, std::string cause, std::vector<Evidence> evidence) {
    findings.push_back({.id = std::string(name(Failure::apparmor_confined)),
                        .severity = Severity::warning,
                        .where = std::move(where),
                        .cause = std::move(cause),
                        .evidence = std::move(evidence),
                        .fix = allow});
  };
  if (!subject.offline) {
    const std::string label = label_of(subject.machine);
    if (!label.empty() && !label.starts_with("unconfined") && label.find("(unconfined)") == std::string::npos &&
        label.find(':') == std::string::npos) {
      say("AppArmor", "this process is confined by " + label + ", and so is what it starts",
          {{.file = "/proc/self/attr/current", .line = 1, .value = label}});
    }
  }
  if (!subject.command || subject.plan.target.program.empty()) return;
  const auto loaded = subject.machine.read("/sys/kernel/security/apparmor/profiles", kLargestText);
  for (const std::string& program : {subject.plan.target.path, subject.plan.target.program}) {
    for (const Profile& profile : profiles_of(subject.machine, program)) {
      const std::string mode = loaded ? mode_of(*loaded, profile.name) : "unknown";
      if (mode.empty() || mode == "complain" || mode == "unconfined") continue;
      if (!shims.empty() && profile.text.find(shims) != std::string::npos) continue;  // it speaks of them
      say(program,
          "the AppArmor profile " + profile.name + " confines it, and does not mention " + shims +
              ": ld.so may be refused to map the shims",
          {{.file = profile.file, .line = profile.line, .value = profile.name},
           {.file = "/sys/kernel/security/apparmor/profiles",
            .value = loaded ? profile.name + " (" + mode + ")" : "only root may read whether it is loaded"}});
    }
    if (subject.plan.target.path == subject.plan.target.program) break;
  }
}

void check_selinux(const Subject& subject, Findings& findings) {
  const auto enforce = subject.machine.read("/sys/fs/selinux/enforce", kLargestText);
  if (!enforce || !enforce->starts_with('1')) return;
  const auto context = subject.machine.read("/proc/self/attr/current", kLargestText);
  const std::string domain = context ? trimmed(*context) : std::string();
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

}  // namespace

void check_confinement(const Subject& subject, Findings& findings) {
  check_apparmor(subject, findings);
  check_selinux(subject, findings);
}

}  // namespace vgpu::doctor
