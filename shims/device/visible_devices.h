// CUDA_VISIBLE_DEVICES, as the CUDA C++ programming guide describes it (chapter on environment variables).
#pragma once

#include "shims/device/description.h"

namespace vgpu::device {

// Which devices of `system` the value leaves, in its order; returns how many and writes their indices to `physical`.
// `value` null: all of them. Else a list, separated by ',', of ordinals and of "GPU-..." UUIDs or prefixes of one that
// fit exactly one device. The first entry that is anything else ends the list ("-1", an ordinal out of range, a UUID of
// none or of several, MIG instances); a device named twice makes the whole list void. Case of hexadecimal digits is
// ignored.
int visible_devices(const System& system, const char* value, int (&physical)[kMaxDevices]);

}  // namespace vgpu::device
