// A device description file (config/devices, config/schema/device-1.json): from JSON to the wire format of
// shims/device/description.h. Pure; also the build tool that embeds the default device uses it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "launcher/plan/problem.h"

namespace vgpu::plan {

// One kind of device, checked against the limits in shims/device/fields.h.
struct DeviceKind {
  struct Value {
    const char* key;
    std::string text;  // as on the wire
  };
  std::string id;              // "h100"
  std::vector<Value> values;   // one for each field that is the same in every instance, in the table's order
  std::string driver_version;  // empty: the default's
  std::string cuda_version;    // "13000", empty: the default's
};

// The driver that a description without "driver" gets: new enough for CUDA 13.0 programs.
inline constexpr char kDefaultDriverVersion[] = "580.65.06";
inline constexpr char kDefaultCudaVersion[] = "13000";

// Reads the text of the file `file`; `id` is its base name without ".json". Reports all problems at once.
Result<DeviceKind> read_device(std::string_view text, const std::string& file, const std::string& id);

// The wire of a system with these devices, in order of ascending PCI address. Device i gets an address and a UUID of
// its own, which depend on the kind's id, on `i` and on nothing else, so that they are the same on every machine and
// run. Requires 1 to kMaxDevices kinds; the driver is the first kind's that names one.
std::string device_wire(const std::vector<const DeviceKind*>& kinds);

}  // namespace vgpu::plan
