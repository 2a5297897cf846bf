// CUDA_VISIBLE_DEVICES as the driver reads it. Measured with driver 580.159.04 on two H200 (docs/gpu.md): the CUDA C++
// programming guide says less.
//
//   "1, 0"         numbers as strtol(3) reads them: blanks and a sign before, and anything up to the ',' behind
//   "GPU-1b2c,..." UUIDs, also in part: a beginning that fits exactly one device, in either case, with '-' where one
//                  likes; what stands behind 32 digits is not read
//
// The first entry says which of the two the list is. An entry that names none ends it ("-1", "9", "", one of the other
// kind); what is before it counts. A device that is named twice before that: cuInit fails with
// CUDA_ERROR_INVALID_DEVICE. None at all: with CUDA_ERROR_NO_DEVICE; a later cuInit reads the variable again.
#pragma once

#include <string_view>

#include "shims/device/description.h"

namespace vgpu::device {

// The digits of a UUID, or the first of them, in lower case.
struct UuidDigits {
  char text[32];
  int length;  // 0: it is none
};
UuidDigits uuid_digits(std::string_view name);  // "GPU-..." or "MIG-..."
UuidDigits uuid_digits(const unsigned char (&uuid)[16]);

// Either may be written in part.
bool same_uuid(const UuidDigits& a, const UuidDigits& b);

// Which of `count` devices the value leaves, in its order: how many, and in `chosen` their indices. `value` null: all
// of them.
inline constexpr int kNamedTwice = -1;
int visible_devices(const UuidDigits* devices, int count, const char* value, int (&chosen)[kMaxDevices]);
int visible_devices(const System& system, const char* value, int (&chosen)[kMaxDevices]);

}  // namespace vgpu::device
