// The drop-in that puts a service on a virtual GPU, as text.
#pragma once

#include <string>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/problem.h"
#include "launcher/systemd/unit.h"

namespace vgpu::systemd {

inline constexpr char kDropIn[] = "50-vgpu-run.conf";
// Where a drop-in of another name, such as systemctl edit's override.conf, comes behind the first and would undo it.
inline constexpr char kLastDropIn[] = "zz-vgpu-run.conf";

enum class Style {
  wrap,         // every ExecStart= behind vgpu-run
  environment,  // LD_PRELOAD and the rest in Environment=, in computed order
};

struct DropIn {
  std::string path;  // within the machine's root
  std::string text;
  plan::Problems warnings;
};

// Whether `text` is a drop-in that we have written.
bool is_ours(std::string_view text);

// The paths of the drop-ins that install() may have written for a unit.
std::vector<std::string> own_drop_ins(const std::string& unit);

// `unit`: loaded without our own drop-ins. `machine`: the one on which the service will run. `launcher`: the vgpu-run
// there that will start it. `request`: what vgpu-run is to be told; its command is not looked at. Errors: Code::usage
// and Code::target_missing where the unit cannot be put behind vgpu-run; those of the launch.
plan::Result<DropIn> make_drop_in(const os::Machine& machine, const Unit& unit, const std::string& launcher,
                                  const plan::Request& request, Style style);

// vgpu-run's options that say the same as a request, in its table's order.
std::vector<std::string> launch_words(const plan::Request& request);

}  // namespace vgpu::systemd
