// vgpuctl cdi diff: is the specification that runtimes read what generate would write now?
#include <CLI/CLI.hpp>
#include <cstring>
#include <nlohmann/json.hpp>

#include "launcher/cdi/diff.h"
#include "launcher/cdi/spec.h"
#include "launcher/ctl/cdi.h"
#include "launcher/ctl/print.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/plan_json.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLargest = 1 << 22;

class Diff final : public Verb {
 public:
  const char* name() const override { return "diff"; }
  const char* summary() const override { return "Whether a specification is what generate would write now"; }

  void add_options(CLI::App& app) override {
    app.add_option("FILE", file_, "The specification")->capture_default_str();
    app.add_flag("--json", json_, "Print what differs (vgpuctl schema cdi-diff)");
    options_.add_to(app);
    app.footer(
        "Without options it is compared with what its own would give now: they are kept in the file.\n"
        "Exit status: 0 it is current, 1 it is not, 2 it cannot be told, 125 vgpuctl itself failed.");
  }

  ExitStatus run(const os::Machine& machine) override {
    const auto text = machine.read(file_, kLargest);
    if (!text) {
      const bool absent = text.error().value == ENOENT || text.error().value == ENOTDIR;
      return show(absent ? ExitStatus::does_not_hold : ExitStatus::cannot_tell, {}, std::strerror(text.error().value));
    }
    const auto kept = cdi::options_in(*text);
    const cdi::Options options = options_.given() ? options_.options(machine) : kept.value_or(cdi::Options());
    const auto made = cdi::make_spec(machine, options);
    if (!made) return fail(made.error());
    const auto found = cdi::differences(*text, cdi::to_json(made->spec));
    if (!found) return show(ExitStatus::does_not_hold, {}, "it is no JSON object, runtimes do not read it");
    return show(found->empty() ? ExitStatus::ok : ExitStatus::does_not_hold, *found, {});
  }

 private:
  ExitStatus show(ExitStatus status, const std::vector<cdi::Difference>& found, const std::string& reason) const {
    return answer(json_ ? to_json(status, found, reason) : to_text(status, found, reason), status);
  }

  std::string to_text(ExitStatus status, const std::vector<cdi::Difference>& found, const std::string& reason) const {
    std::string text;
    for (const cdi::Difference& one : found) {
      text.append("    ").append(plan::escaped(one.where)).append("\n");
      text.append("        is        ").append(one.has ? plan::escaped(*one.has) : "not there").append("\n");
      text.append("        should be ").append(one.should ? plan::escaped(*one.should) : "not there").append("\n");
    }
    const std::string file = plan::escaped(file_);
    if (status == ExitStatus::ok) return "holds: " + file + " is current\n";
    if (status == ExitStatus::cannot_tell) return "cannot tell: " + file + ": " + reason + "\n";
    const std::string why = !reason.empty()     ? reason
                            : found.size() == 1 ? "it differs in one place"
                                                : "it differs in " + std::to_string(found.size()) + " places";
    return "does not hold: " + file + ": " + why + "\n" + text + "  fix: vgpuctl cdi generate --output " + file +
           ", with its options\n";
  }

  std::string to_json(ExitStatus status, const std::vector<cdi::Difference>& found, const std::string& reason) const {
    const auto maybe = [](const std::optional<std::string>& text) {
      return text ? Json(plan::json_text(*text)) : Json();
    };
    Json object;
    object["version"] = 1;
    object["file"] = plan::json_text(file_);
    object["verdict"] = status == ExitStatus::ok            ? "holds"
                        : status == ExitStatus::cannot_tell ? "cannot tell"
                                                            : "does not hold";
    object["reason"] = reason.empty() ? Json() : Json(reason);
    object["differences"] = Json::array();
    for (const cdi::Difference& one : found) {
      object["differences"].push_back(
          {{"where", plan::json_text(one.where)}, {"has", maybe(one.has)}, {"should", maybe(one.should)}});
    }
    return object.dump(2) + "\n";
  }

  std::string file_ = kCdiFile;
  CdiOptions options_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_cdi_diff() { return std::make_unique<Diff>(); }

}  // namespace vgpu::ctl
