// vgpuctl systemd install UNIT: a drop-in that starts every command of the service behind vgpu-run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "launcher/ctl/print.h"
#include "launcher/ctl/systemd.h"
#include "launcher/ctl/unit_verifier.h"
#include "launcher/os/replace_file.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/plan_json.h"
#include "launcher/systemd/drop_in.h"
#include "launcher/systemd/unit_check.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;
using plan::Problems;

class Install final : public Verb {
 public:
  const char* name() const override { return "install"; }
  const char* summary() const override { return "Write the drop-in that starts a service behind vgpu-run"; }

  void add_options(CLI::App& app) override {
    app.add_option("UNIT", unit_, "The service: ollama, foo@bar.service, foo@.service for all instances")->required();
    app.add_option("--style", style_,
                   "wrap: ExecStart= behind vgpu-run; environment: LD_PRELOAD in Environment=, in computed order")
        ->check(CLI::IsMember({"wrap", "environment"}))
        ->capture_default_str();
    place_.add_to(app);
    app.add_flag("--force", force_,
                 "Write it although the service would not start with its shims; the reasons are printed all the same");
    app.add_flag("--dry-run", dry_run_, "Print the drop-in, write nothing");
    app.add_flag("--json", json_, "Print what was done (vgpuctl schema systemd-install)");
    options_.add_to(app);
    app.footer(
        "Exit status: 0 it is installed, 1 the service cannot be put behind vgpu-run, 125 vgpuctl itself failed.");
  }

  ExitStatus run(const os::Machine& ours) override {
    const auto name = systemd::service_name(unit_);
    if (!name) return fail(name.error());
    auto there = place_.machine(ours);
    if (!there) return fail(there.error());
    const auto launcher = place_.launcher(ours, *there);
    if (!launcher) return fail(launcher.error());
    there->set_environment({});  // what our own VGPU_RUN_ variables say is not meant for the service
    const auto request = options_.request(*there, {"true"});
    if (!request) return fail(request.error());
    const std::vector<std::string> own = systemd::own_drop_ins(*name);
    for (const std::string& path : own) {
      if (const auto text = there->read(path, systemd::kLargestUnitFile); text && !systemd::is_ours(*text)) {
        return fail({{.code = plan::Code::usage,
                      .where = path,
                      .cause = "it was not written by vgpuctl",
                      .fix = "move it out of the way",
                      .excerpt = {}}});
      }
    }
    const systemd::Unit unit = systemd::load_unit(*there, *name, nullptr, own);
    const auto made = systemd::make_drop_in(*there, unit, *launcher, *request,
                                            style_ == "wrap" ? systemd::Style::wrap : systemd::Style::environment);
    if (!made) {
      fail(made.error());
      return ExitStatus::does_not_hold;
    }
    print_warnings(made->warnings);
    if (!would_work(*there, *name, *launcher, *request, *made, own) && !force_) {
      return ExitStatus::does_not_hold;
    }
    if (dry_run_) return answer(json_ ? to_json(*name, *made, {}, {}) : made->text, ExitStatus::ok);
    return write(ours, *there, *name, *made);
  }

 private:
  // Fail closed: a service that would end with vgpu-run's refusal, or with vgpu-run out of its sight, is left as it
  // was.
  static bool would_work(const os::RootedMachine& there, const std::string& name, const std::string& launcher,
                         const plan::Request& request, const systemd::DropIn& made,
                         const std::vector<std::string>& own) {
    const systemd::UnitFile drop_in = systemd::parse_unit_file(made.path, made.text);
    const systemd::Unit unit = systemd::load_unit(there, name, &drop_in, own);
    plan::Request asked = request;
    asked.command.clear();
    const systemd::Report report =
        systemd::check_unit({.machine = there, .unit = unit, .launcher = launcher, .request = asked});
    bool works = true;
    for (const systemd::Finding& finding : report.findings) {
      if (finding.severity != plan::Severity::error) continue;
      std::fputs(finding.text(name).c_str(), stderr);
      works = false;
    }
    return works;
  }

  static void print_warnings(const Problems& problems) {
    for (const plan::Problem& problem : problems) std::fputs(to_text(problem, "vgpuctl").c_str(), stderr);
  }

  static Problems failed(const os::Errno& error) {
    return {
        {.code = plan::Code::internal,
         .where = error.call,
         .cause = std::strerror(error.value),
         .fix = error.value == EACCES || error.value == EPERM ? "run it as root" : "make it possible, and try again",
         .excerpt = {}}};
  }

  // What was there is put back where systemd does not take what we wrote.
  ExitStatus write(const os::Machine& ours, const os::RootedMachine& there, const std::string& name,
                   const systemd::DropIn& made) {
    const std::string path = there.outside(made.path);
    const auto before = ours.read(path, systemd::kLargestUnitFile);
    if (const auto error = os::replace_file(path, made.text, 0644)) return fail(failed(*error));
    const std::string root = there.root().empty() ? "/" : there.root();
    const auto verdict = verify_unit(ours, root, name);
    std::vector<std::string> said = verdict.value_or(std::vector<std::string>());
    std::erase_if(said, [&](const std::string& line) {
      return line.find("/" + name) == std::string::npos;
    });  // its files: not what else the tree lacks
    const auto about_ours = std::find_if(said.begin(), said.end(),
                                         [&](const std::string& line) { return line.find(path) != std::string::npos; });
    if (about_ours != said.end()) {
      const auto error = before ? os::replace_file(path, *before, 0644) : os::remove_file(path);
      if (error) return fail(failed(*error));
      return fail({{.code = plan::Code::internal,
                    .where = made.path,
                    .cause = "systemd-analyze verify refuses it, so it was taken back: " + *about_ours,
                    .fix = "report this, with the unit",
                    .excerpt = {}}});
    }
    for (const std::string& other : systemd::own_drop_ins(name)) {  // of another name, from an earlier installation
      if (other == made.path || !there.status(other)) continue;
      if (const auto error = os::remove_file(there.outside(other))) return fail(failed(*error));
    }
    for (const std::string& line : said)
      std::fprintf(stderr, "vgpuctl: systemd-analyze: %s\n", plan::escaped(line).c_str());
    if (json_) return answer(to_json(name, made, verdict ? "verified" : "not there", next(name)), ExitStatus::ok);
    return answer("wrote " + plan::escaped(path) + "\n" +
                      (verdict ? "" : "not verified: there is no systemd-analyze\n") +
                      (next(name).empty() ? "it takes effect when the tree is booted\n" : "next: " + next(name) + "\n"),
                  ExitStatus::ok);
  }

  std::string next(const std::string& name) const {
    if (place_.is_offline()) return {};
    if (name.find("@.") != std::string::npos) return "systemctl daemon-reload, then restart the instances";
    return "systemctl daemon-reload && systemctl restart " + name;
  }

  std::string to_json(const std::string& name, const systemd::DropIn& made, const std::string& verified,
                      const std::string& next) const {
    nlohmann::ordered_json object;
    object["version"] = 1;
    object["unit"] = plan::json_text(name);
    object["style"] = style_;
    object["path"] = plan::json_text(made.path);
    object["text"] = plan::json_text(made.text);
    object["written"] = !dry_run_;
    object["verified"] = verified == "verified";
    object["next"] = next.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(plan::json_text(next));
    return object.dump(2) + "\n";
  }

  std::string unit_;
  std::string style_ = "wrap";
  SystemdPlace place_;
  LaunchOptions options_;
  bool force_ = false;
  bool dry_run_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_systemd_install() { return std::make_unique<Install>(); }

}  // namespace vgpu::ctl
