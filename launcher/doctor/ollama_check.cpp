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

  // Whether there is a backend for a GPU in it, or in a directory of it.
  bool has_backend(const std::string& directory) const {
    const auto names = machine_.list(directory);
    if (!names) return false;
    return std::any_of(names->begin(), names->end(), [&](const std::string& one) {
      return one.starts_with("libggml-cuda") || (one.starts_with("cuda_v") && machine_.list(directory + "/" + one));
    });
  }

  std::string real(const std::string& path) const {
    const auto file = machine_.real_path(path);
    return file ? *file : path;
  }

  // What Ollama makes of its own path (ml/path.go): ../lib/ollama, else the program's directory.
  void check_directories(const Installation& one) {
    const std::string home = directory_of(one.real);
    const std::string installed = directory_of(home) + (directory_of(home) == "/" ? "" : "/") + "lib/ollama";
    const std::string scanned = real(machine_.status(installed) ? installed : home);
    const bool works = has_backend(scanned);
    std::vector<std::string> candidates = {"/usr/local/lib/ollama", "/usr/lib/ollama", "/opt/ollama/lib/ollama"};
    for (const std::string& directory : plan::split_library_path(variable(subject_.plan.envp, "LD_LIBRARY_PATH")))
      candidates.push_back(directory);
    for (const std::string& candidate : candidates) {
      if (!candidate.starts_with('/') || !machine_.status(candidate)) continue;
      const std::string directory = real(candidate);
      if (directory == scanned || directory_of(directory) == scanned || !has_backend(directory)) continue;
      if (std::find(told_.begin(), told_.end(), directory) != told_.end()) continue;
      told_.push_back(directory);
      Finding finding{
          .id = std::string(name(Failure::ollama_directory_not_scanned)),
          .severity = works ? Severity::warning : Severity::error,
          .where = directory,
          .cause = one.path + " looks for its GPU libraries in " + scanned + " only" +
                   (works ? "" : ", where there are none: it falls back to the CPU") + ", and these are here",
          .fix = "install program and libraries from one archive, or link " + installed + " to " + directory};
      finding.evidence.push_back(
          {.file = one.real,
           .value = "scans " + scanned + (machine_.status(installed) ? "" : ", for there is no " + installed)});
      finding.evidence.push_back({.file = directory, .value = "has a CUDA backend"});
      findings_.push_back(std::move(finding));
    }
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
