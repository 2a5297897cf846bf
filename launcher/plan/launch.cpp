#include "launcher/plan/launch.h"

#include <algorithm>
#include <memory>

#include "launcher/plan/composition.h"
#include "launcher/plan/device.h"
#include "launcher/plan/device_parts.h"
#include "launcher/plan/discover.h"
#include "launcher/plan/driver.h"
#include "launcher/plan/environment_list.h"
#include "launcher/plan/init_order.h"
#include "launcher/plan/mount_namespace.h"
#include "launcher/plan/order.h"
#include "launcher/plan/preflight.h"
#include "launcher/plan/preload.h"
#include "launcher/plan/selection.h"
#include "launcher/plan/session.h"
#include "launcher/plan/target.h"
#include "launcher/plan/visible.h"
#include "shims/contract.h"
#include "shims/device/default_wire.h"

namespace vgpu::plan {
namespace {

class Launch {
 public:
  Launch(const os::Machine& machine, Request request, Sealed sealed, Detail detail)
      : machine_(machine), sealed_(sealed), detail_(detail), before_(machine.environment()), environment_(before_) {
    plan_.request = std::move(request);
  }

  Plan run() {
    take_environment();
    Problems warnings;
    Result<Manifest> manifest = load_manifest(machine_, plan_.request.manifest, warnings, sealed_.manifest);
    find_target(manifest);
    plan_.problems.insert(plan_.problems.end(), warnings.begin(), warnings.end());
    if (failed(manifest)) return std::move(plan_);
    plan_.manifest = std::move(*manifest);
    if (choose()) {
      order();
      compose();
      check();
    }
    return std::move(plan_);
  }

 private:
  template <class T>
  bool failed(const Result<T>& result) {
    if (result) return false;
    const Problems problems = result.error();  // error() returns a value
    plan_.problems.insert(plan_.problems.end(), problems.begin(), problems.end());
    return true;
  }

  void complain(Code code, std::string where, std::string cause, std::string fix) {
    plan_.problems.push_back(
        {.code = code, .where = std::move(where), .cause = std::move(cause), .fix = std::move(fix), .excerpt = {}});
  }

  // ld.so(8), secure-execution mode: what an unprivileged caller puts into our environment decides nothing.
  void take_environment() {
    if (machine_.credentials().secure) environment_.unset_prefix("VGPU_");
    for (const auto& [name, value] : plan_.request.set) environment_.set(name, value);
    failed(join_device_parts(environment_));
  }

  void find_target(const Result<Manifest>& manifest) {
    if (plan_.request.command.empty()) return;
    Look look = Look::whole;
    if (detail_ == Detail::launch)
      look = manifest && preloads_nothing(*manifest) ? Look::name_only : Look::without_linker;
    plan_.target = inspect_target(machine_, plan_.request.command.front(), environment_.get_or("PATH", kDefaultPath),
                                  plan_.problems, look);
  }

  // Certainly, before profile and shims are chosen: it does not matter then what the target can carry.
  bool preloads_nothing(const Manifest& manifest) const {
    const Request& request = plan_.request;
    if (request.profile.empty() || !request.with.empty() || !request.scope.empty()) return false;
    if (!environment_.get_or("LD_PRELOAD", "").empty()) return false;
    return std::any_of(manifest.profiles.begin(), manifest.profiles.end(), [&](const Profile& profile) {
      return profile.name == request.profile && profile.shims.empty() && profile.scope.empty();
    });
  }

  bool choose() {
    const Result<ChosenProfile> chosen = choose_profile(plan_.manifest, plan_.request, plan_.target);
    if (failed(chosen)) return false;
    profile_ = chosen->profile;
    plan_.profile = profile_->name;
    plan_.profile_reason = chosen->reason;
    for (const auto& [name, value] : profile_->environment) environment_.set(name, value);
    for (const auto& [name, value] : plan_.request.set) environment_.set(name, value);
    choose_scope();
    choose_init();
    choose_mode();
    choose_session();
    Result<Selection> selection = choose_shims(plan_.manifest, *profile_, plan_.request, plan_.target,
                                               plan_.mode.empty() ? kEmulated : plan_.mode);
    if (failed(selection)) return false;
    plan_.left_out = std::move(selection->left_out);
    shims_ = std::move(selection->shims);
    return true;
  }

  // A launch inside a launch goes on with what the outer one has, where it does not say otherwise.
  std::string chosen(const std::string& asked, const std::string& profile, const char* variable,
                     const char* otherwise) const {
    if (!asked.empty()) return asked;
    if (!profile.empty()) return profile;
    return std::string(environment_.get_or(variable, otherwise));
  }

  void choose_scope() {
    plan_.scope = chosen(plan_.request.scope, profile_->scope, contract::kScope, "exec");
    if (plan_.scope == "inherit" || plan_.scope == "exec" || plan_.scope == "namespace") return;
    complain(Code::usage, "scope " + plan_.scope, "there is no such scope", "use inherit, exec or namespace");
  }

  void choose_init() {
    plan_.init = chosen({}, profile_->init, contract::kInit, "lazy");
    if (plan_.init != "lazy" && plan_.init != "eager") {
      complain(Code::usage, std::string(contract::kInit) + "=" + plan_.init, "there is no such way to initialise",
               "use lazy or eager");
    }
  }

  // Without a shim nobody asks for a device.
  void choose_mode() {
    if (!profile_->shims.empty() || !plan_.request.with.empty() || plan_.request.passthrough) {
      Result<Mode> mode = plan::choose_mode(machine_, plan_.request, *profile_, plan_.manifest.shims, environment_);
      if (failed(mode)) return;
      plan_.mode = std::move(mode->name);
      plan_.mode_reason = std::move(mode->reason);
      plan_.real_cuda = std::move(mode->cuda);
      plan_.real_nvml = std::move(mode->nvml);
    }
    if (plan_.mode == kSlice) {
      // A static CUDA runtime asks the driver, and finds the real one.
      std::erase_if(plan_.problems, [](const Problem& problem) { return problem.code == Code::target_static_cudart; });
      choose_gpus();
    } else {
      choose_device();
    }
  }

  // Numbers count among what an enclosing launch has; its profile has been obeyed there.
  std::string devices(bool inside) const {
    return !plan_.request.devices.empty() || inside ? plan_.request.devices : profile_->visible_devices;
  }

  void choose_gpus() {
    const std::string enclosing(environment_.get_or(contract::kVisible, ""));
    Result<std::string> visible = visible_gpus(machine_, devices(!enclosing.empty()), enclosing);
    if (!failed(visible)) plan_.visible = std::move(*visible);
  }

  void choose_device() {
    const std::string spec = !plan_.request.emulate.empty() ? plan_.request.emulate : profile_->device;
    const auto enclosing = environment_.get(contract::kDevice);
    const bool inside = spec.empty() && enclosing;
    Result<Device> device =
        inside ? enclosing_device(std::string(*enclosing)) : resolve_device(machine_, spec, share_directory(machine_));
    if (failed(device)) return;
    if (const std::string list = devices(inside); !list.empty()) {
      device = visible_emulated(*device, list);
      if (failed(device)) return;
    }
    plan_.device = device->name;
    plan_.device_wire = device->wire;
  }

  void choose_session() {
    Result<Session> session = plan::choose_session(machine_, plan_.request, *profile_, environment_);
    if (failed(session)) return;
    plan_.session = std::move(session->path);
    plan_.memory_limits = std::move(session->memory);
    plan_.quota = std::move(session->quota);
    choose_session_devices(session->joined);
  }

  // In which order the session's limits are meant: as the devices of the launch that named it, also where this one has
  // only some.
  void choose_session_devices(bool joined) {
    if (plan_.session.empty()) return;
    if (!joined) {
      if (plan_.mode == kSlice && plan_.visible.empty()) plan_.session_devices = gpu_addresses(machine_);
      return;
    }
    plan_.session_devices = environment_.get_or(contract::kSessionDevices, "");
    if (!plan_.session_devices.empty()) return;
    if (environment_.get(contract::kRealCuda)) {
      const std::string outer(environment_.get_or(contract::kVisible, ""));
      if (outer != plan_.visible) plan_.session_devices = outer;
    } else {
      const std::string_view outer = environment_.get_or(contract::kDevice, device::kDefaultWire);
      if (outer != plan_.device_wire) plan_.session_devices = emulated_uuids(outer);
    }
  }

  void order() {
    std::vector<OrderEntry> entries;
    std::vector<Place> places;
    for (const Shim* shim : shims_) {
      OrderEntry entry{.name = shim->name, .roles = shim->provides, .aliases = {}, .constraints = shim->constraints};
      for (const Soname& soname : shim->sonames) entry.aliases.push_back(soname.name);
      for (const std::string& library : shim->libraries)
        entry.aliases.push_back(library.substr(library.rfind('/') + 1));
      entries.push_back(std::move(entry));
      places.push_back({.name = shim->name, .libraries = shim->libraries, .foreign = false, .reasons = {}});
    }
    composition_ = std::make_unique<Composition>(machine_, plan_.manifest, *profile_, before_, environment_);
    for (ForeignPreload& preload :
         foreign_preloads(machine_, plan_.manifest, plan_.target, environment_.get_or("LD_PRELOAD", ""),
                          environment_.get_or(contract::kPreload, ""), composition_->users_library_path())) {
      entries.push_back(
          {.name = preload.name, .foreign = true, .roles = {}, .aliases = preload.aliases, .constraints = {}});
      places.push_back({.name = preload.name, .libraries = {preload.path}, .foreign = true, .reasons = {}});
    }
    const Result<Order> solved = solve_order(entries);
    if (failed(solved)) return;
    for (const std::size_t i : solved->sequence) {
      places[i].reasons = solved->reasons[i];
      plan_.places.push_back(std::move(places[i]));
    }
  }

  void compose() { composition_->compose(plan_); }

  void check() {
    if (preflight(machine_, plan_, sealed_.libraries)) compose();
    if (plan_.scope == "namespace") plan_mount_namespace(machine_, plan_);
    if (detail_ == Detail::shown) plan_.init_order = initialisation_order(machine_, plan_.places, sealed_.libraries);
  }

  const os::Machine& machine_;
  Sealed sealed_;
  Detail detail_;
  const EnvironmentList before_;
  EnvironmentList environment_;
  Plan plan_;
  const Profile* profile_ = nullptr;
  std::vector<const Shim*> shims_;
  std::unique_ptr<Composition> composition_;
};

}  // namespace

Plan make_plan(const os::Machine& machine, Request request, Sealed sealed, Detail detail) {
  return Launch(machine, std::move(request), sealed, detail).run();
}

ExitStatus exit_status(const Plan& plan) {
  ExitStatus status = ExitStatus::ok;
  for (const Problem& problem : plan.problems) {
    if (problem.severity != Severity::error) continue;
    const ExitStatus one = exit_status(problem.code);
    if (one == ExitStatus::own_failure) return one;
    if (status == ExitStatus::ok) status = one;
  }
  return status;
}

}  // namespace vgpu::plan
