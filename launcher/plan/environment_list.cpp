#include "launcher/plan/environment_list.h"

#include <algorithm>
#include <unordered_map>

namespace vgpu::plan {
namespace {

bool last_one_counts(std::string_view name) { return name == "LD_PRELOAD" || name == "LD_LIBRARY_PATH"; }

}  // namespace

std::optional<std::string_view> variable_name(std::string_view entry) {
  const std::size_t equals = entry.find('=');
  if (equals == std::string_view::npos || equals == 0) return std::nullopt;
  return entry.substr(0, equals);
}

EnvironmentList::EnvironmentList(const std::vector<std::string>& entries) {
  std::unordered_map<std::string_view, std::size_t> places;  // the views are into `entries`, which stays
  entries_.reserve(entries.size() + 8);
  for (const std::string& entry : entries) {
    const auto name = variable_name(entry);
    if (!name) {
      entries_.push_back(entry);
      continue;
    }
    const auto [place, is_new] = places.emplace(*name, entries_.size());
    if (is_new) {
      entries_.push_back(entry);
    } else if (last_one_counts(*name)) {
      entries_[place->second] = entry;
    }
  }
}

std::vector<std::string>::const_iterator EnvironmentList::find(std::string_view name) const {
  return std::find_if(entries_.begin(), entries_.end(), [&](std::string_view entry) {
    return entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name);
  });
}

std::optional<std::string_view> EnvironmentList::get(std::string_view name) const {
  const auto found = find(name);
  if (found == entries_.end()) return std::nullopt;
  return std::string_view(*found).substr(name.size() + 1);
}

void EnvironmentList::set(std::string_view name, std::string_view value) {
  std::string entry(name);
  entry.append(1, '=').append(value);
  const auto found = find(name);
  if (found == entries_.end()) {
    entries_.push_back(std::move(entry));
  } else {
    entries_[static_cast<std::size_t>(found - entries_.begin())] = std::move(entry);
  }
}

void EnvironmentList::unset(std::string_view name) {
  if (const auto found = find(name); found != entries_.end()) entries_.erase(found);
}

void EnvironmentList::unset_prefix(std::string_view prefix) {
  std::erase_if(entries_, [&](const std::string& entry) {
    const auto name = variable_name(entry);
    return name && name->starts_with(prefix);
  });
}

}  // namespace vgpu::plan
