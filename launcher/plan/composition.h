// From the places to what the target gets: LD_PRELOAD, LD_LIBRARY_PATH, the variables of shims/contract.h, and the
// whole environment for exec.
#pragma once

#include <string>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/plan/environment_list.h"
#include "launcher/plan/manifest.h"
#include "launcher/plan/plan.h"

namespace vgpu::plan {

class Composition {
 public:
  // `before`: the environment that we were started with. `base`: the one before we change it: ours, with what the
  // profile and --set add. The references must outlive this.
  Composition(const os::Machine& machine, const Manifest& manifest, const Profile& profile,
              const EnvironmentList& before, const EnvironmentList& base);

  // The user's LD_LIBRARY_PATH without what comes from us; an empty element, which means the working directory, as ".".
  const std::vector<std::string>& users_library_path() const { return users_library_path_; }

  // Fills preload, library_path, environment, unset and envp of the plan from its places, scope, init and device. May
  // be called again after the places have changed. Errors: Code::path_not_carriable, Code::environment_too_long; they
  // go into the plan's problems once.
  void compose(Plan& plan);

 private:
  const Shim* shim_of(const Place& place) const;
  void compose_preload(Plan& plan);
  void compose_library_path(Plan& plan);
  void compose_environment(Plan& plan) const;
  std::vector<std::string> fallback_directories(const Plan& plan, const std::vector<const Shim*>& shims) const;
  void refuse_path(Plan& plan, const std::string& path, std::string_view separators, const std::string& list) const;
  void refuse(Plan& plan, Code code, const std::string& where, std::string cause, std::string fix) const;

  const os::Machine& machine_;
  const Manifest& manifest_;
  const Profile& profile_;
  const EnvironmentList& before_;
  const EnvironmentList& base_;
  std::vector<std::string> users_library_path_;
  std::vector<std::string> profile_directories_;

  // Of the last compose().
  std::vector<std::string> shim_libraries_;
  std::vector<std::string> in_front_;  // foreign entries before the first shim
  std::vector<std::string> link_directories_;
  std::vector<std::string> fallback_directories_;
};

}  // namespace vgpu::plan
