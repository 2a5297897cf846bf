// What every entry point of NVML shares: how it is exported, and the checks that come before its own.
//
// As NVML does: UNINITIALIZED before anything else, then INVALID_ARGUMENT for a handle that is none and for each null
// pointer, and only then the answer. Where real NVML crashes on such an argument, ours still gives INVALID_ARGUMENT.
#pragma once

#include <string_view>

#include "shims/device/description.h"
#include "shims/nvml/types.h"

#define VGPU_NVML extern "C" __attribute__((visibility("default"))) ::vgpu::nvml::nvmlReturn_t

namespace vgpu::nvml {

inline constexpr char kLibraryName[] = "libvgpu-nvml";

using device::Description;

// Whether this process called nvmlInit more often than nvmlShutdown. A child of fork(2) has to call it itself, as with
// the real library.
bool initialised();

// Index of the device behind a handle, -1 when the handle is none of ours.
int index_of(nvmlDevice_t device);
nvmlDevice_t handle_of(int index);

// Bytes that the driver gave out of a device, and how many it has to give: less than the description says where the
// session has a limit. Where no driver of ours is loaded, nothing is used.
struct Usage {
  std::uint64_t used;
  std::uint64_t total;
  std::uint64_t free() const { return used < total ? total - used : 0; }  // a limit can fall below what is used
};
Usage memory_usage(int index);

template <typename Body>
nvmlReturn_t with_nvml(Body body) {
  return initialised() ? body() : NVML_ERROR_UNINITIALIZED;
}

// body(int index, const Description&)
template <typename Body>
nvmlReturn_t with_device(nvmlDevice_t device, Body body) {
  return with_nvml([&] {
    const int index = index_of(device);
    return index < 0 ? NVML_ERROR_INVALID_ARGUMENT : body(index, device::system().devices[index]);
  });
}

// The most frequent entry point: one value of one device. value(const Description&) gives it.
template <typename Value, typename Function>
nvmlReturn_t tell(nvmlDevice_t device, Value* to, Function value) {
  return with_device(device, [&](int, const Description& description) {
    if (to == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *to = static_cast<Value>(value(description));
    return NVML_SUCCESS;
  });
}

// For what devices like ours do not have: the checks, then NOT_SUPPORTED.
template <typename... Pointers>
nvmlReturn_t not_there(nvmlDevice_t device, const Pointers*... outputs) {
  return with_device(device, [&](int, const Description&) {
    return ((outputs == nullptr) || ...) ? NVML_ERROR_INVALID_ARGUMENT : NVML_ERROR_NOT_SUPPORTED;
  });
}

// Text into a buffer of the program, with its 0.
nvmlReturn_t copy_text(char* to, unsigned size, std::string_view text);

// A fixed-size buffer in a structure of ours.
template <std::size_t N>
void fill_text(char (&to)[N], std::string_view text) {
  copy_text(to, N, text);
}

}  // namespace vgpu::nvml
