// Which of the machine's devices a launch has: what --device says, made into names that hold whoever reads them.
#pragma once

#include <string>
#include <string_view>

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

// The PCI addresses of all GPUs in their order, for VGPU_SESSION_DEVICES: a process that CUDA_VISIBLE_DEVICES shows one
// of them has that one's limit. Empty where there are not several, or the driver does not say. One reading of a
// directory.
std::string gpu_addresses(const os::Machine& machine);

// The UUIDs of emulated devices, the same for these; empty where `wire` cannot be read.
std::string emulated_uuids(std::string_view wire);

}  // namespace vgpu::plan
