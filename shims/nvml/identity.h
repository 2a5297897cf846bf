// What follows from a device's description about who it is.
#pragma once

#include "shims/nvml/call.h"

namespace vgpu::nvml {

using SerialText = char[14];

// 13 digits that depend on the UUID. False for a GeForce: those have none.
bool serial_number(const Description& device, SerialText& text);

// Has an ECC memory that remaps rows (since 8.0), and could be cut into instances (MIG).
bool remaps_rows(const Description& device);
bool can_do_mig(const Description& device);

}  // namespace vgpu::nvml
