#include "shims/abi/check.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace vgpu::abi {
namespace {

std::string printed(const std::string& name, const std::string& node) {
  return node.empty() ? name : name + "@@" + node;
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// "GLIBC_2.2.5" against "2.17", number by number.
bool newer(const std::string& version, const std::string& limit) {
  std::istringstream left(version.substr(version.find('_') + 1)), right(limit);
  unsigned a = 0, b = 0;
  char dot = 0;
  while (left >> a) {
    if (!(right >> b)) return true;
    if (a != b) return a > b;
    left >> dot;
    right >> dot;
  }
  return false;
}

}  // namespace

std::vector<std::string> compare(const ElfFile& file, const std::vector<Export>& list,
                                 const std::vector<std::string>& doors) {
  std::vector<std::string> differences;
  std::map<std::pair<std::string, std::string>, const Symbol*> defined;
  for (const Symbol& symbol : file.symbols) {
    if (symbol.defined) defined[{symbol.name, symbol.version}] = &symbol;
  }
  std::map<std::string, std::string> default_node;
  for (const Export& entry : list) default_node[entry.name] = entry.node;

  for (const Export& entry : list) {
    const auto found = defined.find({entry.name, entry.node});
    const std::string shown = printed(entry.name, entry.node);
    if (found == defined.end()) {
      const auto elsewhere = std::find_if(file.symbols.begin(), file.symbols.end(), [&](const Symbol& symbol) {
        return symbol.defined && symbol.name == entry.name;
      });
      differences.push_back(shown + (elsewhere == file.symbols.end()
                                         ? " is missing"
                                         : " stands under '" + elsewhere->version + "' instead"));
      continue;
    }
    const Symbol& symbol = *found->second;
    if (symbol.is_object != entry.is_object)
      differences.push_back(shown + " is a function instead of a variable or the reverse");
    if (entry.is_object && symbol.size != entry.size) differences.push_back(shown + " has another size");
    if (!entry.node.empty() && symbol.is_default != (default_node[entry.name] == entry.node)) {
      differences.push_back(shown + " is the default version or not, unlike the list");
    }
    defined.erase(found);
  }
  for (const std::string& door : doors) {
    if (!defined.contains({door, ""})) differences.push_back(door + " is missing, a door");
  }
  for (const auto& [key, symbol] : defined) {
    if (key.second == "VGPU_1" && key.first.starts_with("vgpu_")) continue;
    if (key.second.empty() && contains(doors, key.first)) continue;
    differences.push_back(printed(key.first, key.second) + " is visible and not in the list");
  }
  return differences;
}

std::vector<std::string> moved_names(const ElfFile& libc) {
  std::vector<std::string> names;
  for (const Symbol& symbol : libc.symbols) {
    if (!symbol.defined || !symbol.is_default || !symbol.version.starts_with("GLIBC_2.")) continue;
    const bool old = std::any_of(libc.symbols.begin(), libc.symbols.end(), [&](const Symbol& other) {
      return other.defined && other.name == symbol.name && !other.is_default && other.version.starts_with("GLIBC_2.") &&
             !newer(other.version, "2.17");
    });
    if (newer(symbol.version, "2.31") && old) names.push_back(symbol.name);
  }
  return names;
}

std::vector<std::string> violations(const ElfFile& file, const Rules& rules) {
  std::vector<std::string> broken;
  if (file.soname != rules.soname) broken.push_back("SONAME is '" + file.soname + "', not '" + rules.soname + "'");
  for (const std::string& name : file.needed) {
    if (!contains(rules.needed, name)) broken.push_back("DT_NEEDED " + name);
  }
  if (!file.runpath.empty()) broken.push_back("has a run path: " + file.runpath);
  for (const std::string& version : file.needed_versions) {
    if (!version.starts_with("GLIBC_")) {
      broken.push_back("needs the version " + version);
    } else if (rules.newest_glibc.empty() || newer(version, rules.newest_glibc)) {
      for (const Symbol& symbol : file.symbols) {
        if (!symbol.defined && symbol.version == version) broken.push_back("needs " + symbol.name + "@" + version);
      }
    }
  }
  for (const Symbol& symbol : file.symbols) {
    if (symbol.defined || symbol.weak || !contains(rules.moved, symbol.name)) continue;
    broken.push_back("needs " + symbol.name + " of libc.so.6, which older ones do not have");
  }
  for (const Symbol& symbol : file.symbols) {
    if (symbol.defined || !symbol.version.empty()) continue;
    if (symbol.weak && contains(rules.unversioned, symbol.name)) continue;
    broken.push_back("undefined symbol without a version: " + symbol.name);
  }
  if (file.constructors != rules.constructors) {
    broken.push_back("has " + std::to_string(file.constructors) + " constructors instead of " +
                     std::to_string(rules.constructors));
  }
  if (file.destructors != 0) broken.push_back("has " + std::to_string(file.destructors) + " destructors");
  if (file.writable_code) broken.push_back("has a segment that is writable and executable");
  if (file.text_relocations) broken.push_back("has text relocations");
  if (file.executable_stack) broken.push_back("asks for an executable stack");
  return broken;
}

}  // namespace vgpu::abi
