// NvLink: no link anywhere. Up to 18 could be asked for.
#include "shims/nvml/call.h"

namespace vgpu::nvml {
namespace {

constexpr unsigned kLinks = 18;

template <typename... Pointers>
nvmlReturn_t no_link(nvmlDevice_t device, unsigned link, const Pointers*... outputs) {
  return link >= kLinks ? not_there(device, static_cast<void*>(nullptr)) : not_there(device, outputs...);
}

}  // namespace
}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetNvLinkState(nvmlDevice_t device, unsigned link, int* active) {
  return no_link(device, link, active);
}
VGPU_NVML nvmlDeviceGetNvLinkVersion(nvmlDevice_t device, unsigned link, unsigned* version) {
  return no_link(device, link, version);
}
VGPU_NVML nvmlDeviceGetNvLinkCapability(nvmlDevice_t device, unsigned link, unsigned capability, unsigned* value) {
  constexpr unsigned kCapabilities = 6;
  return capability >= kCapabilities ? no_link(device, kLinks) : no_link(device, link, value);
}
VGPU_NVML nvmlDeviceGetNvLinkRemotePciInfo(nvmlDevice_t device, unsigned link, void* info) {
  return no_link(device, link, info);
}
VGPU_NVML nvmlDeviceGetNvLinkRemotePciInfo_v2(nvmlDevice_t device, unsigned link, void* info) {
  return no_link(device, link, info);
}
VGPU_NVML nvmlDeviceGetNvLinkRemoteDeviceType(nvmlDevice_t device, unsigned link, int* type) {
  return no_link(device, link, type);
}
VGPU_NVML nvmlDeviceGetNvLinkErrorCounter(nvmlDevice_t device, unsigned link, unsigned, unsigned long long* value) {
  return no_link(device, link, value);
}

// The fabric that NvSwitches make.
VGPU_NVML nvmlDeviceGetGpuFabricInfo(nvmlDevice_t device, nvmlGpuFabricInfo_t* info) {
  return with_device(device, [&](int, const Description&) {
    if (info == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *info = {};  // NVML_GPU_FABRIC_STATE_NOT_SUPPORTED
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetGpuFabricInfoV(nvmlDevice_t device, nvmlGpuFabricInfo_v3_t* info) {
  return with_device(device, [&](int, const Description&) {
    if (info == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    constexpr unsigned kSecondSize = offsetof(nvmlGpuFabricInfo_v3_t, healthSummary);
    const unsigned version = info->version;
    std::size_t size = 0;
    if (version == struct_version<nvmlGpuFabricInfo_v3_t>(3)) size = sizeof *info;
    if (version == (kSecondSize | 2U << 24)) size = kSecondSize;
    if (size == 0) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    __builtin_memset(info, 0, size);
    info->version = version;
    return NVML_SUCCESS;
  });
}
