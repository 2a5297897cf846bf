// Which profile a launch has, and which shims.
#pragma once

#include <string>
#include <vector>

#include "launcher/plan/manifest.h"
#include "launcher/plan/plan.h"

namespace vgpu::plan {

// Globs of the manifest against a target: on its base name, or on its path where the glob holds a '/'. A script's name
// counts, not its interpreter's. `command` stands in for a target that was not found.
bool target_matches(const std::vector<std::string>& globs, const Target& target, const std::string& command);

struct ChosenProfile {
  const Profile* profile = nullptr;
  std::string reason;
};

// --profile, else the last profile in file order that matches the target (a later file knows better), else "default".
// Error: Code::unknown_profile.
Result<ChosenProfile> choose_profile(const Manifest& manifest, const Request& request, const Target& target);

struct Selection {
  std::vector<const Shim*> shims;  // in file order
  std::vector<LeftOut> left_out;
};

// The profile's shims and --with, without --without, as far as their conditions hold (`mode`: "emulated" or "slice").
// Errors, all at once: Code::unknown_shim, Code::requirement_unmet, Code::manifest_conflict for two shims of one role
// or SONAME.
Result<Selection> choose_shims(const Manifest& manifest, const Profile& profile, const Request& request,
                               const Target& target, const std::string& mode);

}  // namespace vgpu::plan
