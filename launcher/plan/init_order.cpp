#include "launcher/plan/init_order.h"

#include <algorithm>
#include <optional>

#include "launcher/plan/preflight_library.h"

namespace vgpu::plan {
namespace {

struct Library {
  std::string path;
  std::string soname;
  std::vector<std::string> needed;
  bool visited = false;
};

void visit(std::vector<Library>& libraries, Library& library, std::vector<std::string>& order) {
  if (library.visited) return;
  library.visited = true;
  for (const std::string& needed : library.needed) {
    for (Library& other : libraries) {
      const std::string name = other.path.substr(other.path.rfind('/') + 1);
      if (needed == other.soname || needed == name || needed == other.path) visit(libraries, other, order);
    }
  }
  order.push_back(library.path);
}

}  // namespace

std::vector<std::string> initialisation_order(const os::Machine& machine, const std::vector<Place>& places, Seal seal) {
  std::vector<Library> libraries;
  for (const Place& place : places) {
    for (const std::string& path : place.libraries) {
      Library library{.path = path, .soname = {}, .needed = {}};
      Problems told_by_preflight;
      if (auto facts = inspect_library(machine, path, Trust::foreign, seal, told_by_preflight)) {
        library.soname = facts->soname;
        library.needed = facts->needed;
      }
      libraries.push_back(std::move(library));
    }
  }
  std::vector<std::string> order;
  for (auto library = libraries.rbegin(); library != libraries.rend(); ++library) visit(libraries, *library, order);
  return order;
}

}  // namespace vgpu::plan
