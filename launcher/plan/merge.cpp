#include "launcher/plan/merge.h"

#include <algorithm>

#include "launcher/plan/suggest.h"

namespace vgpu::plan {
namespace {

template <class T>
void merge_named(std::vector<T>& base, std::vector<T> later, std::vector<Override>& overrides) {
  for (T& item : later) {
    const auto old = std::find_if(base.begin(), base.end(), [&](const T& other) { return other.name == item.name; });
    if (old == base.end()) {
      base.push_back(std::move(item));
    } else {
      overrides.push_back({item.name, old->at, item.at});
      *old = std::move(item);
    }
  }
}

// Every name that a profile, a requirement or a constraint may use.
std::vector<std::string> known_names(const Manifest& manifest) {
  std::vector<std::string> names;
  for (const Shim& shim : manifest.shims) {
    names.push_back(shim.name);
    names.insert(names.end(), shim.provides.begin(), shim.provides.end());
  }
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Problem unknown(Code code, Severity severity, const Position& at, const std::string& member, const std::string& cause,
                const std::string& name, const std::vector<std::string>& known) {
  const std::string guess = suggest(name, known);
  Position where = at;
  where.pointer += member;
  return {.code = code,
          .severity = severity,
          .where = to_string(where),
          .cause = cause,
          .fix = guess.empty() ? "add a shim of that name, or take the name out" : "did you mean \"" + guess + "\"?",
          .excerpt = {}};
}

void join_profiles(Manifest& manifest, Problems& problems) {
  std::vector<std::string> names;
  for (const Profile& profile : manifest.profiles) names.push_back(profile.name);
  for (const Shim& shim : manifest.shims) {
    for (const std::string& wanted : shim.profiles) {
      const auto profile = std::find_if(manifest.profiles.begin(), manifest.profiles.end(),
                                        [&](const Profile& candidate) { return candidate.name == wanted; });
      if (profile == manifest.profiles.end()) {
        problems.push_back(unknown(Code::unknown_profile, Severity::error, shim.at, "/profiles",
                                   "there is no profile \"" + wanted + "\" to join", wanted, names));
      } else if (!contains(profile->shims, shim.name)) {
        profile->shims.push_back(shim.name);
      }
    }
  }
}

// A SONAME or a file name, perhaps as a glob: what a foreign entry could be called.
bool may_be_foreign(const std::string& name) {
  return name.find(".so") != std::string::npos || name.find_first_of("*?[/") != std::string::npos;
}

}  // namespace

void merge(Manifest& base, Manifest later) {
  merge_named(base.shims, std::move(later.shims), base.overrides);
  merge_named(base.profiles, std::move(later.profiles), base.overrides);
  base.files.insert(base.files.end(), later.files.begin(), later.files.end());
}

Result<void> complete(Manifest& manifest, Problems& warnings) {
  Problems problems;
  std::vector<std::string> taken_out;
  for (const Shim& shim : manifest.shims) {
    if (!shim.enabled) taken_out.push_back(shim.name);
  }
  std::erase_if(manifest.shims, [](const Shim& shim) { return !shim.enabled; });
  for (Profile& profile : manifest.profiles) {
    std::erase_if(profile.shims, [&](const std::string& name) { return contains(taken_out, name); });
  }
  join_profiles(manifest, problems);

  const std::vector<std::string> known = known_names(manifest);
  for (const Profile& profile : manifest.profiles) {
    for (const std::string& name : profile.shims) {
      if (contains(known, name)) continue;
      problems.push_back(unknown(Code::unknown_shim, Severity::error, profile.at, "/shims",
                                 "no shim is named \"" + name + "\" or provides it", name, known));
    }
  }
  for (const Shim& shim : manifest.shims) {
    for (const std::string& name : shim.requirements) {
      if (contains(known, name)) continue;
      problems.push_back(unknown(Code::requirement_unmet, Severity::error, shim.at, "/requires",
                                 "\"" + shim.name + "\" requires \"" + name + "\", which no shim is or provides", name,
                                 known));
    }
    for (const Constraint& constraint : shim.constraints) {
      const bool relative = constraint.kind == Constraint::Kind::before || constraint.kind == Constraint::Kind::after;
      if (!relative || contains(known, constraint.target) || contains(taken_out, constraint.target) ||
          may_be_foreign(constraint.target)) {
        continue;
      }
      warnings.push_back(unknown(Code::unknown_shim, Severity::warning, constraint.at, "",
                                 "\"" + constraint.target + "\" is no shim, no role and no library name", constraint.target,
                                 known));
    }
  }
  if (!problems.empty()) return problems;
  return {};
}

}  // namespace vgpu::plan
