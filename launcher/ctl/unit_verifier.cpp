#include "launcher/ctl/unit_verifier.h"

#include "launcher/ctl/helper.h"

namespace vgpu::ctl {

std::optional<std::vector<std::string>> verify_unit(const os::Machine& machine, const std::string& root,
                                                    const std::string& unit) {
  const auto program = find_program(machine, "systemd-analyze");
  if (!program) return std::nullopt;
  std::vector<std::string> arguments = {"verify", "--man=no", unit};
  if (root != "/") arguments.insert(arguments.begin(), "--root=" + root);
  auto said = ask(*program, arguments);
  if (!said) return std::nullopt;
  return std::move(said->complaints);
}

}  // namespace vgpu::ctl
