#include "launcher/plan/library_search.h"

#include <algorithm>

#include "launcher/plan/ld_cache.h"

namespace vgpu::plan {
namespace {

constexpr char kCache[] = "/etc/ld.so.cache";

// Directories that the dynamic linkers of Debian ("multiarch"), of Fedora and SUSE (lib64) and of Arch and
// Alpine (lib) are built with, together: which of them an ld.so was built with cannot be read from it, and a
// directory of another distribution's layout does not exist or holds files of another class, which are
// skipped.
std::vector<std::string> default_directories(const SearchPath& path) {
  if (path.libc == "musl") return {"/lib", "/usr/local/lib", "/usr/lib"};
  std::string triplet;
  if (path.machine == "x86_64") triplet = path.elf_class == 64 ? "x86_64-linux-gnu" : "x86_64-linux-gnux32";
  if (path.machine == "i386") triplet = "i386-linux-gnu";
  if (path.machine == "aarch64") triplet = "aarch64-linux-gnu";
  std::vector<std::string> directories;
  if (!triplet.empty()) directories = {"/lib/" + triplet, "/usr/lib/" + triplet};
  const std::string suffix = path.elf_class == 64 ? "64" : "32";
  for (const std::string& lib : {"lib" + suffix, std::string("lib")}) {
    directories.push_back("/" + lib);
    directories.push_back("/usr/" + lib);
  }
  return directories;
}

// What $LIB may stand for: it depends on how that ld.so was built, so all of them are tried.
std::vector<std::string> lib_names(const SearchPath& path) {
  if (path.machine == "x86_64" && path.elf_class == 64) return {"lib/x86_64-linux-gnu", "lib64", "lib"};
  if (path.machine == "i386") return {"lib32", "lib/i386-linux-gnu", "lib"};
  if (path.machine == "aarch64") return {"lib/aarch64-linux-gnu", "lib64", "lib"};
  return {"lib64", "lib"};
}

// AT_PLATFORM as glibc gives it: the machine, or "haswell" and "xeon_phi" on x86-64 that has it.
std::vector<std::string> platform_names(const SearchPath& path) {
  if (path.machine == "x86_64") return {"haswell", "xeon_phi", "x86_64"};
  if (path.machine == "i386") return {"i686", "i586", "i386"};
  return {path.machine};
}

// Replaces every $NAME and ${NAME} of `text`. Like ld.so, a longer name ($ORIGINAL) is not a token.
bool replace_token(std::string& text, std::string_view name, std::string_view value) {
  bool found = false;
  for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', at + 1)) {
    std::size_t length = 0;
    const std::string braced = "${" + std::string(name) + "}";
    if (text.compare(at, braced.size(), braced) == 0) {
      length = braced.size();
    } else if (text.compare(at + 1, name.size(), name) == 0) {
      const std::size_t next = at + 1 + name.size();
      const bool longer =
          next < text.size() && (std::isalnum(static_cast<unsigned char>(text[next])) || text[next] == '_');
      if (!longer) length = 1 + name.size();
    }
    if (length == 0) continue;
    text.replace(at, length, value);
    found = true;
    at += value.size() - 1;  // the search goes on behind the value (an empty one at 0 wraps to 0 again)
  }
  return found;
}

void expand(const std::string& entry, const SearchPath& path, std::vector<std::string>& out) {
  std::string text = entry;
  replace_token(text, "ORIGIN", path.origin);
  std::vector<std::string> with_lib;
  for (const std::string& lib : lib_names(path)) {
    std::string candidate = text;
    const bool found = replace_token(candidate, "LIB", lib);
    with_lib.push_back(std::move(candidate));
    if (!found) break;
  }
  for (const std::string& candidate : with_lib) {
    for (const std::string& platform : platform_names(path)) {
      std::string directory = candidate;
      const bool found = replace_token(directory, "PLATFORM", platform);
      out.push_back(std::move(directory));
      if (!found) break;
    }
  }
}

// Whether the file is there and ld.so would take it in this search: another class or machine is passed over
// in silence, everything else that is wrong with it is an error there and then.
bool fits(const os::Machine& machine, const std::string& file, const SearchPath& path) {
  const auto view = machine.view(file);
  if (view.has_error()) return false;
  const auto elf = os::read_elf((*view)->bytes());
  if (elf.has_error()) return false;
  return elf->elf_class == path.elf_class && elf->machine == path.machine;
}

std::string joined(const std::string& directory, const std::string& name) {
  if (directory.empty()) return name;  // the working directory
  return directory.back() == '/' ? directory + name : directory + "/" + name;
}

}  // namespace

std::vector<std::string> split_library_path(std::string_view value) {
  std::vector<std::string> entries;
  if (value.empty()) return entries;
  std::size_t begin = 0;
  while (begin <= value.size()) {
    const std::size_t end = std::min(value.find_first_of(":;", begin), value.size());
    entries.emplace_back(value.substr(begin, end - begin));
    begin = end + 1;
  }
  return entries;
}

std::optional<std::string> find_library(const os::Machine& machine, const std::string& soname, const SearchPath& path) {
  if (soname.find('/') != std::string::npos) {
    std::vector<std::string> candidates;
    expand(soname, path, candidates);
    for (const std::string& candidate : candidates) {
      if (fits(machine, candidate, path)) return candidate;
    }
    return std::nullopt;
  }
  std::vector<std::string> directories;
  // musl looks into LD_LIBRARY_PATH first and treats both kinds of run path alike, behind it.
  const bool musl = path.libc == "musl";
  const auto add = [&](const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) expand(entry, path, directories);
  };
  if (musl) {
    add(path.library_path);
    add(path.runpath.empty() ? path.rpath : path.runpath);
  } else {
    if (path.runpath.empty()) add(path.rpath);
    add(path.library_path);
    add(path.runpath);
  }
  for (const std::string& directory : directories) {
    const std::string file = joined(directory, soname);
    if (fits(machine, file, path)) return file;
  }
  if (path.cache && !musl) {
    if (const auto cache = machine.view(kCache); cache.has_value()) {
      for (const std::string& file : ld_cache_paths((*cache)->bytes(), soname, path.elf_class, path.machine)) {
        if (fits(machine, file, path)) return file;
      }
    }
  }
  if (path.default_directories) {
    std::vector<std::string> defaults = default_directories(path);
    if (musl) {
      if (const auto text = machine.read("/etc/ld-musl-" + path.machine + ".path", 65536); text.has_value()) {
        defaults.clear();
        std::size_t begin = 0;
        while (begin < text->size()) {
          const std::size_t end = std::min(text->find_first_of(":\n", begin), text->size());
          if (end > begin) defaults.push_back(text->substr(begin, end - begin));
          begin = end + 1;
        }
      }
    }
    for (const std::string& directory : defaults) {
      const std::string file = joined(directory, soname);
      if (fits(machine, file, path)) return file;
    }
  }
  return std::nullopt;
}

namespace {

SearchPath search_for(const Target& target, const std::vector<std::string>& library_path) {
  SearchPath path;
  path.library_path = library_path;
  if (target.elf_class != 0) {
    path.elf_class = target.elf_class;
    path.machine = target.machine;
  }
  path.libc = target.libc;
  const std::size_t slash = target.program.rfind('/');
  if (slash != std::string::npos) path.origin = target.program.substr(0, slash);
  return path;
}

}  // namespace

std::optional<std::string> find_preload(const os::Machine& machine, const Target& target,
                                        const std::vector<std::string>& library_path, const std::string& entry) {
  return find_library(machine, entry, search_for(target, library_path));
}

std::vector<std::string> system_libraries(const os::Machine& machine, const Target& target,
                                          const std::vector<std::string>& sonames,
                                          const std::vector<std::string>& not_in) {
  SearchPath path = search_for(target, {});
  std::unique_ptr<os::FileView> cache;
  if (path.libc != "musl") {
    if (auto view = machine.view(kCache)) cache = std::move(*view);
  }
  path.cache = false;
  path.default_directories = cache == nullptr;
  std::vector<std::string> found;
  for (const std::string& soname : sonames) {
    std::vector<std::string> files;
    if (cache != nullptr) files = ld_cache_paths(cache->bytes(), soname, path.elf_class, path.machine);
    const auto counts = [&](const std::string& file) {
      const std::string directory = file.substr(0, file.rfind('/'));
      return std::find(not_in.begin(), not_in.end(), directory) == not_in.end() && machine.status(file).has_value();
    };
    if (std::any_of(files.begin(), files.end(), counts) || find_library(machine, soname, path)) {
      found.push_back(soname);
    }
  }
  return found;
}

}  // namespace vgpu::plan
