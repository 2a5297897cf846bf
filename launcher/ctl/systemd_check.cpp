// vgpuctl systemd check UNIT|FILE: does the service start with its shims, as far as its files tell?
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "launcher/ctl/print.h"
#include "launcher/ctl/systemd.h"
#include "launcher/os/replace_file.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/plan_json.h"
#include "launcher/systemd/repair.h"
#include "launcher/systemd/unit_check.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;
using plan::Severity;
using systemd::Fault;
using systemd::Finding;
using systemd::Report;
using systemd::Unit;
using systemd::UnitFile;

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// "/etc/systemd/system/x.service.d/y.conf" -> "x.service"; "" where the directory is of no service.
std::string unit_of_drop_in(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "" : base_name(path.substr(0, slash));
  return directory.ends_with(".service.d") ? directory.substr(0, directory.size() - 2) : std::string();
}

ExitStatus verdict(const Report& report) {
  bool wrong = false, unknown = false;
  for (const Finding& finding : report.findings) {
    const bool unreadable = finding.fault == Fault::unit_unreadable || finding.fault == Fault::unit_missing;
    unknown = unknown || unreadable;
    wrong = wrong || (!unreadable && finding.severity == Severity::error);
  }
  return wrong ? ExitStatus::does_not_hold : unknown ? ExitStatus::cannot_tell : ExitStatus::ok;
}

class Check final : public Verb {
 public:
  const char* name() const override { return "check"; }
  const char* summary() const override { return "Whether a service starts with its shims, as far as its files tell"; }

  void add_options(CLI::App& app) override {
    app.add_option("UNIT|FILE", subject_, "A service (ollama), or the path of a unit file or of a drop-in")->required();
    app.add_option("--unit", unit_name_, "The service that the drop-in FILE is for, where its directory does not tell")
        ->type_name("UNIT");
    CLI::Option* fix = app.add_flag("--fix", fix_, "Print the repaired file; what is left to you goes to stderr");
    app.add_flag("--write", write_, "With --fix: write it, keeping the old one beside it as FILE.bak")->needs(fix);
    place_.add_to(app);
    app.add_flag("--json", json_, "Print findings, commands and LD_PRELOAD (vgpuctl schema systemd-check)")
        ->excludes(fix);
    options_.add_to(app);
    app.footer("Exit status: 0 it does, 1 it does not, 2 it cannot be told, 125 vgpuctl itself failed.");
  }

  ExitStatus run(const os::Machine& ours) override {
    auto there = place_.machine(ours);
    if (!there) return fail(there.error());
    there->set_environment({});
    auto request = options_.request(*there, {"true"});
    if (!request) return fail(request.error());
    request->command.clear();
    if (auto problems = load(ours, *there); !problems.empty()) return fail(problems);
    const auto launcher = place_.launcher(ours, *there);
    const auto check = [&](const Unit& unit) {
      return systemd::check_unit({.machine = *there,
                                  .unit = unit,
                                  .launcher = launcher ? *launcher : std::string(),
                                  .request = *request,
                                  .whole = whole_});
    };
    const Report report = check(unit_);
    if (!fix_) return answer(json_ ? to_json(report) : to_text(report), verdict(report));
    return fix(*there, report, check);
  }

 private:
  static plan::Problems usage(std::string where, std::string cause, std::string fix) {
    return {{.code = plan::Code::usage,
             .where = std::move(where),
             .cause = std::move(cause),
             .fix = std::move(fix),
             .excerpt = {}}};
  }

  plan::Problems load(const os::Machine& ours, const os::RootedMachine& there) {
    const bool is_file = subject_.find('/') != std::string::npos || subject_.ends_with(".conf");
    if (!is_file) {
      const auto name = systemd::service_name(subject_);
      if (!name) return name.error();
      unit_ = systemd::load_unit(there, *name);
      return {};
    }
    std::string path = subject_;
    if (!path.starts_with('/')) path = (place_.is_offline() ? "" : ours.working_directory()) + "/" + path;
    auto text = there.read(path, systemd::kLargestUnitFile);
    if (!text) return usage(subject_, std::strerror(text.error().value), "name a file that can be read");
    file_ = systemd::parse_unit_file(path, std::move(*text));
    const std::string named = !unit_name_.empty()          ? unit_name_
                              : path.ends_with(".service") ? base_name(path)
                                                           : unit_of_drop_in(path);
    if (path.ends_with(".service")) {
      unit_ = systemd::load_unit(there, named);
      if (unit_.fragment == path) return {};
      unit_ = Unit{.name = named, .fragment = path, .files = {file_}, .unreadable = {}};
      return {};
    }
    if (!named.empty()) {
      const auto name = systemd::service_name(named);
      if (!name) return name.error();
      unit_ = systemd::load_unit(there, *name, &file_);
      whole_ = !unit_.fragment.empty();
    } else {
      unit_ = Unit{.name = base_name(path), .fragment = {}, .files = {file_}, .unreadable = {}};
      whole_ = false;
    }
    return {};
  }

  std::string to_text(const Report& report) const {
    std::string text;
    for (const Finding& finding : report.findings) text += finding.text(unit_.name);
    for (const systemd::Start& start : report.starts) {
      if (start.program.empty()) continue;
      text += "runs: " + plan::escaped(start.program);
      if (start.wrapped && start.known) text += " -- " + plan::escaped(start.plan.target.path);
      text += "\n";
    }
    const auto errors = std::count_if(report.findings.begin(), report.findings.end(),
                                      [](const Finding& one) { return one.severity == Severity::error; });
    switch (verdict(report)) {
      case ExitStatus::ok:
        return text + "holds: " + unit_.name + (whole_ ? " starts with its shims\n" : " has no fault of its own\n");
      case ExitStatus::cannot_tell: return text + "cannot tell: " + unit_.name + " could not be read\n";
      default:
        return text + "does not hold: " + std::to_string(errors) + (errors == 1 ? " error in " : " errors in ") +
               unit_.name + "\n";
    }
  }

  static nlohmann::ordered_json texts(const std::vector<std::string>& list) {
    auto array = nlohmann::ordered_json::array();
    for (const std::string& item : list) array.push_back(plan::json_text(item));
    return array;
  }

  std::string to_json(const Report& report) const {
    using Json = nlohmann::ordered_json;
    Json object;
    object["version"] = 1;
    object["unit"] = plan::json_text(unit_.name);
    object["verdict"] = verdict(report) == ExitStatus::ok            ? "holds"
                        : verdict(report) == ExitStatus::cannot_tell ? "cannot tell"
                                                                     : "does not hold";
    object["files"] = Json::array();
    for (const UnitFile& file : unit_.files) object["files"].push_back(plan::json_text(file.path));
    object["commands"] = Json::array();
    for (const systemd::Start& start : report.starts) {
      object["commands"].push_back({{"text", plan::json_text(start.command.command.text)},
                                    {"program", start.program.empty() ? Json() : Json(plan::json_text(start.program))},
                                    {"wrapped", start.wrapped},
                                    {"target", start.known ? Json(plan::json_text(start.plan.target.path)) : Json()}});
    }
    object["preload"] = {{"has", texts(report.preload.has)}, {"computed", texts(report.preload.computed)}};
    object["findings"] = Json::array();
    for (const Finding& finding : report.findings) {
      object["findings"].push_back({{"id", finding.id},
                                    {"severity", finding.severity == Severity::error ? "error" : "warning"},
                                    {"file", finding.file.empty() ? Json() : Json(plan::json_text(finding.file))},
                                    {"line", finding.line == 0 ? Json() : Json(finding.line)},
                                    {"cause", plan::json_text(finding.cause)},
                                    {"fix", plan::json_text(finding.fix)}});
    }
    return object.dump(2) + "\n";
  }

  // The file that was named; of a unit those that belong to this machine's administrator.
  bool is_to_be_repaired(const UnitFile& file) const {
    return file_.path.empty() ? file.path.starts_with("/etc/") || file.path.starts_with("/run/")
                              : file.path == file_.path;
  }

  // A repair can show what another fault hid (a line without a section was in no unit), so it goes on until nothing
  // changes.
  template <class Check>
  ExitStatus fix(const os::RootedMachine& there, Report report, const Check& check) {
    std::vector<std::string> before;
    for (const UnitFile& file : unit_.files) before.push_back(file.text);
    for (int round = 0; round < 4; ++round) {
      bool changed = false;
      std::vector<UnitFile> next;
      for (const UnitFile& file : unit_.files) {
        std::string text = is_to_be_repaired(file) ? systemd::repaired(file, report) : file.text;
        changed = changed || text != file.text;
        next.push_back(systemd::parse_unit_file(file.path, std::move(text)));
      }
      if (!changed) break;
      unit_.files = std::move(next);
      report = check(unit_);
    }
    for (const Finding& finding : report.findings) std::fputs(finding.text(unit_.name).c_str(), stderr);
    std::string printed;
    std::size_t repairs = 0;
    for (std::size_t i = 0; i < unit_.files.size(); ++i) {
      const UnitFile& file = unit_.files[i];
      if (file.text == before[i] && (write_ || file.path != file_.path)) continue;
      ++repairs;
      if (!write_) {
        printed += (file_.path.empty() ? "# " + file.path + "\n" : "") + file.text;
        continue;
      }
      const std::string backup = free_name(there, file.path + ".bak");
      for (const auto& [path, text] : {std::pair(backup, before[i]), std::pair(file.path, file.text)}) {
        if (const auto error = os::replace_file(there.outside(path), text, 0644)) {
          return fail({{.code = plan::Code::internal,
                        .where = error->call,
                        .cause = std::strerror(error->value),
                        .fix = "run it as root",
                        .excerpt = {}}});
        }
      }
      printed += "wrote " + plan::escaped(file.path) + ", the old one is " + plan::escaped(backup) + "\n";
    }
    if (repairs == 0) printed = "";
    if (write_ && repairs == 0) printed = "nothing to write\n";
    if (write_ && repairs != 0 && !place_.is_offline()) printed += "next: systemctl daemon-reload\n";
    return answer(printed, verdict(report));
  }

  static std::string free_name(const os::Machine& machine, const std::string& wanted) {
    std::string name = wanted;
    for (int i = 2; machine.status(name); ++i) name = wanted + "." + std::to_string(i);
    return name;
  }

  std::string subject_;
  std::string unit_name_;
  bool fix_ = false;
  bool write_ = false;
  bool json_ = false;
  SystemdPlace place_;
  LaunchOptions options_;
  Unit unit_;
  UnitFile file_;
  bool whole_ = true;
};

}  // namespace

std::unique_ptr<Verb> make_systemd_check() { return std::make_unique<Check>(); }

}  // namespace vgpu::ctl
