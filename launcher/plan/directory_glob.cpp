#include "launcher/plan/directory_glob.h"

#include <fnmatch.h>

#include <algorithm>

namespace vgpu::plan {
namespace {

bool is_directory(const os::Machine& machine, const std::string& path) {
  const auto status = machine.status(path);
  return status && status->kind == os::FileStatus::Kind::directory;
}

bool is_glob(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

}  // namespace

std::vector<std::string> matching_directories(const os::Machine& machine, const std::string& pattern) {
  std::vector<std::string> found{""};
  for (std::size_t at = 0; at < pattern.size() && !found.empty();) {
    const std::size_t end = std::min(pattern.find('/', at), pattern.size());
    const std::string part = pattern.substr(at, end - at);
    at = end + 1;
    if (part.empty()) continue;
    if (!is_glob(part)) {
      for (std::string& directory : found) directory.append(1, '/').append(part);
      continue;
    }
    std::vector<std::string> deeper;
    for (const std::string& directory : found) {
      auto names = machine.list(directory.empty() ? "/" : directory);
      if (!names) continue;
      std::sort(names->begin(), names->end());
      for (const std::string& name : *names) {
        if (fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) deeper.push_back(directory + "/" + name);
      }
    }
    found = std::move(deeper);
  }
  std::erase_if(found, [&](const std::string& path) { return path.empty() || !is_directory(machine, path); });
  return found;
}

}  // namespace vgpu::plan
