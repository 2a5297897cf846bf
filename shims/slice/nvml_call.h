// What the functions of ours in front of NVML have in common.
#pragma once

#include <cstdint>

#include "generated/shims/abi/libvgpu-nvml-slice_index.h"
#include "shims/nvml/types.h"
#include "shims/session/reader.h"
#include "shims/slice/real_function.h"

#define VGPU_NVML extern "C" __attribute__((visibility("default"))) ::vgpu::nvml::nvmlReturn_t

namespace vgpu::slice {

using nvml::NVML_SUCCESS;
using nvml::nvmlDevice_t;
using nvml::nvmlReturn_t;

inline constexpr auto kLibraryNotFound = static_cast<nvmlReturn_t>(12);

// Calls the real NVML's function.
template <class... Arguments>
nvmlReturn_t real_nvml(unsigned index, Arguments... arguments) {
  return call_real(index, kLibraryNotFound, arguments...);
}

using UuidName = char[96];  // "GPU-1b2c..." or "MIG-1b2c..."
bool uuid_name(nvmlDevice_t device, UuidName& text);

// The session, and which of its devices this is; -1: none, or there is no session. failure.error is ENOENT where there
// will be one.
int session_device(nvmlDevice_t device, session::Reader& reader, session::Failure& failure);

}  // namespace vgpu::slice
