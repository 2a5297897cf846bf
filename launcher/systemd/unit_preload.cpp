// LD_PRELOAD in Environment= against the order that the manifest makes.
#include <algorithm>

#include "launcher/plan/joined.h"
#include "launcher/plan/launch.h"
#include "launcher/plan/preload.h"
#include "launcher/systemd/program.h"
#include "launcher/systemd/unit_check.h"

namespace vgpu::systemd {
namespace {

using plan::Severity;
using Strings = std::vector<std::string>;

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// The shim that an entry is, wherever it lies: a unit may name an installation that is no more. "" where it is none.
std::string shim_of(const plan::Manifest& manifest, const std::string& entry) {
  const std::string file = base_name(entry);
  for (const plan::Shim& shim : manifest.shims) {
    if (file == "libvgpu-" + shim.name + ".so") return shim.name;
    for (const std::string& library : shim.libraries) {
      if (file == base_name(library)) return shim.name;
    }
  }
  return {};
}

plan::Plan plan_without_ours(const Subject& subject, const Strings& foreign, const Report& report) {
  os::RootedMachine service = subject.machine;
  Strings environment = service_environment(subject.unit);
  std::erase_if(environment, [](const std::string& entry) {
    return entry.starts_with("LD_PRELOAD=") || entry.starts_with("VGPU_");
  });
  std::string preload;
  for (const std::string& entry : foreign) preload.append(preload.empty() ? "" : ":").append(entry);
  if (!preload.empty()) environment.push_back("LD_PRELOAD=" + preload);
  service.set_environment(std::move(environment));
  plan::Request request = subject.request;
  request.command.clear();
  for (const Start& start : report.starts) {
    if (!start.wrapped && !start.program.empty()) request.command = {start.program};
  }
  return make_plan(service, std::move(request));
}

class PreloadCheck {
 public:
  PreloadCheck(const Subject& subject, const EnvironmentSetting& setting, Report& report)
      : subject_(subject), setting_(setting), report_(report) {}

  void check() {
    report_.preload.set = true;
    report_.preload.has = plan::split_preload(setting_.value);
    // The manifest says what is a shim; which launch it is about comes later.
    const plan::Plan first = plan_without_ours(subject_, {}, report_);
    Strings foreign;
    for (const std::string& entry : report_.preload.has) {
      const std::string shim = shim_of(first.manifest, entry);
      if (shim.empty()) {
        foreign.push_back(entry);
      } else if (std::find(shims_.begin(), shims_.end(), shim) == shims_.end()) {
        shims_.push_back(shim);
      }
    }
    check_files();
    report_.preload.ours = !shims_.empty();
    if (shims_.empty()) return;
    const plan::Plan plan = foreign.empty() ? first : plan_without_ours(subject_, foreign, report_);
    report_.preload.computed = plan.preload;
    for (const plan::Problem& problem : plan.problems) {
      Finding finding = about(Fault::launch_refused, setting_.setting, problem.where + ": " + problem.cause,
                              problem.fix, problem.severity);
      finding.id = name(problem.code);
      report_.findings.push_back(std::move(finding));
    }
    check_order(plan);
    check_missing(plan);
  }

 private:
  // Behind vgpu-run the list is made anew.
  Severity severity() const {
    const bool all =
        std::all_of(report_.starts.begin(), report_.starts.end(), [](const Start& start) { return start.wrapped; });
    return all && !report_.starts.empty() ? Severity::warning : Severity::error;
  }

  void check_files() {
    for (const std::string& entry : report_.preload.has) {
      if (!entry.starts_with('/') || entry.find('$') != std::string::npos || subject_.machine.status(entry)) continue;
      report_.findings.push_back(
          about(Fault::preload_file_missing, setting_.setting,
                "there is no file " + entry + ": the dynamic linker says so and goes on without it",
                "install it, or take it out", severity()));
    }
  }

  void check_order(const plan::Plan& plan) {
    const auto rank = [&](const std::string& shim) {
      return std::find_if(plan.places.begin(), plan.places.end(),
                          [&](const plan::Place& place) { return place.name == shim; }) -
             plan.places.begin();
    };
    const auto size = static_cast<std::ptrdiff_t>(plan.places.size());
    for (std::size_t i = 0; i < shims_.size(); ++i) {
      for (std::size_t j = i + 1; j < shims_.size(); ++j) {
        if (rank(shims_[i]) >= size || rank(shims_[j]) >= size || rank(shims_[i]) < rank(shims_[j])) continue;
        const plan::Place& place = plan.places[static_cast<std::size_t>(rank(shims_[j]))];
        Strings right;
        for (const plan::Place& each : plan.places) right.push_back(each.name);
        const std::string why =
            place.reasons.empty() ? std::string() : " (" + shims_[j] + ": " + place.reasons.front() + ")";
        report_.findings.push_back(about(
            Fault::preload_order, setting_.setting,
            shims_[i] + " stands in front of " + shims_[j] + ", against the manifest" + why,
            "write them in the order " + plan::joined(right, ", ") + ", or run vgpuctl systemd install", severity()));
        return;
      }
    }
  }

  void check_missing(const plan::Plan& plan) {
    for (const plan::Place& place : plan.places) {
      if (place.foreign || std::find(shims_.begin(), shims_.end(), place.name) != shims_.end()) continue;
      report_.findings.push_back(about(Fault::preload_lacks_shim, setting_.setting,
                                       "the shim " + place.name + " is not in LD_PRELOAD",
                                       "add " + plan::joined(place.libraries, ", "), severity()));
    }
  }

  const Subject& subject_;
  const EnvironmentSetting& setting_;
  Report& report_;
  Strings shims_;  // in the order in which LD_PRELOAD has them
};

}  // namespace

void check_preload(const Subject& subject, Report& report) {
  const std::vector<EnvironmentSetting> environment = environment_settings(subject.unit);
  for (const EnvironmentSetting& one : environment) {
    if (one.name == "LD_PRELOAD") PreloadCheck(subject, one, report).check();
  }
  if (report.preload.ours) return;
  for (const Start& start : report.starts) {
    if (start.wrapped || start.program.empty() || !subject.whole) continue;
    report.findings.push_back(about(Fault::not_on_a_virtual_gpu, start.command.setting,
                                    start.program + " is not started by vgpu-run, and has no shims in LD_PRELOAD",
                                    "run vgpuctl systemd install " + subject.unit.name));
  }
}

}  // namespace vgpu::systemd
