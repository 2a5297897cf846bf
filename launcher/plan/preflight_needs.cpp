#include "launcher/plan/preflight_needs.h"

#include <algorithm>
#include <deque>

#include "launcher/plan/library_search.h"

namespace vgpu::plan {
namespace {

// What every glibc since RHEL 7 and Debian 8 has. A library that needs no more is not asked about: finding
// the target's libc costs a dozen system calls, and all of our own shims stay below.
constexpr std::string_view kEverywhere = "2.17";
constexpr std::size_t kMaxLibraries = 256;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// The libraries that come with the dynamic linker itself: where that is, these are.
bool comes_with_libc(const std::string& name, const std::string& libc) {
  if (libc == "musl") return name == "libc.so" || name.starts_with("libc.musl-") || name.starts_with("ld-musl-");
  static constexpr std::string_view names[] = {"libc.so.6",  "libm.so.6",    "libdl.so.2",     "libpthread.so.0",
                                               "librt.so.1", "libutil.so.1", "libresolv.so.2", "libanl.so.1"};
  return name.starts_with("ld-linux") || std::find(std::begin(names), std::end(names), name) != std::end(names);
}

SearchPath search_for(const Target& target) {
  SearchPath path;
  path.elf_class = target.elf_class;
  path.machine = target.machine;
  path.libc = target.libc == "musl" ? "musl" : "glibc";
  return path;
}

// DT_RPATH and DT_RUNPATH, unlike LD_LIBRARY_PATH, are separated by ':' only.
std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> entries;
  for (std::size_t begin = 0; !list.empty() && begin <= list.size();) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    entries.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return entries;
}

}  // namespace

std::string find_target_glibc(const os::Machine& machine, const Target& target,
                              const std::vector<std::string>& library_path) {
  if (target.libc != "glibc") return {};
  std::vector<std::string> candidates;
  SearchPath path = search_for(target);
  path.library_path = library_path;
  if (const auto found = find_library(machine, "libc.so.6", path)) candidates.push_back(*found);
  // An ld.so outside the usual places (Nix, Guix, a bundled one) searches its own directory instead.
  const std::string linker = target.interpreter.empty() ? target.program : target.interpreter;
  if (const auto real = machine.real_path(linker); real.has_value()) {
    candidates.insert(candidates.begin(), directory_of(*real) + "/libc.so.6");
  }
  for (const std::string& candidate : candidates) {
    const auto view = machine.view(candidate);
    if (view.has_error()) continue;
    const auto elf = os::read_elf((*view)->bytes());
    if (elf.has_value() && elf->elf_class == target.elf_class && elf->machine == target.machine) {
      if (std::string version = os::offered_glibc(*elf); !version.empty()) return version;
    }
  }
  return {};
}

const std::string& NeedsCheck::target_glibc() {
  if (!asked_glibc_ && target_.glibc.empty()) target_.glibc = find_target_glibc(machine_, target_, library_path_);
  asked_glibc_ = true;
  return target_.glibc;
}

// ld.so goes through the DT_RPATH of everything in the chain from the asking library up to the program.
const std::vector<std::string>& NeedsCheck::program_rpath() {
  if (!program_rpath_) {
    program_rpath_.emplace();
    if (const auto view = machine_.view(target_.program); view.has_value()) {
      const auto elf = os::read_elf((*view)->bytes());
      if (elf.has_value() && elf->runpath.empty()) {
        for (std::string entry : split(elf->rpath)) {
          for (const std::string token : {"$ORIGIN", "${ORIGIN}"}) {
            if (const std::size_t at = entry.find(token); at != std::string::npos) {
              entry.replace(at, token.size(), directory_of(target_.program));
            }
          }
          program_rpath_->push_back(std::move(entry));
        }
      }
    }
  }
  return *program_rpath_;
}

bool NeedsCheck::check_glibc(const LibraryFacts& library, const std::string& shim, Problems& problems) {
  if (library.newest_glibc.empty() || os::compare_versions(library.newest_glibc, kEverywhere) <= 0) return true;
  const std::string& offered = target_glibc();
  if (offered.empty() || os::compare_versions(library.newest_glibc, offered) <= 0) return true;
  const std::string who = library.path == shim ? "it" : "its library " + library.path;
  problems.push_back({Code::shim_needs_newer_glibc,
                      Severity::error,
                      shim,
                      who + " needs GLIBC_" + library.newest_glibc + " and the target has glibc " + offered,
                      "build it on a system with glibc " + offered + " or older, or use a newer system (image)",
                      {}});
  return false;
}

bool NeedsCheck::check_versions(const LibraryFacts& library, const std::string& needed, const LibraryFacts& found,
                                const std::string& shim, Problems& problems) {
  for (const os::VersionNeed& need : library.needs) {
    // A library without any version node satisfies every one, with a warning (elf/dl-version.c).
    if (need.library != needed || found.defines.empty()) continue;
    for (const std::string& version : need.versions) {
      if (std::find(found.defines.begin(), found.defines.end(), version) != found.defines.end()) continue;
      const std::string who = library.path == shim ? "it" : "its library " + library.path;
      problems.push_back(
          {Code::shim_needs_library,
           Severity::error,
           shim,
           who + " needs version " + version + " of " + needed + ", and " + found.path + " does not have it",
           "install a newer " + needed + ", or build the library on this system",
           {}});
      return false;
    }
  }
  return true;
}

std::optional<std::string> NeedsCheck::find(const LibraryFacts& library, const std::string& needed) {
  SearchPath path = search_for(target_);
  path.origin = directory_of(library.path);
  path.rpath = split(library.rpath);
  path.runpath = split(library.runpath);
  path.library_path = library_path_;
  if (path.runpath.empty()) {
    for (const std::string& entry : program_rpath()) path.rpath.push_back(entry);
  }
  return find_library(machine_, needed, path);
}

void NeedsCheck::check(const LibraryFacts& library, Problems& problems) {
  const std::string& shim = library.path;
  std::deque<LibraryFacts> todo{library};
  std::set<std::string> seen;
  while (!todo.empty() && seen.size() < kMaxLibraries) {
    const LibraryFacts current = std::move(todo.front());
    todo.pop_front();
    if (!check_glibc(current, shim, problems)) return;
    for (const std::string& needed : current.needed) {
      if (loaded_.contains(needed) || comes_with_libc(needed, target_.libc) || !seen.insert(needed).second) continue;
      const auto path = find(current, needed);
      if (!path) {
        const std::string who = current.path == shim ? "it" : "its library " + current.path;
        problems.push_back(
            {Code::shim_needs_library,
             Severity::error,
             shim,
             who + " needs " + needed + ", which is nowhere that ld.so looks; the target would die with status 127",
             "install " + needed + ", or add its directory to library_path in the profile",
             {}});
        return;
      }
      const auto view = machine_.view(*path);
      if (view.has_error()) continue;
      const auto elf = os::read_elf((*view)->bytes());
      if (elf.has_error()) continue;
      LibraryFacts found = library_facts(*path, *elf);
      if (!check_versions(current, needed, found, shim, problems)) return;
      todo.push_back(std::move(found));
    }
  }
}

}  // namespace vgpu::plan
