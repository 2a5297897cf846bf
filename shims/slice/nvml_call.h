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

// Which of the session's devices this is.
inline constexpr int kUnused =
    -1;  // nobody in the session has used it yet; `reader` is open where there is a session already
inline constexpr int kNotCounted = -2;  // no session counts it: there is none, or it cannot be reached
inline constexpr int kInInstances =
    -3;  // a GPU that has been cut into instances (MIG), of which the session may have some
int session_device(nvmlDevice_t device, session::Reader& reader);

// Of a GPU that has been cut up: the instance of that index, and which of the session's devices it is.
int session_instance(nvmlDevice_t gpu, unsigned index, const session::Reader& reader, nvmlDevice_t& instance);

// What a device that nobody has used yet may have, of `memory` bytes. False: that cannot be said.
bool limit_of_unused(nvmlDevice_t device, const session::Reader& reader, std::uint64_t memory, std::uint64_t& limit);

}  // namespace vgpu::slice
