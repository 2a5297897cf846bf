#include "launcher/plan/environment_list.h"

#include <algorithm>
#include <cstring>
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
  places.reserve(entries.size());
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

std::size_t EnvironmentList::find(std::string_view name) const {
  // A loop of its own, since a launch comes here for every variable that it knows.
  const std::size_t size = name.size();
  std::size_t place = 0;
  for (; place != entries_.size(); ++place) {
    const std::string& entry = entries_[place];
    if (entry.size() > size && entry[size] == '=' && std::memcmp(entry.data(), name.data(), size) == 0) break;
  }
  return place;
}

std::optional<std::string_view> EnvironmentList::get(std::string_view name) const {
  const std::size_t place = find(name);
  if (place == entries_.size()) return std::nullopt;
  return std::string_view(entries_[place]).substr(name.size() + 1);
}

void EnvironmentList::set(std::string_view name, std::string_view value) {
  std::string entry(name);
  entry.append(1, '=').append(value);
  const std::size_t place = find(name);
  if (place == entries_.size()) {
    entries_.push_back(std::move(entry));
  } else {
    entries_[place] = std::move(entry);
  }
}

void EnvironmentList::unset(std::string_view name) {
  const std::size_t place = find(name);
  if (place != entries_.size()) entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(place));
}

void EnvironmentList::unset_prefix(std::string_view prefix) {
  std::erase_if(entries_, [&](const std::string& entry) {
    const auto name = variable_name(entry);
    return name && name->starts_with(prefix);
  });
}

namespace {

// Calls different(entry, name, entry of that name in `other` or null) for the variables of `list` that may differ.
template <class Different>
void compare(const EnvironmentList& list, const EnvironmentList& other, Different different) {
  const std::vector<std::string>& others = other.entries();
  std::size_t twin = 0;  // where the next entry is expected
  for (const std::string& entry : list.entries()) {
    if (twin < others.size() && others[twin] == entry) {
      ++twin;
      continue;
    }
    const auto name = variable_name(entry);
    if (!name) continue;
    const std::size_t place = other.find(*name);
    const bool is_there = place != others.size();
    if (is_there) twin = place + 1;
    different(entry, *name, is_there ? &others[place] : nullptr);
  }
}

}  // namespace

EnvironmentDifference difference(const EnvironmentList& before, const EnvironmentList& after) {
  EnvironmentDifference found;
  compare(after, before, [&](const std::string& entry, std::string_view, const std::string* was) {
    if (was == nullptr || *was != entry) found.set.push_back(entry);
  });
  compare(before, after, [&](const std::string&, std::string_view name, const std::string* is) {
    if (is == nullptr) found.unset.push_back(name);
  });
  return found;
}

}  // namespace vgpu::plan
