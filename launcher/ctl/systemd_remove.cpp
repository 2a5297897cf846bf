// vgpuctl systemd remove UNIT: takes back what install wrote, and leaves nothing of it.
#include <CLI/CLI.hpp>
#include <cstring>
#include <nlohmann/json.hpp>

#include "launcher/ctl/print.h"
#include "launcher/ctl/systemd.h"
#include "launcher/os/replace_file.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/plan_json.h"
#include "launcher/systemd/drop_in.h"

namespace vgpu::ctl {
namespace {

using plan::ExitStatus;

class Remove final : public Verb {
 public:
  const char* name() const override { return "remove"; }
  const char* summary() const override { return "Take back what install wrote"; }

  void add_options(CLI::App& app) override {
    app.add_option("UNIT", unit_, "The service, as it was named to install")->required();
    place_.add_to(app, false);
    app.add_flag("--json", json_, "Print what was done (vgpuctl schema systemd-remove)");
    app.footer("Exit status: 0 nothing of ours is left, 1 a file of that name is not ours, 125 vgpuctl itself failed.");
  }

  ExitStatus run(const os::Machine& ours) override {
    const auto name = systemd::service_name(unit_);
    if (!name) return fail(name.error());
    const auto there = place_.machine(ours);
    if (!there) return fail(there.error());
    nlohmann::ordered_json removed = nlohmann::ordered_json::array();
    std::string text;
    for (const std::string& path : systemd::own_drop_ins(*name)) {
      const auto content = there->read(path, systemd::kLargestUnitFile);
      if (!content && content.error().value == ENOENT) continue;
      if (!content)
        return fail({{.code = plan::Code::internal,
                      .where = path,
                      .cause = std::strerror(content.error().value),
                      .fix = "run it as root",
                      .excerpt = {}}});
      if (!systemd::is_ours(*content)) {
        fail({{.code = plan::Code::usage,
               .where = path,
               .cause = "it was not written by vgpuctl",
               .fix = "remove it by hand, if it is to go",
               .excerpt = {}}});
        return ExitStatus::does_not_hold;
      }
      const std::string file = there->outside(path);
      if (const auto error = os::remove_file(file)) {
        return fail({{.code = plan::Code::internal,
                      .where = error->call,
                      .cause = std::strerror(error->value),
                      .fix = "run it as root",
                      .excerpt = {}}});
      }
      removed.push_back(plan::json_text(path));
      text += "removed " + plan::escaped(file) + "\n";
    }
    if (json_)
      return answer(nlohmann::ordered_json{{"version", 1}, {"unit", *name}, {"removed", removed}}.dump(2) + "\n",
                    ExitStatus::ok);
    if (text.empty()) return answer("nothing to remove: " + *name + " has no drop-in of ours\n", ExitStatus::ok);
    if (!place_.is_offline())
      text += "next: systemctl daemon-reload" +
              (name->find("@.") == std::string::npos ? " && systemctl restart " + *name : "") + "\n";
    return answer(text, ExitStatus::ok);
  }

 private:
  std::string unit_;
  SystemdPlace place_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_systemd_remove() { return std::make_unique<Remove>(); }

}  // namespace vgpu::ctl
