#include "launcher/cdi/tree.h"

#include <algorithm>

#include "launcher/plan/discover.h"

namespace vgpu::cdi {
namespace {

using Mount = os::MountedMachine::Mount;
using plan::Code;
using plan::Problem;

bool is_in(const std::string& path, const std::string& top) {
  return path.starts_with(top) && (path.size() == top.size() || path[top.size()] == '/');
}

std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

Problem problem(Code code, std::string where, std::string cause, std::string fix) {
  return {.code = code, .where = std::move(where), .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}};
}

class Tree {
 public:
  Tree(const os::Machine& machine, const plan::Manifest& manifest, const std::string& launcher)
      : machine_(machine),
        manifest_(manifest),
        launcher_(launcher),
        share_(plan::share_directory(machine)),
        prefix_(parent(parent(launcher))) {}

  plan::Result<std::vector<Mount>> make() {
    own();
    if (problems_.empty()) others();
    if (!problems_.empty()) return problems_;
    std::sort(mounts_.begin(), mounts_.end(), [](const Mount& a, const Mount& b) { return a.inside < b.inside; });
    return mounts_;
  }

 private:
  bool is_own(const plan::Position& at) const { return at.file == share_ + "/manifest.json"; }

  void own() {
    add_own(launcher_);
    add_own(share_);
    for (const plan::Shim& shim : manifest_.shims) {
      if (!is_own(shim.at)) continue;
      for (const std::string& library : shim.libraries) add_own(parent(library));
      for (const std::string& directory : shim.link_directories) add_own(directory);
      for (const plan::Fallback& fallback : shim.fallbacks) add_own(fallback.directory);
    }
  }

  // One mount for a directory and all that is below it.
  void add_own(const std::string& path) {
    if (!machine_.status(path)) return;  // a shim that is not built: the Plan has said what that means
    if (!is_in(path, prefix_)) {
      problems_.push_back(problem(Code::internal, path, "it stands outside " + prefix_ + ", where " + launcher_ + " is",
                                  "install the tree anew: bin, lib and share stand beside each other"));
      return;
    }
    add({path, kPrefix + path.substr(prefix_.size())});
  }

  void others() {
    for (const plan::ManifestFile& file : manifest_.files) {
      if (file.path == share_ + "/manifest.json" || file.fate == plan::ManifestFile::Fate::masked) continue;
      const auto status = machine_.status(file.path);
      if (status && status->kind == os::FileStatus::Kind::regular) {
        add_other(file.path, file.path);
      } else if (masks_ours(file.path)) {
        problems_.push_back(problem(Code::usage, file.path,
                                    "it is a link to /dev/null, which a container would get as a device",
                                    "put an empty file there instead"));
      }
    }
    for (const plan::Shim& shim : manifest_.shims) {
      if (is_own(shim.at)) continue;
      for (const std::string& library : shim.libraries) add_other(library, shim.at.file);
      for (const std::string& directory : shim.link_directories) add_directory(directory, shim.at);
      for (const plan::Fallback& fallback : shim.fallbacks) add_directory(fallback.directory, shim.at);
    }
  }

  // Whether it keeps a manifest from counting that stands in what every container gets.
  bool masks_ours(const std::string& path) const {
    return std::any_of(manifest_.files.begin(), manifest_.files.end(),
                       [&](const plan::ManifestFile& file) { return file.by == path && is_in(file.path, share_); });
  }

  void add_directory(const std::string& directory, const plan::Position& at) {
    if (machine_.status(directory + "/libc.so.6")) {
      problems_.push_back(problem(Code::usage, plan::to_string(at),
                                  directory + " holds the C library of this machine, which is not the container's",
                                  "give the shim a directory of its own"));
      return;
    }
    add_other(directory, at.file);
  }

  void add_other(const std::string& path, const std::string& manifest) {
    if (!machine_.status(path)) return;
    for (const Mount& mount : mounts_) {
      const bool above = is_in(mount.inside, path) && mount.inside != path;
      if (!above && !is_in(path, mount.inside)) continue;
      if (!above && mount.outside + path.substr(mount.inside.size()) == path) return;  // comes with it
      if (above && mount.outside == mount.inside) continue;
      problems_.push_back(
          problem(Code::usage, manifest,
                  "in a container " + mount.inside + " is " + mount.outside + " of this machine, and " + path +
                      " cannot be at its own place",
                  path == manifest ? "move it to /etc/vgpu-run/manifest.d" : "install the library elsewhere"));
      return;
    }
    add({path, path});
  }

  void add(Mount mount) {
    const auto covers = [&](const Mount& one) { return is_in(mount.inside, one.inside); };
    if (std::any_of(mounts_.begin(), mounts_.end(), covers)) return;
    std::erase_if(mounts_, [&](const Mount& one) { return is_in(one.inside, mount.inside); });
    mounts_.push_back(std::move(mount));
  }

  const os::Machine& machine_;
  const plan::Manifest& manifest_;
  const std::string& launcher_;
  const std::string share_;
  const std::string prefix_;
  std::vector<Mount> mounts_;
  plan::Problems problems_;
};

}  // namespace

plan::Result<std::vector<Mount>> container_tree(const os::Machine& machine, const plan::Manifest& manifest,
                                                const std::string& launcher) {
  return Tree(machine, manifest, launcher).make();
}

}  // namespace vgpu::cdi
