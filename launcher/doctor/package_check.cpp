// Commands that lead into a sandbox with a /usr of its own: snap and flatpak.
#include <algorithm>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"
#include "launcher/systemd/unit_file.h"

namespace vgpu::doctor {
namespace {

void say(Failure failure, const std::string& where, std::string cause, std::string fix, std::vector<Evidence> evidence,
         Findings& findings) {
  findings.push_back({.id = std::string(name(failure)),
                      .severity = Severity::error,
                      .where = where,
                      .cause = std::move(cause),
                      .evidence = std::move(evidence),
                      .fix = std::move(fix)});
}

// What `flatpak run` is told, on the command line or by a line of an exported script, and who tells it.
class Flatpak {
 public:
  explicit Flatpak(const Subject& subject) : subject_(subject) {}

  // From `flatpak` on: "run", options, the application.
  void add(const std::vector<std::string>& words, Evidence evidence) {
    evidence_.push_back(std::move(evidence));
    for (const std::string& word : words) {
      if (!id_.empty()) break;  // what follows is the application's
      if (word.starts_with(kFilesystem)) shared_.push_back(word.substr(std::size(kFilesystem) - 1));
      // vgpu-run within the sandbox does there what it does anywhere.
      inside_ = inside_ || (word.starts_with("--command=") && word.ends_with("/vgpu-run"));
      if (!word.starts_with('-') && word.find('/') == std::string::npos &&
          std::count(word.begin(), word.end(), '.') >= 2)
        id_ = word;
    }
  }

  void check(Findings& findings) {
    if (evidence_.empty() || inside_) return;
    const std::vector<std::string>& preload = subject_.plan.preload;
    if (preload.empty()) return;
    add_overrides();
    const bool reach =
        std::all_of(preload.begin(), preload.end(), [&](const std::string& one) { return is_shared(one); });
    if (reach && carries()) return;
    const std::string cause =
        reach ? "it is a flatpak, which drops LD_PRELOAD, and scope inherit does not put it back"
              : "it is a flatpak: it runs in a sandbox with a /usr of its own, in which the shims are not";
    say(Failure::target_in_flatpak, subject_.plan.target.path, cause, reach ? "use --scope exec" : fix(), evidence_,
        findings);
  }

 private:
  static constexpr char kFilesystem[] = "--filesystem=";

  // flatpak-override(1): permissions that were given for good.
  void add_overrides() {
    const std::vector<std::string>& environment = subject_.plan.envp;
    const std::string home = variable(environment, "HOME") + "/.local/share";
    const std::string data = variable(environment, "XDG_DATA_HOME");
    const std::string user = variable(environment, "FLATPAK_USER_DIR");
    for (const std::string& installation :
         {std::string("/var/lib/flatpak"), !user.empty() ? user : (!data.empty() ? data : home) + "/flatpak"}) {
      for (const std::string& name : {std::string("global"), id_}) {
        const auto text = subject_.machine.read(installation + "/overrides/" + name, kLargestText);
        if (!text) continue;
        for (const std::string& line : systemd::lines_of(*text)) {
          constexpr std::string_view kKey = "filesystems=";
          if (!line.starts_with(kKey)) continue;
          for (const std::string& one : split(line.substr(kKey.size()), ';')) shared_.push_back(one);
        }
      }
    }
  }

  // flatpak-metadata(5): below the reserved directories the sandbox has its own; `host` leaves out /run and /tmp.
  bool is_shared(const std::string& file) const {
    for (const char* reserved : {"/usr/", "/etc/", "/app/", "/bin/", "/sbin/", "/lib", "/dev/", "/proc/"}) {
      if (file.starts_with(reserved)) return false;
    }
    return std::any_of(shared_.begin(), shared_.end(), [&](const std::string& one) {
      const std::string directory = one.substr(0, one.find(':'));
      if (directory == "host") return !file.starts_with("/run/") && !file.starts_with("/tmp/");
      const std::string home = variable(subject_.plan.envp, "HOME");
      if (directory == "home" || directory == "~") return !home.empty() && file.starts_with(home + "/");
      return directory.starts_with('/') && (file == directory || file.starts_with(directory + "/"));
    });
  }

  bool carries() const {
    return subject_.plan.scope != "inherit" &&
           std::any_of(subject_.plan.preload.begin(), subject_.plan.preload.end(),
                       [](const std::string& one) { return base_name(one).starts_with("libvgpu-exec"); });
  }

  std::string fix() const {
    const std::string id = id_.empty() ? "APP" : id_;
    const std::string shims = directory_of(subject_.plan.preload.front());
    if (shims.starts_with("/usr/")) {
      const std::string launcher = subject_.launcher.empty() ? "/usr/bin/vgpu-run" : subject_.launcher;
      return "flatpak run --filesystem=host-os:ro --command=/run/host" + launcher + " " + id +
             " -- COMMAND, with the command that flatpak info -m " + id + " names";
    }
    return "flatpak run --filesystem=" + shims + ":ro, or for good flatpak override --user --filesystem=" + shims +
           ":ro " + id;
  }

  const Subject& subject_;
  std::vector<Evidence> evidence_;
  std::vector<std::string> shared_;
  std::string id_;
  bool inside_ = false;
};

}  // namespace

void check_package(const Subject& subject, Findings& findings) {
  if (!subject.command) return;
  const plan::Target& target = subject.plan.target;
  const auto& words = subject.plan.request.command;
  const bool runs = std::find(words.begin(), words.end(), "run") != words.end();
  const auto real = subject.machine.real_path(target.path);
  const std::string file = real ? *real : target.path;
  const auto below = [&](const char* directory) {
    return target.path.starts_with(directory) || file.starts_with(directory);
  };
  if ((base_name(file) == "snap" && (runs || base_name(target.path) != "snap")) || below("/snap/") ||
      below("/var/lib/snapd/")) {
    const auto link = subject.machine.link_target(target.path);
    say(Failure::target_in_snap, target.path,
        "it is a snap: snap-confine starts it with AT_SECURE and a /usr of its own, so that neither "
        "LD_PRELOAD nor the shims arrive",
        "install the program otherwise, and name it by its path",
        {{.file = target.path, .value = link ? "a link to " + *link : "its path"}}, findings);
    return;
  }
  Flatpak flatpak(subject);
  if (base_name(file) == "flatpak" && runs) {
    std::string line;
    for (const std::string& word : words) line.append(line.empty() ? "" : " ").append(word);
    flatpak.add(words, {.file = "command line", .value = line});
  }
  for (const plan::Target::Step& step : target.steps) {
    const auto text = subject.machine.read(step.script, kLargestText);
    if (!text) continue;
    unsigned number = 0;
    for (const std::string& line : systemd::lines_of(*text)) {
      ++number;
      const std::string code = trimmed(line);
      const std::size_t at = code.find("flatpak run");
      if (!code.starts_with('#') && at != std::string::npos)
        flatpak.add(split(code.substr(at), ' '), {.file = step.script, .line = number, .value = code});
    }
  }
  flatpak.check(findings);
}

}  // namespace vgpu::doctor
