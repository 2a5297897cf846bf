// vgpuctl: everything about a launch but the launch.
#include <algorithm>

#include "launcher/ctl/command_line.h"
#include "launcher/ctl/print.h"
#include "launcher/os/real_machine.h"

using namespace vgpu;

int main(int argc, char** argv) {
  auto line = ctl::parse_command_line(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
  if (!line) return static_cast<int>(ctl::fail(line.error()));
  if (const auto* shown = std::get_if<ctl::Shown>(&*line)) {
    return static_cast<int>(ctl::answer(shown->text, plan::ExitStatus::ok));
  }
  const ctl::Chosen& chosen = std::get<ctl::Chosen>(*line);
  return static_cast<int>(chosen.command->run(os::RealMachine(), chosen.operands));
}
