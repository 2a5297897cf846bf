#include "launcher/doctor/link_closure.h"

#include <algorithm>
#include <set>

#include "launcher/plan/library_search.h"

namespace vgpu::doctor {
namespace {

constexpr std::size_t kMostObjects = 512;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> entries;
  for (std::size_t begin = 0; !list.empty() && begin <= list.size();) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    entries.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return entries;
}

class Linker {
 public:
  Linker(const os::Machine& machine, const plan::Plan& plan) : machine_(machine), plan_(plan) {}

  LinkClosure run(const std::vector<std::string>& preload_file) {
    const plan::Target& target = plan_.target;
    if (target.program.empty() || target.is_static || target.libc != "glibc") return {};
    if (!map(target.program, target.program, Route::program, 0)) return {};
    for (const std::string& entry : plan_.preload) preload(entry, Route::preload);
    for (const std::string& entry : preload_file) preload(entry, Route::preload_file);
    for (std::size_t i = 0; i < closure_.objects.size(); ++i) {
      const std::vector<std::string> needed = closure_.objects[i].elf.needed;  // map() moves the objects
      for (const std::string& name : needed) need(name, i);
    }
    return std::move(closure_);
  }

 private:
  plan::SearchPath search(const std::string& origin) const {
    plan::SearchPath path;
    path.elf_class = plan_.target.elf_class;
    path.machine = plan_.target.machine;
    path.libc = "glibc";
    path.origin = directory_of(origin);
    return path;
  }

  void preload(const std::string& entry, Route route) {
    const auto path = plan::find_preload(machine_, plan_.target, plan_.library_path, entry);
    if (path) map(*path, entry, route, 0);
  }

  bool is_loaded(const std::string& name) const {
    return std::any_of(closure_.objects.begin() + 1, closure_.objects.end(), [&](const LinkedObject& one) {
      return one.elf.soname == name || one.name == name || one.path == name;
    });
  }

  void need(const std::string& name, std::size_t parent) {
    if (is_loaded(name)) return;
    if (closure_.objects.size() >= kMostObjects) {
      closure_.complete = false;
      return;
    }
    const LinkedObject& asker = closure_.objects[parent];
    if (name.find('/') != std::string::npos) {
      const auto path = plan::find_library(machine_, name, search(asker.path));
      if (!path || !map(*path, name, Route::path, parent)) closure_.missing.push_back({name, parent});
      return;
    }
    // One kind of directories after the other, to know which of them it was.
    if (asker.elf.runpath.empty()) {
      for (std::size_t owner = parent;; owner = closure_.objects[owner].parent) {
        const LinkedObject& one = closure_.objects[owner];
        if (one.elf.runpath.empty() && !one.elf.rpath.empty() &&
            try_in(split(one.elf.rpath), one.path, name, Route::rpath, parent, owner))
          return;
        if (owner == 0) break;
      }
    }
    if (try_in(plan_.library_path, asker.path, name, Route::library_path, parent, 0)) return;
    if (try_in(split(closure_.objects[parent].elf.runpath), closure_.objects[parent].path, name, Route::runpath, parent,
               0))
      return;
    const auto path = plan::find_library(machine_, name, search(closure_.objects[parent].path));
    if (!path || !map(*path, name, Route::system, parent)) closure_.missing.push_back({name, parent});
  }

  bool try_in(const std::vector<std::string>& directories, const std::string& origin, const std::string& name,
              Route route, std::size_t parent, std::size_t owner) {
    if (directories.empty()) return false;
    plan::SearchPath path = search(origin);
    path.library_path = directories;
    path.cache = false;
    path.default_directories = false;
    const auto found = plan::find_library(machine_, name, path);
    if (!found || !map(*found, name, route, parent)) return false;
    if (route == Route::rpath && closure_.objects.back().path == *found) closure_.objects.back().rpath_owner = owner;
    return true;
  }

  // The same file by another name is the same library.
  bool map(const std::string& path, const std::string& name, Route route, std::size_t parent) {
    auto view = machine_.view(path);
    const auto status = machine_.status(path);
    if (!view || !status) return false;
    auto elf = os::read_elf((*view)->bytes());
    if (!elf) return false;
    if (!seen_.emplace(status->device, status->inode).second) return true;
    closure_.objects.push_back({.path = path,
                                .name = name,
                                .route = route,
                                .parent = parent,
                                .elf = std::move(*elf),
                                .view = std::move(*view)});
    return true;
  }

  const os::Machine& machine_;
  const plan::Plan& plan_;
  LinkClosure closure_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;
};

}  // namespace

std::vector<std::string> run_path(const std::string& list, const std::string& path) {
  std::vector<std::string> directories = split(list);
  for (std::string& directory : directories) {
    for (const std::string token : {"$ORIGIN", "${ORIGIN}"}) {
      if (const std::size_t at = directory.find(token); at != std::string::npos)
        directory.replace(at, token.size(), directory_of(path));
    }
  }
  return directories;
}

LinkClosure link_closure(const os::Machine& machine, const plan::Plan& plan,
                         const std::vector<std::string>& preload_file) {
  return Linker(machine, plan).run(preload_file);
}

}  // namespace vgpu::doctor
