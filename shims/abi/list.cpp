#include "shims/abi/list.h"

#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace vgpu::abi {
namespace {

bool take_attribute(Export& entry, std::string_view attribute) {
  constexpr std::string_view object = "object=";
  if (attribute.starts_with(object)) {
    entry.is_object = true;
    entry.size = std::stoul(std::string(attribute.substr(object.size())));
    return entry.size > 0;
  }
  constexpr std::string_view cuda = "cuda=";
  if (attribute.starts_with(cuda)) {
    entry.cuda = static_cast<unsigned>(std::stoul(std::string(attribute.substr(cuda.size()))));
    return entry.cuda >= 1000 && entry.cuda < 65536;
  }
  if (attribute == "returns=pointer") {
    entry.returns = Returns::pointer;
  } else if (attribute == "returns=nothing") {
    entry.returns = Returns::nothing;
  } else if (attribute == "returns=real") {
    entry.returns = Returns::real;
  } else {
    return false;
  }
  return true;
}

bool is_identifier(const std::string& name) {
  return !name.empty() &&
         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

}  // namespace

std::vector<Export> read_list(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  std::vector<Export> list;
  std::set<std::pair<std::string, std::string>> seen;
  std::string line;
  for (unsigned number = 1; std::getline(file, line); ++number) {
    std::istringstream words(line.substr(0, line.find('#')));
    Export entry;
    if (!(words >> entry.name)) continue;
    std::string attribute;
    bool good = is_identifier(entry.name) && words >> entry.node >> entry.since;
    while (good && words >> attribute) good = take_attribute(entry, attribute);
    if (entry.node == "-") entry.node.clear();
    if (good) good = seen.insert({entry.name, entry.node}).second;
    if (!good) throw std::runtime_error(path + ":" + std::to_string(number) + ": malformed or repeated: " + line);
    list.push_back(std::move(entry));
  }
  if (list.empty()) throw std::runtime_error(path + ": no export in it");
  return list;
}

}  // namespace vgpu::abi
