// vgpuctl schema [NAME]: the JSON Schema of a format, for editors and for CI.
#include <CLI/CLI.hpp>
#include <cstring>

#include "launcher/ctl/command.h"
#include "launcher/ctl/print.h"
#include "launcher/plan/discover.h"

namespace vgpu::ctl {
namespace {

constexpr std::size_t kLargest = 1 << 20;

class Schema final : public Command {
 public:
  const char* name() const override { return "schema"; }
  const char* summary() const override {
    return "The JSON Schema of manifests, device descriptions, and of all that --json prints";
  }

  void add_options(CLI::App& app) override {
    app.add_option("NAME", format_,
                   "manifest, device, plan, verify, doctor, sessions, list, cdi-diff, systemd-check, systemd-install "
                   "or systemd-remove")
        ->check(CLI::IsMember({"manifest", "device", "plan", "verify", "doctor", "sessions", "list", "cdi-diff",
                               "systemd-check", "systemd-install", "systemd-remove"}))
        ->capture_default_str();
    app.footer("An editor that is told \"$schema\" in a manifest checks it while it is written.");
  }

  plan::ExitStatus run(const os::Machine& machine, const std::vector<std::string>&) override {
    const std::string path = plan::share_directory(machine) + "/schema/" + format_ + "-1.json";
    const os::Result<std::string> text = machine.read(path, kLargest);
    if (text) return answer(*text, plan::ExitStatus::ok);
    return fail({{.code = plan::Code::internal,
                  .where = path,
                  .cause = std::strerror(text.error().value),
                  .fix = "install share/vgpu-run beside bin/ again",
                  .excerpt = {}}});
  }

 private:
  std::string format_ = "manifest";
};

}  // namespace

std::unique_ptr<Command> make_schema() { return std::make_unique<Schema>(); }

}  // namespace vgpu::ctl
