// DT_RPATH goes before LD_LIBRARY_PATH, in which our link directories stand.
#include <algorithm>
#include <set>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"

namespace vgpu::doctor {
namespace {

// The names that the chosen shims' link directories stand for, and the SONAMEs that are preloaded anyway.
struct Names {
  std::set<std::string> linked;
  std::set<std::string> preloaded;
};

Names names_of(const Subject& subject) {
  Names names;
  for (const plan::Place& place : subject.plan.places) {
    if (place.foreign) continue;
    for (const plan::Shim& shim : subject.plan.manifest.shims) {
      if (shim.name != place.name) continue;
      for (const plan::Soname& soname : shim.sonames) names.preloaded.insert(soname.name);
      for (const std::string& directory : shim.link_directories) {
        if (const auto files = subject.machine.list(directory)) names.linked.insert(files->begin(), files->end());
      }
    }
  }
  names.linked.insert(names.preloaded.begin(), names.preloaded.end());
  return names;
}

bool is_ours(const Subject& subject, const std::string& path) {
  const auto status = subject.machine.status(path);
  if (!status) return false;
  return std::any_of(subject.plan.preload.begin(), subject.plan.preload.end(), [&](const std::string& shim) {
    const auto one = subject.machine.status(shim);
    return one && one->device == status->device && one->inode == status->inode;
  });
}

}  // namespace

void check_run_paths(const Subject& subject, const LinkClosure& closure, Findings& findings) {
  const Names names = names_of(subject);
  if (names.linked.empty()) return;
  std::set<std::string> told;
  const auto say = [&](const LinkedObject& owner, const std::string& file, Severity severity, std::string cause) {
    if (is_ours(subject, file) || !told.insert(file).second) return;
    Finding finding{.id = std::string(name(Failure::rpath_shadows_shim)),
                    .severity = severity,
                    .where = owner.path,
                    .cause = std::move(cause),
                    .fix = "remove " + file + ", or make it a DT_RUNPATH: patchelf --set-rpath " + owner.elf.rpath +
                           " " + owner.path};
    finding.evidence.push_back({.file = owner.path, .value = "DT_RPATH " + owner.elf.rpath});
    finding.evidence.push_back(describe_file(subject.machine, file));
    findings.push_back(std::move(finding));
  };
  for (const LinkedObject& object : closure.objects) {
    if (object.route != Route::rpath ||
        !(names.linked.contains(base_name(object.path)) || names.linked.contains(object.name)))
      continue;
    const LinkedObject& owner = closure.objects[object.rpath_owner];
    say(owner, object.path, Severity::error,
        closure.objects[object.parent].path + " needs " + object.name +
            ", and a DT_RPATH, which goes before LD_LIBRARY_PATH, leads it to " + object.path + " instead of the shim");
  }
  for (const LinkedObject& owner : closure.objects) {
    if (owner.elf.rpath.empty() || !owner.elf.runpath.empty()) continue;
    for (const std::string& directory : run_path(owner.elf.rpath, owner.path)) {
      if (!directory.starts_with('/')) continue;
      for (const std::string& file : names.linked) {
        const std::string path = directory + "/" + file;
        if (names.preloaded.contains(file) || !subject.machine.status(path)) continue;
        say(owner, path, Severity::warning,
            "who opens " + file + " from it gets " + path +
                " by its DT_RPATH, which goes before LD_LIBRARY_PATH, and not the shim");
      }
    }
  }
}

}  // namespace vgpu::doctor
