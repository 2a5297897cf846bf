// What the launcher says about the session, in the environment: VGPU_SESSION, VGPU_MEMORY, VGPU_QUOTA (contract.h).
#pragma once

#include <cstdint>
#include <string_view>

namespace vgpu::session {

// The limit that `text` sets for device `index`, which has `memory` bytes. A list by ',': the n-th entry is for the
// n-th device, the last one for all that follow. An entry is a number of bytes, or a percentage "50%" of the device's
// memory. Never more than `memory`, in whole units. Null or empty text: `memory`. False when the text is not of that
// form.
bool limit_of(const char* text, int index, std::uint64_t memory, std::uint64_t& limit);

// As shims/device/setting.h finds them.
const char* session_path();  // null: no session
const char* memory_limits();
const char*
session_devices();      // the launch's devices in the order of its limits, by UUID or PCI address; null: not said
bool quota_required();  // VGPU_QUOTA is not "best-effort"

}  // namespace vgpu::session
