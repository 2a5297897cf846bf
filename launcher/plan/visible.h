// Which of the machine's devices a launch has: what --device says, made into names that hold whoever reads them.
#pragma once

#include <string>

#include "launcher/os/machine.h"
#include "launcher/plan/device.h"
#include "launcher/plan/problem.h"

namespace vgpu::plan {

// A list by ',' of numbers and UUIDs: "0", "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6,MIG-...". False: no such list.
bool is_device_list(const std::string& text);

// Of a slice: the UUIDs for VGPU_VISIBLE. A number means what it means to nvidia-smi, the place in the order of PCI
// addresses; in a launch inside a launch, whose list is `enclosing`, the place in that. The driver's
// /proc/driver/nvidia tells which UUID that is; a UUID is believed where it cannot be asked. Errors: Code::usage,
// Code::device_unknown.
Result<std::string> visible_gpus(const os::Machine& machine, const std::string& list, const std::string& enclosing);

// Of emulated devices: only those, in that order. Errors as above.
Result<Device> visible_emulated(const Device& device, const std::string& list);

}  // namespace vgpu::plan
