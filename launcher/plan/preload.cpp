#include "launcher/plan/preload.h"

#include <algorithm>
#include <map>

#include "launcher/os/elf.h"
#include "launcher/plan/library_search.h"

namespace vgpu::plan {
namespace {

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

using File = std::pair<std::uint64_t, std::uint64_t>;  // device, inode

std::optional<File> file_of(const os::Machine& machine, const std::string& path) {
  const auto status = machine.status(path);
  if (!status) return std::nullopt;
  return File(status->device, status->inode);
}

// A child in another directory must find it too, and a name without a slash is looked for anew by every process. Names
// with $LIB stay: they name another file in a process of another class.
std::string absolute_entry(const os::Machine& machine, const Target& target, const std::string& entry,
                           const std::vector<std::string>& library_path) {
  if (entry.starts_with('/') || entry.find('$') != std::string::npos) return entry;
  if (entry.find('/') != std::string::npos) {
    const std::string here = machine.working_directory();
    return here.empty() ? entry : here + (here.ends_with('/') ? "" : "/") + entry;
  }
  const auto found = find_preload(machine, target, library_path, entry);
  return found && found->starts_with('/') ? *found : entry;
}

std::vector<std::string> aliases_of(const os::Machine& machine, const std::string& path) {
  std::vector<std::string> aliases{path, base_name(path)};
  if (const auto view = machine.view(path)) {
    const auto elf = os::read_elf((*view)->bytes());
    if (elf && !elf->soname.empty()) aliases.push_back(elf->soname);
  }
  return aliases;
}

}  // namespace

std::vector<std::string> split_preload(std::string_view value) {
  std::vector<std::string> entries;
  for (std::size_t begin = 0; begin < value.size();) {
    const std::size_t end = std::min(value.find_first_of(": ", begin), value.size());
    if (end > begin) entries.emplace_back(value.substr(begin, end - begin));
    begin = end + 1;
  }
  return entries;
}

std::vector<ForeignPreload> foreign_preloads(const os::Machine& machine, const Manifest& manifest, const Target& target,
                                             std::string_view value, std::string_view enclosing,
                                             const std::vector<std::string>& library_path) {
  std::vector<std::string> ours = split_preload(enclosing);
  for (const Shim& shim : manifest.shims) ours.insert(ours.end(), shim.libraries.begin(), shim.libraries.end());
  std::vector<std::string> strange;
  for (std::string& entry : split_preload(value)) {
    if (!contains(ours, entry) && !contains(strange, entry)) strange.push_back(std::move(entry));
  }
  std::vector<ForeignPreload> foreign;
  if (strange.empty()) return foreign;  // what a launch usually finds costs no system call

  std::map<File, bool> seen;
  for (const std::string& path : ours) {
    if (const auto file = file_of(machine, path)) seen[*file] = true;
  }
  for (const std::string& entry : strange) {
    ForeignPreload preload;
    preload.path = absolute_entry(machine, target, entry, library_path);
    if (const auto file = file_of(machine, preload.path)) {
      if (!seen.emplace(*file, true).second) continue;
    }
    preload.name = base_name(preload.path);
    preload.aliases = aliases_of(machine, preload.path);
    foreign.push_back(std::move(preload));
  }
  return foreign;
}

}  // namespace vgpu::plan
