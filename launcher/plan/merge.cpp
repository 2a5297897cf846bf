#include "launcher/plan/merge.h"

#include <algorithm>

#include "launcher/plan/manifest_reader.h"
#include "launcher/plan/suggest.h"

namespace vgpu::plan {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void add_missing(Names& into, const Names& from) {
  for (const std::string& name : from) {
    if (!contains(into, name)) into.push_back(name);
  }
}

// What `profile` does not say itself, from the one that it extends.
void inherit(Profile& profile, const Profile& base) {
  Names shims = base.shims;
  add_missing(shims, profile.shims);
  profile.shims = std::move(shims);
  add_missing(profile.library_path, base.library_path);
  std::vector<std::pair<std::string, std::string>> environment = base.environment;
  for (auto& variable : profile.environment) {
    const auto old = std::find_if(environment.begin(), environment.end(),
                                  [&](const auto& other) { return other.first == variable.first; });
    if (old == environment.end()) {
      environment.push_back(std::move(variable));
    } else {
      old->second = std::move(variable.second);
    }
  }
  profile.environment = std::move(environment);
  profile.children.insert(profile.children.end(), base.children.begin(), base.children.end());
  if (profile.scope.empty()) profile.scope = base.scope;
  if (profile.device.empty()) profile.device = base.device;
  if (profile.init.empty()) profile.init = base.init;
  if (profile.visible_devices.empty()) profile.visible_devices = base.visible_devices;
  if (profile.memory.empty()) profile.memory = base.memory;
  if (profile.quota.empty()) profile.quota = base.quota;
}

void replace(Shim& old, Shim later) { old = std::move(later); }

void replace(Profile& old, Profile later) {
  if (later.extends == later.name) {
    inherit(later, old);
    later.extends = old.extends;
    add_missing(later.match, old.match);  // it is still the same profile, only more of it
  }
  old = std::move(later);
}

template <class T>
void merge_named(std::vector<T>& base, std::vector<T> later, std::vector<Override>& overrides) {
  for (T& item : later) {
    const auto old = std::find_if(base.begin(), base.end(), [&](const T& other) { return other.name == item.name; });
    if (old == base.end()) {
      base.push_back(std::move(item));
    } else {
      overrides.push_back({item.name, old->at, item.at});
      replace(*old, std::move(item));
    }
  }
}

// A SONAME, a file name or a path, perhaps as a glob: what a foreign entry could be called.
bool may_be_foreign(const std::string& name) {
  return name.find(".so") != std::string::npos || name.find_first_of("*?[/") != std::string::npos;
}

class Completer {
 public:
  Completer(Manifest& manifest, Problems& warnings, const Source& source)
      : manifest_(manifest), warnings_(warnings), source_(source) {}

  Result<void> run() {
    take_out_disabled();
    for (const Profile& profile : manifest_.profiles) profiles_.push_back(profile.name);
    for (const Shim& shim : manifest_.shims) {
      known_.push_back(shim.name);
      known_.insert(known_.end(), shim.provides.begin(), shim.provides.end());
    }
    sorted_ = known_;
    std::sort(sorted_.begin(), sorted_.end());
    join_profiles();
    for (const Profile& profile : manifest_.profiles) check(profile);
    for (const Shim& shim : manifest_.shims) check(shim);
    extend_profiles();
    if (!problems_.empty()) return std::move(problems_);
    return {};
  }

 private:
  bool is_known(const std::string& name) const { return std::binary_search(sorted_.begin(), sorted_.end(), name); }

  void take_out_disabled() {
    for (Shim& shim : manifest_.shims) {
      if (!shim.enabled) disabled_.push_back(std::move(shim));
    }
    std::erase_if(manifest_.shims, [](const Shim& shim) { return !shim.enabled; });
    for (Profile& profile : manifest_.profiles) {
      std::erase_if(profile.shims, [&](const std::string& name) { return find_disabled(name) != nullptr; });
    }
  }

  const Shim* find_disabled(const std::string& name) const {
    for (const Shim& shim : disabled_) {
      if (shim.name == name) return &shim;
    }
    return nullptr;
  }

  void join_profiles() {
    for (const Shim& shim : manifest_.shims) {
      for (const std::string& wanted : shim.profiles) {
        const auto profile = std::find_if(manifest_.profiles.begin(), manifest_.profiles.end(),
                                          [&](const Profile& candidate) { return candidate.name == wanted; });
        if (profile == manifest_.profiles.end()) {
          unknown(Code::unknown_profile, shim.at, "profiles", wanted, "there is no profile \"" + wanted + "\" to join",
                  profiles_);
        } else if (!contains(profile->shims, shim.name)) {
          profile->shims.push_back(shim.name);
        }
      }
    }
  }

  void check(const Profile& profile) {
    for (const std::string& name : profile.shims) {
      if (is_known(name)) continue;
      unknown(Code::unknown_shim, profile.at, "shims", name, "no shim is named \"" + name + "\" or provides it",
              known_);
    }
    if (!profile.extends.empty() && (profile.extends == profile.name || !contains(profiles_, profile.extends))) {
      Names others = profiles_;
      std::erase(others, profile.name);
      unknown(Code::unknown_profile, profile.at, "extends", profile.extends,
              profile.extends == profile.name ? "there is no earlier profile \"" + profile.name + "\" to build upon"
                                              : "there is no profile \"" + profile.extends + "\" to build upon",
              others);
    }
  }

  void check(const Shim& shim) {
    for (const std::string& name : shim.requirements) {
      if (is_satisfiable(shim, name)) continue;
      std::string cause = "\"" + shim.name + "\" requires \"" + name + "\", which no other shim is or provides";
      if (const Shim* disabled = find_disabled(name)) {
        cause = "\"" + shim.name + "\" requires \"" + name + "\", which " + to_string(disabled->at) + " disables";
      }
      unknown(Code::requirement_unmet, shim.at, "requires", name, cause, known_);
    }
    for (const Constraint& constraint : shim.constraints) {
      const std::string& name = constraint.target;
      if (name.empty() || is_known(name) || may_be_foreign(name) || find_disabled(name) != nullptr) continue;
      if (warnings_.size() >= kMostProblems) return;
      Problem problem =
          about(Code::unknown_shim, constraint.at, "\"" + name + "\" is no shim, no role and no library's name");
      problem.severity = Severity::warning;
      problem.fix = fix(name, known_, "write a shim, a role, or a SONAME (globs allowed), or remove the constraint");
      warnings_.push_back(std::move(problem));
    }
  }

  bool is_satisfiable(const Shim& shim, const std::string& name) const {
    if (!is_known(name)) return false;
    return std::any_of(manifest_.shims.begin(), manifest_.shims.end(), [&](const Shim& other) {
      return &other != &shim && (other.name == name || contains(other.provides, name));
    });
  }

  // Each profile after the one that it builds upon; what is never reached builds upon itself in the end.
  void extend_profiles() {
    Names done, waiting;
    for (const Profile& profile : manifest_.profiles) {
      (profile.extends.empty() || !contains(profiles_, profile.extends) ? done : waiting).push_back(profile.name);
    }
    while (!waiting.empty()) {
      const std::size_t before = waiting.size();
      std::erase_if(waiting, [&](const std::string& name) {
        Profile& profile = *find_profile(name);
        if (!contains(done, profile.extends)) return false;
        inherit(profile, *find_profile(profile.extends));
        done.push_back(name);
        return true;
      });
      if (waiting.size() == before) break;
    }
    if (waiting.empty() || !problems_.empty()) return;
    const Profile* profile = find_profile(waiting.front());
    Names seen;
    while (!contains(seen, profile->name)) {
      seen.push_back(profile->name);
      profile = find_profile(profile->extends);
    }
    seen.erase(seen.begin(), std::find(seen.begin(), seen.end(), profile->name));
    std::string circle;
    for (const std::string& name : seen) circle += "\"" + name + "\" extends ";
    Problem problem = about(Code::manifest_conflict, profile->at, circle + "\"" + profile->name + "\"");
    problem.fix = "let one of them list its shims instead";
    problems_.push_back(std::move(problem));
  }

  Profile* find_profile(const std::string& name) {
    for (Profile& profile : manifest_.profiles) {
      if (profile.name == name) return &profile;
    }
    return nullptr;
  }

  static std::string fix(const std::string& name, const Names& known, const std::string& otherwise) {
    const std::string guess = suggest(name, known);
    return guess.empty() ? otherwise : "did you mean \"" + guess + "\"?";
  }

  // `name` in the list or string `member` of the object at `owner`.
  void unknown(Code code, const Position& owner, const std::string& member, const std::string& name,
               const std::string& cause, const Names& known) {
    if (problems_.size() >= kMostProblems) return;
    Position at = owner;
    at.pointer += "/" + member;
    if (const Result<JsonDocument> document = text_of(owner)) {
      const JsonValue* value = document->find(at.pointer);
      for (std::size_t i = 0; value != nullptr && i < value->items.size(); ++i) {
        if (value->items[i].string != name) continue;
        at.pointer += "/" + std::to_string(i);
        break;
      }
    }
    Problem problem = about(code, at, cause);
    problem.fix = fix(name, known,
                      code == Code::unknown_profile ? "add a profile of that name, or take the name out"
                                                    : "add a shim of that name, or take the name out");
    problems_.push_back(std::move(problem));
  }

  // A problem at a value, with line and caret where the file still says the same.
  Problem about(Code code, Position at, std::string cause) const {
    Problem problem{.code = code, .where = {}, .cause = std::move(cause), .fix = {}, .excerpt = {}};
    if (const Result<JsonDocument> document = text_of(at)) {
      if (const JsonValue* value = document->find(at.pointer)) {
        at = document->position(value->offset, at.pointer);
        problem.excerpt = document->excerpt(value->offset);
      }
    }
    problem.where = to_string(at);
    return problem;
  }

  Result<JsonDocument> text_of(const Position& at) const {
    if (source_) return source_(at.file);
    return Problems{};
  }

  Manifest& manifest_;
  Problems& warnings_;
  const Source& source_;
  std::vector<Shim> disabled_;
  Names profiles_;
  Names known_;   // every name that a profile, a requirement or a constraint may use: shims and roles, in file order
  Names sorted_;  // the same, for looking up
  Problems problems_;
};

}  // namespace

void merge(Manifest& base, Manifest later) {
  merge_named(base.shims, std::move(later.shims), base.overrides);
  merge_named(base.profiles, std::move(later.profiles), base.overrides);
  base.files.insert(base.files.end(), later.files.begin(), later.files.end());
}

Result<void> complete(Manifest& manifest, Problems& warnings, const Source& source) {
  return Completer(manifest, warnings, source).run();
}

}  // namespace vgpu::plan
