#include "launcher/plan/preflight.h"

#include <algorithm>
#include <optional>
#include <set>

#include "launcher/plan/joined.h"
#include "launcher/plan/library_search.h"
#include "launcher/plan/preflight_library.h"
#include "launcher/plan/preflight_needs.h"

namespace vgpu::plan {
namespace {

// Errors that say "it would run, but without its shims": what --allow-unshimmed is about.
bool is_about_carrying(Code code) {
  switch (code) {
    case Code::target_static:
    case Code::target_secure:
    case Code::target_other_libc:
    case Code::target_wrong_class:
    case Code::shim_missing:
    case Code::shim_is_directory:
    case Code::shim_unreadable:
    case Code::shim_untrusted:
    case Code::shim_not_elf:
    case Code::shim_not_shared_object:
    case Code::shim_wrong_class:
    case Code::shim_wrong_machine:
    case Code::shim_wrong_libc:
    case Code::shim_needs_library:
    case Code::shim_needs_newer_glibc:
    case Code::shim_lacks_soname:
    case Code::shim_lacks_version:
    case Code::shim_noexec_mount: return true;
    default: return false;
  }
}

bool is_about_the_targets_shims(Code code) {
  return code == Code::target_static || code == Code::target_secure || code == Code::target_static_cudart;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

class Preflight {
 public:
  Preflight(const os::Machine& machine, Plan& plan, Seal seal) : machine_(machine), plan_(plan), seal_(seal) {}

  bool run() {
    judge_target();
    inspect();
    std::set<std::string> loaded;
    for (const auto& place : facts_) {
      for (const LibraryFacts& library : place) {
        if (!library.soname.empty()) loaded.insert(library.soname);
      }
    }
    NeedsCheck needs(machine_, plan_.target, plan_.library_path, std::move(loaded));
    for (std::size_t i = 0; i < plan_.places.size(); ++i) {
      const std::size_t before = found_[i].size();
      check_place(plan_.places[i], facts_[i], found_[i]);
      if (found_[i].size() != before || !mismatch(i).empty()) continue;  // one cause is enough
      if (plan_.target.elf_class == 0 || plan_.target.is_static) continue;
      for (const LibraryFacts& library : facts_[i]) needs.check(library, found_[i]);
    }
    return conclude();
  }

 private:
  const Shim* shim_of(const Place& place) const {
    if (place.foreign) return nullptr;
    const auto found = std::find_if(plan_.manifest.shims.begin(), plan_.manifest.shims.end(),
                                    [&](const Shim& shim) { return shim.name == place.name; });
    return found == plan_.manifest.shims.end() ? nullptr : &*found;
  }

  // What inspect_target found weighs differently by scope, and nothing where no shim is wanted.
  void judge_target() {
    const bool wanted =
        std::any_of(plan_.places.begin(), plan_.places.end(), [](const Place& place) { return !place.foreign; });
    const bool in_namespace = plan_.scope == "namespace";
    std::erase_if(plan_.problems, [&](const Problem& problem) {
      if (!wanted) return is_about_the_targets_shims(problem.code);
      return in_namespace && problem.code == Code::target_secure;  // /etc/ld.so.preload counts for AT_SECURE as well
    });
    for (Problem& problem : plan_.problems) {
      if (in_namespace && problem.code == Code::target_static) {
        problem.severity = Severity::warning;
        problem.fix = "nothing, if only the programs that it starts use the GPU";
      }
    }
  }

  void inspect() {
    for (const Place& place : plan_.places) {
      Problems problems;
      std::vector<LibraryFacts> facts;
      for (const std::string& library : place.libraries) {
        std::string path = library;
        if (place.foreign && (path.find('/') == std::string::npos || path.find('$') != std::string::npos)) {
          path = find_preload(machine_, plan_.target, plan_.library_path, library).value_or("");
          if (path.empty()) {
            problems.push_back({Code::shim_missing,
                                Severity::error,
                                library,
                                "it is nowhere that ld.so looks",
                                "remove it from LD_PRELOAD, or give its path",
                                {}});
            continue;
          }
        }
        auto known = inspect_library(machine_, path, place.foreign ? Trust::foreign : Trust::ours, seal_, problems);
        if (known) facts.push_back(std::move(*known));
      }
      facts_.push_back(std::move(facts));
      found_.push_back(std::move(problems));
    }
  }

  bool runs_nowhere_here() const {
    return std::any_of(plan_.problems.begin(), plan_.problems.end(),
                       [](const Problem& problem) { return problem.code == Code::target_wrong_machine; });
  }

  // Why the shim and the target do not fit although each is what it should be: "", "class" or "libc". Said
  // once for all shims, about the target.
  std::string mismatch(std::size_t i) const {
    const Shim* shim = shim_of(plan_.places[i]);
    if (shim == nullptr || plan_.target.elf_class == 0) return {};
    for (const LibraryFacts& library : facts_[i]) {
      if (library.elf_class != plan_.target.elf_class && library.elf_class == shim->abi.elf_class) return "class";
      if (library.libc == "glibc" && plan_.target.libc == "musl" && shim->abi.libc == "glibc") return "libc";
    }
    return {};
  }

  void check_place(const Place& place, const std::vector<LibraryFacts>& libraries, Problems& problems) const {
    const Target& target = plan_.target;
    const Shim* shim = shim_of(place);
    // Of a program that cannot run here it is said once, not for each shim.
    const bool known_target = target.elf_class != 0 && !runs_nowhere_here();
    const std::size_t before = problems.size();
    for (const LibraryFacts& library : libraries) {
      const auto add = [&](Code code, std::string cause, std::string fix) {
        problems.push_back({code, Severity::error, library.path, std::move(cause), std::move(fix), {}});
      };
      const std::string kind = std::to_string(library.elf_class) + "-bit";
      if (shim != nullptr && library.elf_class != shim->abi.elf_class) {
        add(Code::shim_wrong_class,
            "it is a " + kind + " library and the manifest says " + std::to_string(shim->abi.elf_class) + "-bit",
            "install the " + std::to_string(shim->abi.elf_class) + "-bit build, or correct \"abi\" in the manifest");
      } else if (shim != nullptr && library.machine != shim->abi.machine) {
        add(Code::shim_wrong_machine,
            "it is a library for " + library.machine + " and the manifest says " + shim->abi.machine,
            "install the build for " + shim->abi.machine + ", or correct \"abi\" in the manifest");
      } else if (shim == nullptr && known_target && library.elf_class != target.elf_class) {
        add(Code::shim_wrong_class,
            "it is a " + kind + " library and the target is a " + std::to_string(target.elf_class) +
                "-bit program: ld.so passes it over",
            "preload the " + std::to_string(target.elf_class) + "-bit build, or remove it from LD_PRELOAD");
      } else if (known_target && library.elf_class == target.elf_class && library.machine != target.machine) {
        add(Code::shim_wrong_machine,
            "it is a library for " + library.machine + " and the target is a program for " + target.machine,
            "install the build for " + target.machine);
      } else if (!library.libc.empty() && !target.libc.empty() && library.libc != target.libc &&
                 !(shim != nullptr && shim->abi.libc == "glibc" && library.libc == "glibc" && target.libc == "musl")) {
        add(Code::shim_wrong_libc, "it needs " + library.libc + " and the target runs on " + target.libc,
            "build it for " + target.libc + ", or freestanding");
      }
    }
    if (shim == nullptr || problems.size() != before || libraries.size() != place.libraries.size()) return;
    check_promises(*shim, libraries, problems);
  }

  // The SONAMEs and version nodes that the manifest promises: without them the dynamic linker loads the real
  // library beside the shim, or passes the shim by.
  static void check_promises(const Shim& shim, const std::vector<LibraryFacts>& libraries, Problems& problems) {
    if (libraries.empty()) return;
    for (const Soname& promised : shim.sonames) {
      const auto library = std::find_if(libraries.begin(), libraries.end(),
                                        [&](const LibraryFacts& facts) { return facts.soname == promised.name; });
      if (library == libraries.end()) {
        const std::string& has = libraries.front().soname;
        problems.push_back({Code::shim_lacks_soname,
                            Severity::error,
                            libraries.front().path,
                            (has.empty() ? "it has no SONAME" : "its SONAME is " + has) +
                                ", and the manifest says that it stands for " + promised.name,
                            "link it with -Wl,-soname," + promised.name + ", or correct \"sonames\" in the manifest",
                            {}});
        continue;
      }
      for (const std::string& version : promised.versions) {
        if (std::find(library->defines.begin(), library->defines.end(), version) != library->defines.end()) continue;
        problems.push_back({Code::shim_lacks_version,
                            Severity::error,
                            library->path,
                            "it has no version node " + version + ", so that programs linked against the real " +
                                promised.name + " pass it by",
                            "link it with a version script that has the node " + version,
                            {}});
      }
    }
  }

  bool conclude() {
    const bool lenient = plan_.request.allow_unshimmed;
    std::vector<std::string> by_class;
    std::vector<std::string> by_libc;
    bool class_is_error = false;
    bool libc_is_error = false;
    std::vector<Place> kept;
    for (std::size_t i = 0; i < plan_.places.size(); ++i) {
      Place& place = plan_.places[i];
      const Shim* shim = shim_of(place);
      const bool required = !place.foreign && (shim == nullptr || shim->required);
      const std::string why = mismatch(i);
      if (why == "class") {
        by_class.push_back(place.name);
        class_is_error |= required;
      } else if (why == "libc") {
        by_libc.push_back(place.name);
        libc_is_error |= required;
      }
      const bool loads = found_[i].empty() && why.empty();
      for (Problem& problem : found_[i]) {
        if (!required || lenient) problem.severity = Severity::warning;
        plan_.problems.push_back(std::move(problem));
      }
      if (loads || place.foreign || (required && !lenient)) kept.push_back(std::move(place));
    }
    const Target& target = plan_.target;
    if (!by_class.empty()) {
      plan_.problems.push_back({Code::target_wrong_class,
                                class_is_error && !lenient ? Severity::error : Severity::warning,
                                target.program,
                                "it is a " + std::to_string(target.elf_class) +
                                    "-bit program, and of another class than " + listed(by_class) +
                                    ": ld.so passes those over with one line on stderr",
                                "use the program's " + std::string(target.elf_class == 32 ? "64" : "32") +
                                    "-bit build, or shims of its class",
                                {}});
    }
    if (!by_libc.empty()) {
      plan_.problems.push_back(
          {Code::target_other_libc,
           libc_is_error && !lenient ? Severity::error : Severity::warning,
           target.program,
           "it runs on musl, and " + listed(by_libc) + " need" + (by_libc.size() == 1 ? "s" : "") +
               " glibc: musl cannot relocate them and would end it with status 127",
           "use the program's build for glibc (an image that is not Alpine), or run it with --without " +
               joined(by_libc, ","),
           {}});
    }
    if (lenient) {
      for (Problem& problem : plan_.problems) {
        if (is_about_carrying(problem.code)) problem.severity = Severity::warning;
      }
    }
    const bool changed = kept.size() != plan_.places.size();
    plan_.places = std::move(kept);
    return changed;
  }

  const os::Machine& machine_;
  Plan& plan_;
  Seal seal_;
  std::vector<std::vector<LibraryFacts>> facts_;  // by place
  std::vector<Problems> found_;                   // by place
};

}  // namespace

bool preflight(const os::Machine& machine, Plan& plan, Seal seal) { return Preflight(machine, plan, seal).run(); }

}  // namespace vgpu::plan
