#include "launcher/verify/loaded.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "launcher/os/elf.h"

namespace vgpu::verify {
namespace {

using Objects = std::vector<os::LinkedObject>;

std::string in_root(int pid, const std::string& path) { return "/proc/" + std::to_string(pid) + "/root" + path; }

bool same(const os::FileStatus& a, const os::FileStatus& b) { return a.device == b.device && a.inode == b.inode; }

// The library that is not loaded: what it would have gone by.
std::string soname_of(const os::Machine& machine, int pid, const std::string& path) {
  if (!path.starts_with('/')) return {};
  const auto view = machine.view(in_root(pid, path));
  if (!view) return {};
  const auto elf = os::read_elf((*view)->bytes());
  return elf ? elf->soname : std::string();
}

bool goes_by(const os::LinkedObject& object, const std::string& name) {
  return !name.empty() && (object.soname == name || (object.soname.empty() && base_name(object.path) == name));
}

bool same_content(const os::Machine& machine, int pid, const std::string& one, const std::string& other) {
  const auto a = machine.view(in_root(pid, one));
  if (!a) return false;
  const auto b = machine.view(in_root(pid, other));
  if (!b) return false;
  return std::ranges::equal((*a)->bytes(), (*b)->bytes());
}

}  // namespace

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::optional<os::FileStatus> file_of(const os::Machine& machine, int pid, const std::string& path) {
  if (!path.starts_with('/')) return std::nullopt;
  const auto status = machine.status(in_root(pid, path));
  if (!status) return std::nullopt;
  return *status;
}

std::vector<Loaded> find_loaded(const os::Machine& machine, const Observation& process,
                                const std::vector<std::string>& expected) {
  const Objects& objects = process.map.objects;
  const int pid = process.status.pid;
  std::vector<Loaded> result;
  std::vector<std::optional<os::FileStatus>> files;  // of the objects, asked for when a path does not decide
  for (const std::string& path : expected) {
    Loaded loaded{.path = path, .place = {}, .soname = {}};
    for (std::size_t i = 0; i < objects.size() && !loaded.place; ++i) {
      if (objects[i].name_space == 0 && objects[i].path == path) loaded.place = i;
    }
    const auto file = loaded.place ? std::nullopt : file_of(machine, pid, path);
    if (file && files.empty()) {
      for (const os::LinkedObject& object : objects) files.push_back(file_of(machine, pid, object.path));
    }
    for (std::size_t i = 0; file && i < files.size() && !loaded.place; ++i) {
      if (objects[i].name_space == 0 && files[i] && same(*files[i], *file)) loaded.place = i;
    }
    loaded.soname = loaded.place ? objects[*loaded.place].soname : soname_of(machine, pid, path);
    result.push_back(std::move(loaded));
  }
  return result;
}

std::vector<Rival> find_rivals(const os::Machine& machine, const Observation& process,
                               const std::vector<Loaded>& loaded) {
  const Objects& objects = process.map.objects;
  std::vector<Rival> rivals;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    for (const Loaded& shim : loaded) {
      if (shim.place == i || !goes_by(objects[i], shim.soname)) continue;
      Rival rival{.kind = Rival::Kind::behind, .path = objects[i].path, .soname = shim.soname, .shim = shim.path};
      const std::string& known = shim.place ? objects[*shim.place].path : shim.path;
      const auto file = file_of(machine, process.status.pid, objects[i].path);
      const auto own = file_of(machine, process.status.pid, known);
      if ((file && own && same(*file, *own)) ||
          (file && own && file->size == own->size && same_content(machine, process.status.pid, known, rival.path))) {
        rival.kind = Rival::Kind::copy;
      } else if (objects[i].name_space != 0) {
        rival.kind = Rival::Kind::name_space;
      } else if (!shim.place) {
        rival.kind = Rival::Kind::instead;
      } else if (i < *shim.place) {
        rival.kind = Rival::Kind::in_front;
      }
      rivals.push_back(std::move(rival));
      break;
    }
  }
  return rivals;
}

std::vector<std::string> initialisation_order(const Observation& process, const std::vector<Loaded>& loaded) {
  const Objects& objects = process.map.objects;
  std::unordered_map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (objects[i].name_space != 0) continue;
    if (!objects[i].soname.empty()) names.emplace(objects[i].soname, i);
    if (!objects[i].path.empty()) names.emplace(base_name(objects[i].path), i);
  }
  std::map<std::size_t, std::string> ours;
  for (const Loaded& shim : loaded) {
    if (shim.place) ours[*shim.place] = shim.path;
  }
  std::vector<std::string> order;
  std::vector<bool> visited(objects.size());
  struct Step {
    std::size_t object;
    std::size_t next;
  };
  for (std::size_t i = objects.size(); i-- > 0;) {
    if (visited[i] || objects[i].name_space != 0) continue;
    // A stack of our own: how deep the needs of another process go is not ours to say.
    std::vector<Step> path = {{i, 0}};
    visited[i] = true;
    while (!path.empty()) {
      Step& step = path.back();
      const std::vector<std::string>& needed = objects[step.object].needed;
      if (step.next < needed.size()) {
        const auto found = names.find(needed[step.next++]);
        if (found == names.end() || visited[found->second]) continue;
        visited[found->second] = true;
        path.push_back({found->second, 0});
        continue;
      }
      if (const auto own = ours.find(step.object); own != ours.end()) order.push_back(own->second);
      path.pop_back();
    }
  }
  return order;
}

}  // namespace vgpu::verify
