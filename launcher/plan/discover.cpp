#include "launcher/plan/discover.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "launcher/plan/json_document.h"
#include "launcher/plan/manifest_reader.h"
#include "launcher/plan/merge.h"
#include "launcher/plan/trust.h"

namespace vgpu::plan {
namespace {

constexpr const char* kSystemDirectories[] = {"/usr/share/vgpu-run/manifest.d", "/etc/vgpu-run/manifest.d"};

std::string parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string environment_value(const os::Machine& machine, std::string_view name) {
  for (const std::string& entry : machine.environment()) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) {
      return entry.substr(name.size() + 1);
    }
  }
  return {};
}

// XDG Base Directory Specification: an empty or relative value counts as unset.
std::string user_directory(const os::Machine& machine) {
  if (machine.credentials().secure) return {};
  const std::string config = environment_value(machine, "XDG_CONFIG_HOME");
  if (config.starts_with('/')) return config + "/vgpu-run/manifest.d";
  const std::string home = environment_value(machine, "HOME");
  return home.starts_with('/') ? home + "/.config/vgpu-run/manifest.d" : std::string();
}

Problem unreadable(const os::Errno& error, const std::string& path) {
  if (error.value == EFBIG) {
    return {.code = Code::manifest_too_large,
            .where = path,
            .cause = "larger than " + std::to_string(JsonDocument::kMaxText) + " bytes",
            .fix = "split it into several files in manifest.d",
            .excerpt = {}};
  }
  return {.code = Code::manifest_unreadable,
          .where = path,
          .cause = std::strerror(error.value),
          .fix = error.value == EACCES ? "give us the right to read it: chmod a+r '" + path + "'"
                 : error.value == EISDIR ? "name a file; drop-in files belong into a manifest.d directory"
                                         : "check the path",
          .excerpt = {}};
}

// An empty drop-in is a fate, not an error: it masks the file of its name in an earlier directory.
Result<Manifest> read_file(const os::Machine& machine, const std::string& path, bool may_be_empty) {
  if (Problems problems = check_trust(machine, path); !problems.empty()) {
    return problems;
  }
  const os::Result<std::string> text = machine.read(path, JsonDocument::kMaxText);
  if (!text) return Problems{unreadable(text.error(), path)};
  if (may_be_empty && text->empty()) {
    Manifest nothing;
    nothing.files.push_back({path, ManifestFile::Fate::disabled, {}});
    return nothing;
  }
  return read_manifest(*text, path);
}

struct DropIns {
  std::map<std::string, std::string> files;  // file name -> the path that counts; std::map sorts as strcmp
  std::vector<ManifestFile> masked;
};

// A directory that is not there says nothing; one that cannot be read might hide a mask, so that is an error.
Result<DropIns> find_drop_ins(const os::Machine& machine) {
  DropIns found;
  std::vector<std::string> directories(std::begin(kSystemDirectories), std::end(kSystemDirectories));
  if (std::string user = user_directory(machine); !user.empty()) directories.push_back(std::move(user));
  for (const std::string& directory : directories) {
    const os::Result<std::vector<std::string>> names = machine.list(directory);
    if (!names && (names.error().value == ENOENT || names.error().value == ENOTDIR)) continue;
    if (!names) return Problems{unreadable(names.error(), directory)};
    for (const std::string& name : *names) {
      if (!name.ends_with(".json") || name.starts_with('.')) continue;
      const std::string path = directory + "/" + name;
      std::string& place = found.files[name];
      if (!place.empty()) found.masked.push_back({place, ManifestFile::Fate::masked, path});
      place = path;
    }
  }
  return found;
}

Result<Manifest> load_search_path(const os::Machine& machine) {
  Result<Manifest> manifest = read_file(machine, share_directory(machine) + "/manifest.json", false);
  Result<DropIns> found = find_drop_ins(machine);
  Problems problems;
  if (!manifest) problems = manifest.error();
  if (!found) problems.insert(problems.end(), found.error().begin(), found.error().end());
  if (!problems.empty()) return problems;
  for (const auto& [name, path] : found->files) {
    Result<Manifest> file = read_file(machine, path, true);
    if (file) {
      merge(*manifest, std::move(*file));
    } else {
      problems.insert(problems.end(), file.error().begin(), file.error().end());
    }
  }
  if (!problems.empty()) return problems;
  manifest->files.insert(manifest->files.end(), found->masked.begin(), found->masked.end());
  return manifest;
}

}  // namespace

Problems check_trust(const os::Machine& machine, const std::string& path) {
  constexpr std::uint32_t kSticky = 01000;
  const os::Credentials credentials = machine.credentials();
  if (credentials.euid != 0) return {};
  const auto complaint = [&](const std::string& where, const std::string& why) {
    return Problems{{.code = Code::manifest_untrusted,
                     .where = path,
                     .cause = where == path ? why : "its directory " + why,
                     .fix = "if you trust it: chown root '" + where + "' && chmod go-w '" + where + "'",
                     .excerpt = {}}};
  };
  const os::Result<os::FileStatus> file = machine.status(path);
  if (!file || file->kind != os::FileStatus::Kind::regular) return {};  // reading it says what is wrong
  if (const std::string why = distrust(*file, credentials); !why.empty()) return complaint(path, why);
  const os::Result<os::FileStatus> directory = machine.status(parent(path));
  if (!directory || (directory->mode & kSticky) != 0) return {};
  if (const std::string why = distrust(*directory, credentials); !why.empty()) return complaint(parent(path), why);
  return {};
}

std::string share_directory(const os::Machine& machine) {
  return absolute_path(parent(machine.own_executable()), "../share/vgpu-run");
}

Result<Manifest> load_manifest(const os::Machine& machine, const std::string& explicit_manifest, Problems& warnings) {
  const std::string explicit_path =
      explicit_manifest.empty() || explicit_manifest.starts_with('/')
          ? explicit_manifest
          : absolute_path(machine.working_directory(), explicit_manifest);
  Result<Manifest> manifest =
      explicit_path.empty() ? load_search_path(machine) : read_file(machine, explicit_path, false);
  if (!manifest) return manifest;
  if (Result<void> whole = complete(*manifest, warnings); !whole) return whole.error();
  return manifest;
}

}  // namespace vgpu::plan
