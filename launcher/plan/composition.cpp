#include "launcher/plan/composition.h"

#include <algorithm>

#include "launcher/plan/child_rules.h"
#include "launcher/plan/directory_glob.h"
#include "launcher/plan/joined.h"
#include "launcher/plan/library_search.h"
#include "launcher/plan/preload.h"
#include "shims/contract.h"
#include "shims/device/default_wire.h"

namespace vgpu::plan {
namespace {

using Strings = std::vector<std::string>;

bool contains(const Strings& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

void add_missing(Strings& into, const Strings& from) {
  for (const std::string& item : from) {
    if (!contains(into, item)) into.push_back(item);
  }
}

// What ld.so would read into a path besides the path: separators, and its own tokens. "" when nothing.
std::string stumbling_block(const std::string& path, std::string_view separators) {
  const std::size_t at = path.find_first_of(separators);
  if (at != std::string::npos) {
    switch (path[at]) {
      case '\n': return "a newline";
      case ' ': return "a space";
      case ':': return "a ':'";
      default: return "a ';'";
    }
  }
  for (const char* token : {"$ORIGIN", "${ORIGIN}", "$LIB", "${LIB}", "$PLATFORM", "${PLATFORM}"}) {
    if (path.find(token) != std::string::npos) return token;
  }
  return {};
}

void set_or_unset(EnvironmentList& environment, const char* name, const std::string& value) {
  if (value.empty()) {
    environment.unset(name);
  } else {
    environment.set(name, value);
  }
}

}  // namespace

Composition::Composition(const os::Machine& machine, const Manifest& manifest, const Profile& profile,
                         const EnvironmentList& before, const EnvironmentList& base)
    : machine_(machine), manifest_(manifest), profile_(profile), before_(before), base_(base) {
  Strings ours = split_preload(base_.get_or(contract::kLibraryPath, ""));
  for (const Shim& shim : manifest_.shims) {
    add_missing(ours, shim.link_directories);
    for (const Fallback& fallback : shim.fallbacks) add_missing(ours, {fallback.directory});
  }
  for (std::string& directory : split_library_path(base_.get_or("LD_LIBRARY_PATH", ""))) {
    if (directory.empty()) directory.assign(1, '.');
    if (!contains(ours, directory)) add_missing(users_library_path_, {directory});
  }
  for (const std::string& pattern : profile_.library_path) {
    add_missing(profile_directories_, matching_directories(machine_, pattern));
  }
}

const Shim* Composition::shim_of(const Place& place) const {
  if (place.foreign) return nullptr;
  const auto found = std::find_if(manifest_.shims.begin(), manifest_.shims.end(),
                                  [&](const Shim& shim) { return shim.name == place.name; });
  return found == manifest_.shims.end() ? nullptr : &*found;
}

void Composition::compose(Plan& plan) {
  compose_preload(plan);
  compose_library_path(plan);
  compose_environment(plan);
}

void Composition::refuse(Plan& plan, Code code, const std::string& where, std::string cause, std::string fix) const {
  const auto same = [&](const Problem& problem) { return problem.code == code && problem.where == where; };
  if (std::any_of(plan.problems.begin(), plan.problems.end(), same)) return;
  plan.problems.push_back(
      {.code = code, .where = where, .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}});
}

// One complaint for the directory that has what cannot be carried, not one for each file below it.
void Composition::refuse_path(Plan& plan, const std::string& path, std::string_view separators,
                              const std::string& list) const {
  const std::string what = stumbling_block(path, separators);
  if (what.empty()) return;
  std::size_t end = path.find('/', 1);
  while (end != std::string::npos && stumbling_block(path.substr(0, end), separators).empty())
    end = path.find('/', end + 1);
  refuse(plan, Code::path_not_carriable, path.substr(0, end),
         "the path holds " + what + ", which " + list + " cannot carry: it has no escaping",
         "move the tree to a path without it, or name a link to it in the manifest");
}

void Composition::compose_preload(Plan& plan) {
  plan.preload.clear();
  shim_libraries_.clear();
  in_front_.clear();
  for (const Place& place : plan.places) {
    plan.preload.insert(plan.preload.end(), place.libraries.begin(), place.libraries.end());
    if (place.foreign) {
      if (shim_libraries_.empty()) in_front_.insert(in_front_.end(), place.libraries.begin(), place.libraries.end());
      continue;
    }
    for (const std::string& library : place.libraries) {
      shim_libraries_.push_back(library);
      refuse_path(plan, library, ": \n", "LD_PRELOAD");
    }
  }
  // With no shim at all there is nothing to be in front of.
  if (shim_libraries_.empty()) in_front_.clear();
}

void Composition::compose_library_path(Plan& plan) {
  std::vector<const Shim*> shims;
  for (const Place& place : plan.places) {
    if (const Shim* shim = shim_of(place)) shims.push_back(shim);
  }
  link_directories_.clear();
  for (const Shim* shim : shims) add_missing(link_directories_, shim->link_directories);
  for (const std::string& directory : link_directories_) refuse_path(plan, directory, ":;\n", "LD_LIBRARY_PATH");
  plan.library_path = link_directories_;
  for (const std::string& directory : profile_directories_) {
    if (stumbling_block(directory, ":;\n").empty()) add_missing(plan.library_path, {directory});
  }
  add_missing(plan.library_path, users_library_path_);
  fallback_directories_ = fallback_directories(plan, shims);
  add_missing(plan.library_path, fallback_directories_);
}

std::vector<std::string> Composition::fallback_directories(const Plan& plan,
                                                           const std::vector<const Shim*>& shims) const {
  Strings wanted;
  Strings our_own;  // which the cache of an enclosing namespace has
  for (const Shim* shim : shims) {
    for (const Fallback& fallback : shim->fallbacks) {
      add_missing(wanted, fallback.unless);
      add_missing(our_own, {fallback.directory});
    }
  }
  // What a directory of LD_LIBRARY_PATH holds comes before the fallback anyway.
  const Strings found = wanted.empty() ? Strings{} : system_libraries(machine_, plan.target, wanted, our_own);
  Strings directories;
  for (const Shim* shim : shims) {
    for (const Fallback& fallback : shim->fallbacks) {
      const bool is_there = std::any_of(fallback.unless.begin(), fallback.unless.end(),
                                        [&](const std::string& soname) { return contains(found, soname); });
      if (!is_there) add_missing(directories, {fallback.directory});
    }
  }
  return directories;
}

void Composition::compose_environment(Plan& plan) const {
  EnvironmentList environment = base_;
  const bool had_preload = base_.get("LD_PRELOAD").has_value();
  if (!plan.preload.empty() || had_preload) set_or_unset(environment, "LD_PRELOAD", joined(plan.preload, ":"));
  if (!plan.library_path.empty() || base_.get("LD_LIBRARY_PATH")) {
    set_or_unset(environment, "LD_LIBRARY_PATH", joined(plan.library_path, ":"));
  }
  Strings behind;
  if (!shim_libraries_.empty()) {
    for (const std::string& directory : profile_directories_) {
      if (contains(plan.library_path, directory)) behind.push_back(directory);
    }
    add_missing(behind, fallback_directories_);
  }
  set_or_unset(environment, contract::kPreload, joined(shim_libraries_, ":"));
  set_or_unset(environment, contract::kPreloadFirst, joined(in_front_, ":"));
  set_or_unset(environment, contract::kLibraryPath, joined(link_directories_, ":"));
  set_or_unset(environment, contract::kLibraryPathLast, joined(behind, ":"));
  // What the shims take for granted without the variable is not written.
  const bool shims = !shim_libraries_.empty();
  set_or_unset(environment, contract::kDevice,
               shims && plan.device_wire != device::kDefaultWire ? plan.device_wire : "");
  set_or_unset(environment, contract::kRealCuda, shims ? plan.real_cuda : "");
  set_or_unset(environment, contract::kRealNvml, shims ? plan.real_nvml : "");
  set_or_unset(environment, contract::kVisible, shims ? plan.visible : "");
  set_or_unset(environment, contract::kSession, shims ? plan.session : "");
  set_or_unset(environment, contract::kSessionDevices, shims ? plan.session_devices : "");
  set_or_unset(environment, contract::kMemory, shims ? plan.memory_limits : "");
  set_or_unset(environment, contract::kQuota, shims ? plan.quota : "");
  set_or_unset(environment, contract::kInit, shims && plan.init != "lazy" ? plan.init : "");
  set_or_unset(environment, contract::kChildren, shims ? child_rules(profile_.children) : "");
  set_or_unset(environment, contract::kScope, shims && plan.scope != "exec" ? plan.scope : "");

  // It has been obeyed: a launch below would choose once more, among what is left.
  environment.unset("VGPU_RUN_DEVICE");

  const EnvironmentDifference changes = difference(before_, environment);
  plan.environment.clear();
  plan.unset.assign(changes.unset.begin(), changes.unset.end());
  for (const std::string_view entry : changes.set) {
    const auto name = variable_name(entry);
    const std::string_view value = entry.substr(name->size() + 1);
    plan.environment.push_back({std::string(*name), std::string(value)});
    if (entry.size() >= contract::kMaxString) {
      const std::string has = std::to_string(value.size());
      const std::string most = std::to_string(contract::kMaxString - 1 - name->size() - 1);
      refuse(plan, Code::environment_too_long, std::string(*name),
             "its value has " + has + " bytes, and the kernel takes at most " + most,
             "shorten it, or install the shims under a shorter path");
    }
  }
  plan.envp = std::move(environment).entries();
}

}  // namespace vgpu::plan
