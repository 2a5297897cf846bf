// From what a person writes behind --emulate to the text that the shims read.
#pragma once

#include <string>

#include "launcher/os/machine.h"
#include "launcher/plan/problem.h"

namespace vgpu::plan {

struct Device {
  std::string name;  // as a person calls it, normalised: "h100", "a100:4", "h100:2,l4"
  std::string wire;  // VGPU_DEVICE, see shims/device/description.h
};

// `spec` is a list, separated by ',', of NAME[:COUNT]: the name of a description in `share_directory`/devices without
// ".json", or the path of a description, which is what holds a '/' or ends with ".json". Empty: the default device,
// which is built in and costs no system call. All problems are reported at once. As root, a file must be root's alone
// to write.
Result<Device> resolve_device(const os::Machine& machine, const std::string& spec, const std::string& share_directory);

// The device of an enclosing vgpu-run, from its VGPU_DEVICE. Error: Code::device_invalid.
Result<Device> enclosing_device(const std::string& wire);

}  // namespace vgpu::plan
