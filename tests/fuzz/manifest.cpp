// Any bytes as a manifest: an error value or a manifest that keeps the reader's promises, never a crash, never a hang.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "launcher/plan/characters.h"
#include "launcher/plan/manifest_reader.h"
#include "launcher/plan/merge.h"

using namespace vgpu::plan;

namespace {

constexpr char kPath[] = "/etc/vgpu-run/manifest.d/fuzz.json";

void require(bool promise) {
  if (!promise) std::abort();
}

void check(const Problems& problems) {
  require(!problems.empty() && problems.size() <= kMostProblems);
  for (const Problem& problem : problems) {
    require(problem.where.starts_with(kPath) && !problem.cause.empty() && !problem.fix.empty());
    const std::string text = to_text(problem, "vgpu-run");
    for (std::size_t at = 0; at < text.size();) {  // whatever was read, a terminal can be given
      const Character character = character_at(text, at);
      require(character.printable || text[at] == '\n');
      at += character.bytes;
    }
  }
}

void check(const Manifest& manifest) {
  for (const Shim& shim : manifest.shims) {
    require(!shim.name.empty() && shim.name.size() <= 64);
    require(!shim.enabled || !shim.libraries.empty());
    for (const std::string& library : shim.libraries)
      require(library.starts_with('/') && library.find("/../") == std::string::npos);
    for (const Constraint& constraint : shim.constraints) require(constraint.at.line > 0 && constraint.at.column > 0);
  }
  for (const Profile& profile : manifest.profiles) {
    for (const std::string& directory : profile.library_path) require(directory.starts_with('/'));
    for (const auto& [name, value] : profile.environment)
      require(!name.empty() && name.find('=') == std::string::npos && name != "LD_PRELOAD");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<Manifest> read = read_manifest(text, kPath);
  if (!read) {
    check(read.error());
    return 0;
  }
  check(*read);
  // On top of itself: everything is replaced, self-extension included. Then the checks over the whole.
  Manifest manifest = *read;
  merge(manifest, *read);
  require(manifest.shims.size() == read->shims.size() && manifest.profiles.size() == read->profiles.size());
  Problems warnings;
  const Result<void> whole =
      complete(manifest, warnings, [&](const std::string& file) { return JsonDocument::parse(text, file); });
  if (!whole) check(whole.error());
  if (!warnings.empty()) check(warnings);
  return 0;
}
