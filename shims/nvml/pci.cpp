// Where a device is connected: its PCI address and its link. An emulated link always runs at what the description says.
#include "shims/nvml/call.h"
#include "shims/nvml/pci_text.h"

namespace vgpu::nvml {
namespace {

// Megatransfers of one lane, generations 1 to 7.
unsigned lane_speed(const Description& device) {
  constexpr unsigned kSpeeds[] = {2500, 5000, 8000, 16000, 32000, 64000, 128000};
  return kSpeeds[device.pcie_generation - 1];
}

// Up to `size` bytes: the older versions of the structure end earlier.
nvmlReturn_t pci_info(nvmlDevice_t device, nvmlPciInfo_t* to, std::size_t size) {
  return with_device(device, [&](int, const Description& one) {
    if (to == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    nvmlPciInfo_t info = {};
    PciText text = {};
    // busIdLegacy has room for four digits of the domain and no more.
    Description legacy = one;
    legacy.pci_domain &= 0xffff;
    format_pci(legacy, 4, text);
    fill_text(info.busIdLegacy, text);
    format_pci(one, 8, text);
    fill_text(info.busId, text);
    info.domain = one.pci_domain;
    info.bus = one.pci_bus;
    info.device = one.pci_device;
    info.pciDeviceId = one.pci_device_id;
    info.pciSubSystemId = one.pci_subsystem_id;
    __builtin_memcpy(to, &info, size);
    return NVML_SUCCESS;
  });
}

}  // namespace
}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetPciInfo(nvmlDevice_t device, nvmlPciInfo_t* info) {
  return pci_info(device, info, offsetof(nvmlPciInfo_t, pciSubSystemId));
}

VGPU_NVML nvmlDeviceGetPciInfo_v2(nvmlDevice_t device, nvmlPciInfo_t* info) {
  return pci_info(device, info, offsetof(nvmlPciInfo_t, busId));
}

VGPU_NVML nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t* info) {
  return pci_info(device, info, sizeof(nvmlPciInfo_t));
}

VGPU_NVML nvmlDeviceGetPciInfoExt(nvmlDevice_t device, nvmlPciInfoExt_v1_t* info) {
  return with_device(device, [&](int, const Description& one) {
    if (info == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (info->version != struct_version<nvmlPciInfoExt_v1_t>(1)) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    info->domain = one.pci_domain;
    info->bus = one.pci_bus;
    info->device = one.pci_device;
    info->pciDeviceId = one.pci_device_id;
    info->pciSubSystemId = one.pci_subsystem_id;
    info->baseClass = 3;  // display controller, 3D
    info->subClass = 2;
    PciText text;
    format_pci(one, 8, text);
    fill_text(info->busId, text);
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetCurrPcieLinkGeneration(nvmlDevice_t device, unsigned* value) {
  return tell(device, value, [](const Description& one) { return one.pcie_generation; });
}
VGPU_NVML nvmlDeviceGetMaxPcieLinkGeneration(nvmlDevice_t device, unsigned* value) {
  return nvmlDeviceGetCurrPcieLinkGeneration(device, value);
}
VGPU_NVML nvmlDeviceGetGpuMaxPcieLinkGeneration(nvmlDevice_t device, unsigned* value) {
  return nvmlDeviceGetCurrPcieLinkGeneration(device, value);
}
VGPU_NVML nvmlDeviceGetCurrPcieLinkWidth(nvmlDevice_t device, unsigned* value) {
  return tell(device, value, [](const Description& one) { return one.pcie_width; });
}
VGPU_NVML nvmlDeviceGetMaxPcieLinkWidth(nvmlDevice_t device, unsigned* value) {
  return nvmlDeviceGetCurrPcieLinkWidth(device, value);
}
VGPU_NVML nvmlDeviceGetPcieSpeed(nvmlDevice_t device, unsigned* value) { return tell(device, value, lane_speed); }

// NVML_PCIE_LINK_MAX_SPEED_...: 1 for the first generation and so on.
VGPU_NVML nvmlDeviceGetPcieLinkMaxSpeed(nvmlDevice_t device, unsigned* value) {
  return nvmlDeviceGetCurrPcieLinkGeneration(device, value);
}

VGPU_NVML nvmlDeviceGetPcieThroughput(nvmlDevice_t device, unsigned counter, unsigned* value) {
  return counter > 1 ? tell(device, static_cast<unsigned*>(nullptr), [](const Description&) { return 0; })
                     : tell(device, value, [](const Description&) { return 0; });
}

VGPU_NVML nvmlDeviceGetPcieReplayCounter(nvmlDevice_t device, unsigned* value) {
  return tell(device, value, [](const Description&) { return 0; });
}

VGPU_NVML nvmlDeviceGetBusType(nvmlDevice_t device, unsigned* type) {
  return tell(device, type, [](const Description&) { return 2; });  // NVML_BUS_TYPE_PCIE
}
