// The NVIDIA driver of this machine, and whether a launch gets a slice of its GPU or an emulated device.
#pragma once

#include <string>
#include <vector>

#include "launcher/os/machine.h"
#include "launcher/plan/environment_list.h"
#include "launcher/plan/manifest.h"
#include "launcher/plan/plan.h"
#include "launcher/plan/problem.h"

namespace vgpu::plan {

inline constexpr char kEmulated[] = "emulated";
inline constexpr char kSlice[] = "slice";

struct Mode {
  std::string name;    // kEmulated, kSlice
  std::string reason;  // in a few words, for people
  std::string cuda;    // of a slice: the real libcuda.so.1, absolute
  std::string nvml;    // of a slice: the real libnvidia-ml.so.1; empty: there is none
};

// --emulate and --passthrough force it; else an enclosing launch's, the profile's device, or what is here: a slice with
// a driver, the emulated device without. There is a driver when its device node is there; that is one system call, and
// all that a launch on a machine without a GPU pays. Half a driver is no reason to emulate: nobody who has a GPU wants
// that silently. `shims` are all of the manifest: their libraries are never taken for the driver's. Errors:
// Code::usage, Code::driver_missing, Code::driver_broken.
Result<Mode> choose_mode(const os::Machine& machine, const Request& request, const Profile& profile,
                         const std::vector<Shim>& shims, const EnvironmentList& environment);

}  // namespace vgpu::plan
