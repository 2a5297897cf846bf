// vgpuctl list devices|profiles|shims: the names that options take. Completion asks it, and so may a script.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "launcher/ctl/command.h"
#include "launcher/ctl/print.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/device.h"
#include "launcher/plan/discover.h"
#include "launcher/plan/environment_list.h"
#include "launcher/plan/joined.h"
#include "launcher/plan/plan_json.h"
#include "shims/device/description.h"

namespace vgpu::ctl {
namespace {

struct Row {
  std::string name;
  std::string about;
};

std::string about_device(const device::Description& device) {
  const auto mebibytes = device.memory >> 20U;
  std::string memory = std::to_string((mebibytes + 512) / 1024);
  return std::string(device.name)
      .append(", ")
      .append(memory)
      .append(" GiB, compute capability ")
      .append(std::to_string(device.cc_major))
      .append(".")
      .append(std::to_string(device.cc_minor));
}

// A description that cannot be read is shown with the reason: the name is still what --emulate would be
// given.
plan::Result<std::vector<Row>> devices(const os::Machine& machine) {
  const std::string share = plan::share_directory(machine);
  const auto names = machine.list(share + "/devices");
  if (!names) {
    return plan::Problems{{.code = plan::Code::internal,
                           .where = share + "/devices",
                           .cause = std::strerror(names.error().value),
                           .fix = "install share/vgpu-run beside bin/ again",
                           .excerpt = {}}};
  }
  std::vector<Row> rows;
  for (const std::string& file : *names) {
    if (!file.ends_with(".json")) continue;
    const std::string name = file.substr(0, file.size() - 5);
    const auto known = plan::resolve_device(machine, name, share);
    device::System system;
    char reason[256] = "";
    if (!known) {
      rows.push_back({name, known.error().front().cause});
    } else if (!device::parse(known->wire, system, reason, sizeof reason)) {
      rows.push_back({name, reason});
    } else {
      rows.push_back({name, about_device(system.devices[0])});
    }
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.name < b.name; });
  return rows;
}

std::vector<Row> profiles(const plan::Manifest& manifest) {
  std::vector<Row> rows;
  for (const plan::Profile& profile : manifest.profiles) {
    std::string about = profile.shims.empty() ? "no shims" : plan::joined(profile.shims, ", ");
    if (!profile.match.empty()) about.append("; for ").append(plan::joined(profile.match, ", "));
    rows.push_back({profile.name, about});
  }
  return rows;
}

std::vector<Row> shims(const plan::Manifest& manifest) {
  std::vector<Row> rows;
  for (const plan::Shim& shim : manifest.shims) {
    std::string about = plan::joined(shim.libraries, ", ");
    if (!shim.provides.empty()) about.append("; as ").append(plan::joined(shim.provides, ", "));
    rows.push_back({shim.name, about});
  }
  return rows;
}

class List final : public Command {
 public:
  const char* name() const override { return "list"; }
  const char* summary() const override { return "The devices, profiles and shims that there are"; }

  void add_options(CLI::App& app) override {
    app.add_option("WHAT", what_, "devices (for --emulate), profiles (--profile) or shims (--with, --without)")
        ->check(CLI::IsMember({"devices", "profiles", "shims"}))
        ->required();
    app.add_option("--manifest", manifest_,
                   "exactly this manifest, instead of the default and manifest.d [VGPU_RUN_MANIFEST]")
        ->type_name("FILE");
    app.add_flag("--json", json_, "Print a list of objects with \"name\" and \"about\" (vgpuctl schema list)");
    app.footer(
        "One a line: the name, a tab, what it is. Exit status: 0, or 125 where the manifest or the devices "
        "cannot be read.");
  }

  plan::ExitStatus run(const os::Machine& machine, const std::vector<std::string>&) override {
    const auto rows = find(machine);
    if (!rows) return fail(rows.error());
    if (json_) {
      auto list = nlohmann::ordered_json::array();
      for (const Row& row : *rows)
        list.push_back({{"name", plan::json_text(row.name)}, {"about", plan::json_text(row.about)}});
      return answer(list.dump(2) + "\n", plan::ExitStatus::ok);
    }
    std::string text;
    for (const Row& row : *rows)
      text.append(plan::escaped(row.name)).append("\t").append(plan::escaped(row.about)).append("\n");
    return answer(text, plan::ExitStatus::ok);
  }

 private:
  plan::Result<std::vector<Row>> find(const os::Machine& machine) const {
    if (what_ == "devices") return devices(machine);
    std::string named = manifest_;
    if (named.empty() && !machine.credentials().secure) {
      named = plan::EnvironmentList(machine.environment()).get("VGPU_RUN_MANIFEST").value_or("");
    }
    const auto manifest = plan::load_manifest(machine, named);
    if (!manifest) return manifest.error();
    return what_ == "profiles" ? profiles(*manifest) : shims(*manifest);
  }

  std::string what_;
  std::string manifest_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_list() { return std::make_unique<List>(); }

}  // namespace vgpu::ctl
