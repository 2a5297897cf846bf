#include "launcher/plan/selection.h"

#include <fnmatch.h>

#include <algorithm>

#include "launcher/plan/suggest.h"

namespace vgpu::plan {
namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_called(const Shim& shim, const std::string& name) { return shim.name == name || contains(shim.provides, name); }

Problem unknown(Code code, const std::string& option, const std::string& kind, const std::string& name,
                const Names& known) {
  Problem problem{.code = code, .where = option + " " + name, .cause = {}, .fix = {}, .excerpt = {}};
  problem.cause = "there is no " + kind + " of that name in the manifest";
  const std::string guess = suggest(name, known);
  if (!guess.empty()) {
    problem.fix = "did you mean " + guess + "?";
  } else {
    std::string all;
    for (const std::string& each : known) all.append(all.empty() ? "" : ", ").append(each);
    problem.fix = "use one of: " + all;
  }
  return problem;
}

class Chooser {
 public:
  Chooser(const Manifest& manifest, const Profile& profile, const Request& request, const Target& target,
          const std::string& mode)
      : manifest_(manifest), profile_(profile), request_(request), target_(target), mode_(mode) {}

  Result<Selection> run() {
    check_names("--with", request_.with);
    check_names("--without", request_.without);
    for (const Shim& shim : manifest_.shims) consider(shim);
    for (const Shim* shim : selection_.shims) {
      check_requirements(*shim);
      check_conflicts(*shim);
    }
    if (!problems_.empty()) return std::move(problems_);
    return std::move(selection_);
  }

 private:
  void check_names(const std::string& option, const Names& names) {
    for (const std::string& name : names) {
      const auto named = [&](const Shim& shim) { return is_called(shim, name); };
      if (std::any_of(manifest_.shims.begin(), manifest_.shims.end(), named)) continue;
      Names known;
      for (const Shim& shim : manifest_.shims) known.push_back(shim.name);
      problems_.push_back(unknown(Code::unknown_shim, option, "shim", name, known));
    }
  }

  static bool named_in(const Names& names, const Shim& shim) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return is_called(shim, name); });
  }

  void consider(const Shim& shim) {
    const bool asked_for = named_in(request_.with, shim);
    if (!asked_for && !named_in(profile_.shims, shim)) return;
    if (named_in(request_.without, shim)) return leave_out(shim, "--without");
    if (!shim.when.device.empty() && !contains(shim.when.device, mode_)) {
      return leave_out(shim, "not for a device that is " + std::string(mode_ == "slice" ? "a slice" : mode_));
    }
    if (!shim.when.target.empty() && !target_matches(shim.when.target, target_, command())) {
      return leave_out(shim, "not for this program");
    }
    selection_.shims.push_back(&shim);
  }

  void leave_out(const Shim& shim, std::string reason) {
    selection_.left_out.push_back({shim.name, std::move(reason)});
  }

  const std::string& command() const {
    static const std::string none;
    return request_.command.empty() ? none : request_.command.front();
  }

  void check_requirements(const Shim& shim) {
    for (const std::string& name : shim.requirements) {
      const auto satisfies = [&](const Shim* other) { return other != &shim && is_called(*other, name); };
      if (std::any_of(selection_.shims.begin(), selection_.shims.end(), satisfies)) continue;
      Problem problem{
          .code = Code::requirement_unmet, .where = to_string(shim.at), .cause = {}, .fix = {}, .excerpt = {}};
      problem.cause = shim.name + " requires " + name + ", and no chosen shim is or provides that";
      problem.fix = "add --with for a shim that does, or leave this one out too: --without " + shim.name;
      problems_.push_back(std::move(problem));
    }
  }

  // Two libraries of one SONAME are both mapped, and only the first is ever used.
  void check_conflicts(const Shim& shim) {
    for (const Shim* other : selection_.shims) {
      if (other == &shim) return;  // each pair once
      std::string shared;
      for (const std::string& role : shim.provides) {
        if (contains(other->provides, role)) shared = "the role " + role;
      }
      for (const Soname& soname : shim.sonames) {
        const auto same = [&](const Soname& each) { return each.name == soname.name; };
        if (std::any_of(other->sonames.begin(), other->sonames.end(), same)) shared = soname.name;
      }
      if (shared.empty()) continue;
      Problem problem{
          .code = Code::manifest_conflict, .where = to_string(shim.at), .cause = {}, .fix = {}, .excerpt = {}};
      problem.cause = other->name + " and " + shim.name + " both stand for " + shared;
      problem.fix = "leave one of them out: --without " + other->name;
      problems_.push_back(std::move(problem));
    }
  }

  const Manifest& manifest_;
  const Profile& profile_;
  const Request& request_;
  const Target& target_;
  const std::string& mode_;
  Selection selection_;
  Problems problems_;
};

}  // namespace

bool target_matches(const std::vector<std::string>& globs, const Target& target, const std::string& command) {
  const std::string& path = target.path.empty() ? command : target.path;
  const std::string name = path.substr(path.rfind('/') + 1);
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    const bool whole = glob.find('/') != std::string::npos;
    return fnmatch(glob.c_str(), (whole ? path : name).c_str(), 0) == 0;
  });
}

Result<ChosenProfile> choose_profile(const Manifest& manifest, const Request& request, const Target& target) {
  ChosenProfile chosen;
  const std::string command = request.command.empty() ? "" : request.command.front();
  std::string wanted = request.profile;
  if (!wanted.empty()) {
    chosen.reason = "--profile";
  } else {
    for (auto profile = manifest.profiles.rbegin(); profile != manifest.profiles.rend(); ++profile) {
      if (!target_matches(profile->match, target, command)) continue;
      chosen.profile = &*profile;
      chosen.reason = "it matches the program";
      return chosen;
    }
    wanted = "default";
    chosen.reason = "no other profile matches the program";
  }
  Names known;
  for (const Profile& profile : manifest.profiles) {
    known.push_back(profile.name);
    if (profile.name == wanted) chosen.profile = &profile;
  }
  if (chosen.profile == nullptr) {
    return Problems{
        unknown(Code::unknown_profile, request.profile.empty() ? "profile" : "--profile", "profile", wanted, known)};
  }
  return chosen;
}

Result<Selection> choose_shims(const Manifest& manifest, const Profile& profile, const Request& request,
                               const Target& target, const std::string& mode) {
  return Chooser(manifest, profile, request, target, mode).run();
}

}  // namespace vgpu::plan
