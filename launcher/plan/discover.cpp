#include "launcher/plan/discover.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "launcher/plan/json_document.h"
#include "launcher/plan/manifest_reader.h"
#include "launcher/plan/manifest_trust.h"
#include "launcher/plan/merge.h"

namespace vgpu::plan {
namespace {

constexpr const char* kSystemDirectories[] = {"/usr/share/vgpu-run/manifest.d", "/etc/vgpu-run/manifest.d"};

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
  if (config.starts_with('/')) return absolute_path({}, config) + "/vgpu-run/manifest.d";
  const std::string home = environment_value(machine, "HOME");
  return home.starts_with('/') ? absolute_path(home, ".config/vgpu-run/manifest.d") : std::string();
}

Problem unreadable(const std::string& path, std::string cause, std::string fix) {
  return {.code = Code::manifest_unreadable,
          .where = path,
          .cause = std::move(cause),
          .fix = std::move(fix),
          .excerpt = {}};
}

Problem unreadable(const std::string& path, const os::Errno& error) {
  if (error.value == EFBIG) {
    return {.code = Code::manifest_too_large,
            .where = path,
            .cause = "larger than " + std::to_string(JsonDocument::kMaxText) + " bytes",
            .fix = "split it into several files in manifest.d",
            .excerpt = {}};
  }
  return unreadable(path, std::strerror(error.value),
                    error.value == EACCES   ? "give us the right to read it, and to search the directories above it"
                    : error.value == ENOENT ? "check the path, or install share/vgpu-run beside bin/"
                                            : "check the path");
}

enum class Origin { default_file, drop_in, named };

// A drop-in that says nothing: it masks the file of its name in an earlier directory, and that is no error.
struct Text {
  std::string text;
  bool disabled = false;
};

Result<Text> read_text(const os::Machine& machine, const std::string& path, Origin origin) {
  // Also what spares RealMachine::read a system call.
  const os::Result<os::FileStatus> status = machine.status(path);
  if (!status) return Problems{unreadable(path, status.error())};
  if (status->kind == os::FileStatus::Kind::directory) {
    return Problems{
        unreadable(path, "it is a directory", "name a file; drop-in files belong into a manifest.d directory")};
  }
  if (status->kind != os::FileStatus::Kind::regular) {
    const os::Result<std::string> real = machine.real_path(path);
    if (origin == Origin::drop_in && real && *real == "/dev/null") return Text{.text = {}, .disabled = true};
    return Problems{unreadable(path, "it is not a regular file", "copy the manifest into a file")};
  }
  Problems distrusted = check_trust(machine, path, *status, origin != Origin::default_file);
  if (!distrusted.empty()) return distrusted;
  os::Result<std::string> text = machine.read(path, JsonDocument::kMaxText);
  if (!text) return Problems{unreadable(path, text.error())};
  const bool disabled = origin == Origin::drop_in && text->empty();
  return Text{.text = std::move(*text), .disabled = disabled};
}

Result<Manifest> read_file(const os::Machine& machine, const std::string& path, Origin origin) {
  const Result<Text> file = read_text(machine, path, origin);
  if (!file) return file.error();
  if (!file->disabled) return read_manifest(file->text, path);
  Manifest nothing;
  nothing.files.push_back({path, ManifestFile::Fate::disabled, {}});
  return nothing;
}

struct DropIns {
  std::map<std::string, std::string> files;  // file name -> the path that counts; std::map sorts as strcmp
  std::vector<ManifestFile> masked;
};

// A directory that is not there says nothing. One that cannot be read might hold a mask, so that is an error; but a
// HOME that is closed to us is somebody else's (a unit or a container that changed the user only), and nothing in it
// was meant for us.
Result<DropIns> find_drop_ins(const os::Machine& machine, Problems& warnings) {
  DropIns found;
  std::vector<std::string> directories(std::begin(kSystemDirectories), std::end(kSystemDirectories));
  const std::string own = share_directory(machine) + "/manifest.d";
  if (own != directories.front()) directories.insert(directories.begin(), own);
  const std::string user = user_directory(machine);
  if (!user.empty()) directories.push_back(user);
  for (const std::string& directory : directories) {
    const os::Result<std::vector<std::string>> names = machine.list(directory);
    if (!names) {
      const int error = names.error().value;
      if (error == ENOENT || error == ENOTDIR) continue;
      Problem problem = unreadable(directory, names.error());
      if (directory != user || error != EACCES) return Problems{problem};
      problem.severity = Severity::warning;
      problem.fix = "set HOME or XDG_CONFIG_HOME to a directory of this user's";
      warnings.push_back(std::move(problem));
      continue;
    }
    for (const std::string& name : *names) {
      if (!name.ends_with(".json") || name.starts_with('.')) continue;
      std::string& place = found.files[name];
      const std::string path = directory + "/" + name;
      if (!place.empty()) found.masked.push_back({place, ManifestFile::Fate::masked, path});
      place = path;
    }
  }
  return found;
}

void append(Problems& problems, const Problems& more) { problems.insert(problems.end(), more.begin(), more.end()); }

Result<Manifest> completed(const os::Machine& machine, Result<Manifest> manifest, Problems& warnings) {
  if (!manifest) return manifest;
  const Source source = [&](const std::string& file) -> Result<JsonDocument> {
    const os::Result<std::string> text = machine.read(file, JsonDocument::kMaxText);
    if (!text) return Problems{unreadable(file, text.error())};
    return JsonDocument::parse(*text, file);
  };
  if (Result<void> whole = complete(*manifest, warnings, source); !whole) return whole.error();
  return manifest;
}

Result<Manifest> load_search_path(const os::Machine& machine, Problems& warnings, SealedManifest sealed) {
  const std::string path = share_directory(machine) + "/manifest.json";
  Result<Text> text = read_text(machine, path, Origin::default_file);
  const bool is_sealed = text && text->text == sealed.text && path.ends_with(kDefaultManifest);
  if (is_sealed) std::string().swap(text->text);  // an assignment would keep the room
  const std::string_view root = std::string_view(path).substr(0, path.size() - kDefaultManifest.size());
  Result<DropIns> found = find_drop_ins(machine, warnings);
  if (is_sealed && found && found->files.empty()) return manifest_from_image(sealed.whole, root);

  Result<Manifest> manifest = !text       ? Result<Manifest>(text.error())
                              : is_sealed ? manifest_from_image(sealed.image, root)
                                          : read_manifest(text->text, path);
  Problems problems;
  if (!manifest) append(problems, manifest.error());
  if (!found) append(problems, found.error());
  if (found) {
    for (const auto& [name, drop_in] : found->files) {
      Result<Manifest> file = read_file(machine, drop_in, Origin::drop_in);
      if (!file) {
        append(problems, file.error());
      } else if (manifest) {
        merge(*manifest, std::move(*file));
      }
    }
  }
  if (!problems.empty()) return problems;
  manifest->files.insert(manifest->files.end(), found->masked.begin(), found->masked.end());
  return completed(machine, std::move(manifest), warnings);
}

}  // namespace

std::string share_directory(const os::Machine& machine) {
  const std::string executable = machine.own_executable();
  return absolute_path(executable.substr(0, executable.rfind('/')), "../share/vgpu-run");
}

Result<Manifest> load_manifest(const os::Machine& machine, const std::string& explicit_manifest, Problems& warnings,
                               SealedManifest sealed) {
  std::string named = explicit_manifest;
  if (!named.empty() && !named.starts_with('/')) {
    const std::string here = machine.working_directory();
    if (here.empty()) {
      return Problems{
          unreadable(named, "the working directory cannot be reached", "give the absolute path of the manifest")};
    }
    named = here + "/" + named;  // not normalised: "link/../m.json" is what the kernel makes of it
  }
  if (named.empty()) return load_search_path(machine, warnings, sealed);
  return completed(machine, read_file(machine, named, Origin::named), warnings);
}

Result<Manifest> load_manifest(const os::Machine& machine, const std::string& explicit_manifest) {
  Problems dropped;
  return load_manifest(machine, explicit_manifest, dropped);
}

}  // namespace vgpu::plan
