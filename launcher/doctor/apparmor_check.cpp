// AppArmor: a profile that keeps ld.so from mapping the shims, or that starts a program with AT_SECURE, as far as the
// profiles' files tell; apparmor.d(5).
#include <fnmatch.h>

#include <algorithm>
#include <optional>

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

struct Rule {
  std::string path;
  std::string permissions;  // "mr", "Px"
  bool deny = false;
  std::string file;
  unsigned line = 0;
};

struct Profile {
  std::string name;
  std::string file;
  unsigned line = 0;
  std::vector<Rule> rules;
};

// "owner /usr/bin/app mr,", "deny /x w,", "Px /usr/bin/app -> other,": the path may stand on either side.
void add_rule(const std::string& text, const std::string& file, unsigned line, std::vector<Rule>& rules) {
  if (text.starts_with('#') || !text.ends_with(',')) return;
  Rule rule{.path = {}, .permissions = {}, .deny = false, .file = file, .line = line};
  for (std::string word : split(text.substr(0, text.size() - 1), ' ')) {
    std::erase(word, '"');
    if (word == "deny") rule.deny = true;
    if (word == "->") break;
    if (word.starts_with('/') || word.starts_with('@')) {
      if (rule.path.empty()) rule.path = word;
    } else if (word.find_first_not_of("rwamkldixpPcCuU") == std::string::npos && word != "allow" && word != "audit") {
      rule.permissions = word;
    }
  }
  if (!rule.path.empty() && !rule.permissions.empty()) rules.push_back(std::move(rule));
}

void add_rules(const os::Machine& machine, const std::string& line, const std::string& file, unsigned number,
               std::vector<Rule>& rules) {
  add_rule(line, file, number, rules);
  // include if exists <local/usr.bin.app>: where an administrator adds rules. Other includes are the distribution's.
  const std::size_t local = line.find("<local/");
  if (local == std::string::npos || line.find("include") == std::string::npos) return;
  const std::string path = std::string(kProfiles) + "/" + line.substr(local + 1, line.find('>', local) - local - 1);
  const auto text = machine.read(path, kLargestText);
  if (!text) return;
  unsigned at = 0;
  for (const std::string& added : systemd::lines_of(*text)) add_rule(trimmed(added), path, ++at, rules);
}

// The words of "profile NAME /path flags=(complain) {" that say what it attaches to. Profiles within profiles have no
// path.
bool begins(const std::string& head, const std::string& program, std::string& name) {
  if (head.starts_with('#') || !head.ends_with('{') ||
      !(head.starts_with("profile ") || head.starts_with('/') || head.starts_with('@')))
    return false;
  bool applies = false;
  name.clear();
  for (std::string word : split(head.substr(0, head.size() - 1), ' ')) {
    std::erase(word, '"');
    if (word == "profile") continue;
    if (name.empty()) name = word;
    if (word.starts_with('/') || word.starts_with('@')) applies = applies || attaches(word, program);
  }
  // A stub of Ubuntu's, which only gives a name to what it does not confine.
  return applies && head.find("unconfined") == std::string::npos;
}

void add_profiles_of(const os::Machine& machine, const std::string& path, const std::string& program,
                     std::vector<Profile>& found) {
  const auto text = machine.read(path, kLargestText);
  if (!text) return;
  unsigned number = 0;
  int depth = 0;  // of the profile that is being read; those within it count as it
  for (const std::string& whole : systemd::lines_of(*text)) {
    ++number;
    const std::string line = trimmed(whole);
    std::string name;
    if (depth > 0) {
      if (line.ends_with('{')) ++depth;
      if (line == "}") --depth;
      if (depth > 0) add_rules(machine, line, path, number, found.back().rules);
    } else if (begins(line, program, name)) {
      found.push_back({.name = name, .file = path, .line = number, .rules = {}});
      depth = 1;
    }
  }
}

std::vector<Profile> profiles_of(const os::Machine& machine, const std::string& program) {
  std::vector<Profile> found;
  const auto files = machine.list(kProfiles);
  if (!files) return found;
  for (const std::string& file : *files) {
    if (!machine.status(std::string(kProfiles) + "/disable/" + file))
      add_profiles_of(machine, std::string(kProfiles) + "/" + file, program, found);
  }
  return found;
}

// ld.so opens a library and maps it executable.
bool allows(const Profile& profile, const std::string& library) {
  bool read = false;
  bool map = false;
  for (const Rule& rule : profile.rules) {
    if (!attaches(rule.path, library)) continue;
    if (rule.deny && rule.permissions.find_first_of("rm") != std::string::npos) return false;
    if (rule.deny) continue;
    read = read || rule.permissions.find('r') != std::string::npos;
    map = map || rule.permissions.find('m') != std::string::npos;
  }
  return read && map;
}

// Px, Cx and Ux "scrub" the environment: the kernel starts the program with AT_SECURE.
const Rule* scrubbing(const Profile& profile) {
  const auto scrubs = [](const Rule& rule) {
    return !rule.deny && rule.permissions.find('x') != std::string::npos &&
           rule.permissions.find_first_of("PCU") != std::string::npos;
  };
  const auto found = std::find_if(profile.rules.begin(), profile.rules.end(), scrubs);
  return found == profile.rules.end() ? nullptr : &*found;
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

class AppArmor {
 public:
  AppArmor(const Subject& subject, Findings& findings) : subject_(subject), findings_(findings) {
    if (!subject.plan.preload.empty()) shims_ = directory_of(subject.plan.preload.front());
  }

  void check() {
    const auto enabled = subject_.machine.read("/sys/module/apparmor/parameters/enabled", kLargestText);
    if (!subject_.offline && (!enabled || !enabled->starts_with('Y'))) return;
    if (!subject_.offline) check_own();
    const plan::Target& target = subject_.plan.target;
    if (!subject_.command || target.program.empty()) return;
    if (const auto text = subject_.machine.read("/sys/kernel/security/apparmor/profiles", kLargestText))
      loaded_ = *text;
    check_program(target.path);
    if (target.path != target.program) check_program(target.program);
  }

 private:
  void say(std::string where, std::string cause, std::string fix, std::vector<Evidence> evidence) {
    findings_.push_back({.id = std::string(name(Failure::apparmor_confined)),
                         .severity = Severity::warning,
                         .where = std::move(where),
                         .cause = std::move(cause),
                         .evidence = std::move(evidence),
                         .fix = std::move(fix)});
  }

  std::string allow() const {
    return "in /etc/apparmor.d/local allow " + (shims_.empty() ? "the shims' directory" : shims_) +
           "/** mr, and load the profile again by apparmor_parser -r";
  }

  void check_own() {
    const std::string label = label_of(subject_.machine);
    if (label.empty() || label.starts_with("unconfined") || label.find("(unconfined)") != std::string::npos ||
        label.find(':') != std::string::npos)
      return;
    say("AppArmor", "this process is confined by " + label + ", and so is what it starts", allow(),
        {{.file = "/proc/self/attr/current", .line = 1, .value = label}});
  }

  void check_program(const std::string& program) {
    const std::vector<std::string>& preload = subject_.plan.preload;
    for (const Profile& profile : profiles_of(subject_.machine, program)) {
      const std::string mode = loaded_ ? mode_of(*loaded_, profile.name) : "unknown";
      if (mode.empty() || mode == "complain" || mode == "unconfined") continue;
      const Evidence state{
          .file = "/sys/kernel/security/apparmor/profiles",
          .value = loaded_ ? profile.name + " (" + mode + ")" : "only root may read whether it is loaded"};
      if (!std::all_of(preload.begin(), preload.end(), [&](const std::string& one) { return allows(profile, one); })) {
        say(program,
            "the AppArmor profile " + profile.name + " confines it, and no rule of its own lets " + shims_ +
                " be mapped: ld.so may be refused the shims",
            allow(), {{.file = profile.file, .line = profile.line, .value = profile.name}, state});
      }
      if (const Rule* rule = scrubbing(profile)) {
        std::string kept = rule->permissions;
        std::transform(kept.begin(), kept.end(), kept.begin(), [](char c) { return static_cast<char>(c | 0x20); });
        say(program,
            "the AppArmor profile " + profile.name + " starts " + rule->path +
                " with AT_SECURE, in which ld.so ignores LD_PRELOAD",
            "write " + kept + " for " + rule->permissions + " there, and load the profile again by apparmor_parser -r",
            {{.file = rule->file, .line = rule->line, .value = rule->path + " " + rule->permissions}, state});
      }
    }
  }

  const Subject& subject_;
  Findings& findings_;
  std::string shims_;
  std::optional<std::string> loaded_;
};

}  // namespace

void check_apparmor(const Subject& subject, Findings& findings) { AppArmor(subject, findings).check(); }

}  // namespace vgpu::doctor
