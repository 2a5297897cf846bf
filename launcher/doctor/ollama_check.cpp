// Ollama: two installations of it, and libraries where it does not look.
#include <algorithm>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"
#include "launcher/plan/library_search.h"
#include "launcher/systemd/program.h"

namespace vgpu::doctor {
namespace {

struct Installation {
  std::string path;  // as a person calls it
  std::string real;
  Evidence evidence;
  bool snap = false;
};

class Ollama {
 public:
  Ollama(const Subject& subject, Findings& findings)
      : subject_(subject), machine_(subject.machine), findings_(findings) {}

  void check() {
    const plan::Target& target = subject_.plan.target;
    const bool asked = subject_.command && base_name(target.path) == "ollama";
    if (subject_.command && !asked) return;
    if (asked) add(target.path, {.file = target.path, .value = "the command"});
    find();
    if (found_.size() > 1) say_twice();
    for (const Installation& one : found_) {
      if (!one.snap && (!asked || &one == &found_.front())) check_directories(one);
    }
  }

 private:
  void add(const std::string& path, Evidence evidence) {
    const auto status = machine_.status(path);
    if (!status || status->kind != os::FileStatus::Kind::regular || (status->mode & 0111) == 0) return;
    const auto real = machine_.real_path(path);
    const std::string file = real ? *real : path;
    // A snap's command is a link to snap itself.
    const bool snap = base_name(file) == "snap" || path.starts_with("/snap/") || path.starts_with("/var/lib/snapd/");
    const auto same = [&](const Installation& one) { return one.real == file || (snap && one.snap); };
    if (std::any_of(found_.begin(), found_.end(), same)) return;
    found_.push_back({path, file, std::move(evidence), snap});
  }

  void find() {
    const systemd::Unit unit = systemd::load_unit(subject_.units, "ollama.service");
    for (const systemd::Command& command : systemd::start_commands(unit)) {
      const systemd::LaunchOfCommand launch = systemd::launch_of(subject_.units, unit, command.command);
      if (launch.known && !launch.request.command.empty()) {
        const Evidence evidence{.file = command.setting.file->path,
                                .line = command.setting.assignment->first_line,
                                .value = "ExecStart=" + command.setting.value()};
        add(launch.request.command.front(), evidence);
      }
    }
    const std::string path =
        subject_.offline ? std::string("/usr/local/bin:/usr/bin") : variable(subject_.plan.envp, "PATH");
    for (const std::string& directory : split(path, ':')) {
      const std::string file = directory + "/ollama";
      add(file, {.file = file, .value = "in PATH"});
    }
    for (const char* directory : {"/usr/local/bin", "/usr/bin", "/snap/bin", "/var/lib/snapd/snap/bin"}) {
      const std::string file = std::string(directory) + "/ollama";
      add(file, {.file = file, .value = "installed"});
    }
  }

  void say_twice() {
    const bool snap = std::any_of(found_.begin(), found_.end(), [](const Installation& one) { return one.snap; });
    std::string list;
    for (const Installation& one : found_) list.append(list.empty() ? "" : ", ").append(one.path);
    Finding finding{.id = std::string(name(Failure::ollama_installed_twice)),
                    .severity = snap ? Severity::error : Severity::warning,
                    .where = found_.front().path,
                    .cause = "there are " + std::to_string(found_.size()) + " installations of Ollama, " + list +
                             ": the one that answers on port 11434 need not be the one that has the shims",
                    .fix = snap ? "remove one of them, mostly by snap remove ollama"
                                : "remove one of them, or name the one you mean by its path"};
    for (const Installation& one : found_) finding.evidence.push_back(one.evidence);
    for (const char* unit :
         {"/etc/systemd/system/snap.ollama.listener.service", "/etc/systemd/system/snap.ollama.ollama.service"}) {
      if (machine_.status(unit)) finding.evidence.push_back({.file = unit, .value = "the unit of the snap"});
    }
    findings_.push_back(std::move(finding));
  }

  std::string real(const std::string& path) const {
    const auto file = machine_.real_path(path);
    return file ? *file : path;
  }

  // A file of that directory whose name has `part`, "" where there is none.
  std::string file_in(const std::string& directory, std::string_view part) const {
    if (const auto names = machine_.list(directory)) {
      for (const std::string& one : *names) {
        if (one.find(part) != std::string::npos) return one;
      }
    }
    return {};
  }

  bool has_backend(const std::string& directory) const { return !file_in(directory, "libggml-cuda").empty(); }

  std::vector<std::string> directories_in(const std::string& directory) const {
    std::vector<std::string> found;
    if (const auto names = machine_.list(directory)) {
      for (const std::string& one : *names) {
        if (machine_.list(directory + "/" + one)) found.push_back(directory + "/" + one);
      }
    }
    return found;
  }

  // What Ollama makes of its own path (ml/path.go).
  std::string root_of(const Installation& one) const {
    const std::string home = directory_of(one.real);
    const std::string above = directory_of(home) == "/" ? "" : directory_of(home);
    for (const std::string& root : {above + "/lib/ollama", home + "/lib/ollama", home + "/build/lib/ollama"}) {
      if (machine_.list(root)) return root;
    }
    return home;
  }

  // And where it looks for backends (discover/runner.go): in each directory there that has one, and in the root beside it.
  std::vector<std::string> scanned_in(const std::string& root, const std::string& requested) const {
    std::vector<std::string> scanned;
    bool any = false;
    for (const std::string& directory : directories_in(root)) {
      if (file_in(directory, "ggml-").empty()) continue;
      any = true;
      const std::string name = base_name(directory);
      const bool asked = requested.empty() || requested.starts_with("mlx_") || requested == name;
      if (asked && name.find("cuda_jetpack") == std::string::npos) scanned.push_back(real(directory));
    }
    if (!any || !scanned.empty()) scanned.insert(scanned.begin(), real(root));
    return scanned;
  }

  void check_directories(const Installation& one) {
    const std::string root = root_of(one);
    const std::string requested = variable(subject_.plan.envp, "OLLAMA_LLM_LIBRARY");
    const std::vector<std::string> scanned = scanned_in(root, requested);
    const bool works = std::any_of(scanned.begin(), scanned.end(),
                                   [&](const std::string& directory) { return has_backend(directory); });
    // Where else libraries are: of other installations, and where somebody had hoped that they would be found.
    std::vector<std::string> places = {root, "/usr/local/lib/ollama", "/usr/lib/ollama", "/opt/ollama/lib/ollama"};
    for (const std::string& directory : directories_in(root)) places.push_back(directory);
    for (const std::string& directory : plan::split_library_path(variable(subject_.plan.envp, "LD_LIBRARY_PATH")))
      places.push_back(directory);
    for (const std::string& place : places) {
      if (!place.starts_with('/')) continue;
      std::vector<std::string> candidates = directories_in(place);
      candidates.insert(candidates.begin(), place);
      for (const std::string& candidate : candidates) {
        const std::string directory = real(candidate);
        if (directory.find("cuda_jetpack") != std::string::npos || !has_backend(directory) ||
            contains(scanned, directory) || contains(told_, directory))
          continue;
        told_.push_back(directory);
        say_not_scanned(one, root, requested, scanned, works, directory);
      }
    }
  }

  static bool contains(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
  }

  void say_not_scanned(const Installation& one, const std::string& root, const std::string& requested,
                       const std::vector<std::string>& scanned, bool works, const std::string& directory) {
    const bool left_out = !requested.empty() && directory_of(directory) == real(root);
    std::string list;
    for (const std::string& each : scanned) list.append(list.empty() ? "" : ", ").append(each);
    if (list.empty()) list = "nothing in " + root;
    Finding finding{
        .id = std::string(name(Failure::ollama_directory_not_scanned)),
        .severity = works ? Severity::warning : Severity::error,
        .where = directory,
        .cause = "a CUDA backend is here, and " + one.path + " scans " + list + " only" +
                 (works ? "" : ", where there is none: it falls back to the CPU"),
        .fix = left_out ? "unset OLLAMA_LLM_LIBRARY, or set it to " + base_name(directory)
                        : "install program and libraries from one archive, or link " + directory + " into " + root};
    finding.evidence.push_back({.file = one.real, .value = "scans " + list});
    finding.evidence.push_back(
        {.file = directory, .value = "has a CUDA backend, " + file_in(directory, "libggml-cuda")});
    if (!requested.empty())
      finding.evidence.push_back({.file = "environment", .value = "OLLAMA_LLM_LIBRARY=" + requested});
    findings_.push_back(std::move(finding));
  }

  const Subject& subject_;
  const os::Machine& machine_;
  Findings& findings_;
  std::vector<Installation> found_;
  std::vector<std::string> told_;
};

}  // namespace

void check_ollama(const Subject& subject, Findings& findings) { Ollama(subject, findings).check(); }

}  // namespace vgpu::doctor
