#include <CLI/CLI.hpp>
#include <cstring>

#include "launcher/ctl/systemd.h"

namespace vgpu::ctl {
namespace {

plan::Problems usage(std::string where, std::string cause, std::string fix) {
  return {{.code = plan::Code::usage,
           .where = std::move(where),
           .cause = std::move(cause),
           .fix = std::move(fix),
           .excerpt = {}}};
}

bool is_program(const os::Machine& machine, const std::string& path) {
  const auto status = machine.status(path);
  return status && status->kind == os::FileStatus::Kind::regular && (status->mode & 0111) != 0;
}

}  // namespace

void SystemdPlace::add_to(CLI::App& app, bool launcher) {
  app.add_option("--root", root_, "The machine that this directory will be: an offline tree")->type_name("DIR");
  if (!launcher) return;
  app.add_option("--vgpu-run", launcher_, "vgpu-run as the service will start it: its absolute path, within --root")
      ->type_name("PATH");
}

plan::Result<os::RootedMachine> SystemdPlace::machine(const os::Machine& ours) const {
  std::string root = "/";
  if (is_offline()) {
    const auto real = ours.real_path(root_);
    if (!real) return usage("--root " + root_, std::strerror(real.error().value), "name a directory");
    const auto status = ours.status(*real);
    if (!status || status->kind != os::FileStatus::Kind::directory)
      return usage("--root " + root_, "it is no directory", "name a directory");
    root = *real;
  }
  os::RootedMachine there(ours, root, ours.own_executable());
  // The manifests of vgpu-run are found from where it is, its installation and not the link that PATH has.
  if (const auto path = launcher(ours, there)) there.set_own_executable(there.real_path(*path).value());
  return there;
}

plan::Result<std::string> SystemdPlace::launcher(const os::Machine& ours, const os::RootedMachine& there) const {
  if (!launcher_.empty()) {
    if (!launcher_.starts_with('/'))
      return usage("--vgpu-run " + launcher_, "the path is not absolute", "write it from the root");
    if (!is_program(there, launcher_))
      return usage("--vgpu-run " + launcher_, "there is no such program", "install vgpu-run there");
    return launcher_;
  }
  const std::string own = ours.own_executable();
  std::string tried;
  for (const std::string& directory :
       {own.substr(0, own.rfind('/')), std::string("/usr/bin"), std::string("/usr/local/bin")}) {
    std::string path = directory + "/vgpu-run";
    if (is_program(there, path)) return path;
    tried.append(" ").append(path);
  }
  return usage(is_offline() ? "--root " + root_ : "vgpu-run", "there is none; looked for" + tried,
               "install vgpu-run there, or name it by --vgpu-run PATH");
}

}  // namespace vgpu::ctl
