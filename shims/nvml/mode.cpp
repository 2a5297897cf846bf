// The modes a device can be in. Each is what it is: nothing here can be set, because a device that only exists in
// processes has nowhere to keep it (the setters answer NOT_SUPPORTED).
#include "shims/nvml/identity.h"

using namespace vgpu::nvml;

namespace {

constexpr int kDisabled = 0;
constexpr int kEnabled = 1;

int disabled(const Description&) { return kDisabled; }

}  // namespace

VGPU_NVML nvmlDeviceGetComputeMode(nvmlDevice_t device, int* mode) {
  return tell(device, mode, [](const Description&) { return 0; });  // NVML_COMPUTEMODE_DEFAULT
}

VGPU_NVML nvmlDeviceGetPersistenceMode(nvmlDevice_t device, int* mode) {
  return tell(device, mode, [](const Description&) { return kEnabled; });
}

VGPU_NVML nvmlDeviceGetDisplayMode(nvmlDevice_t device, int* mode) { return tell(device, mode, disabled); }
VGPU_NVML nvmlDeviceGetDisplayActive(nvmlDevice_t device, int* active) { return tell(device, active, disabled); }

VGPU_NVML nvmlDeviceGetVirtualizationMode(nvmlDevice_t device, int* mode) {
  return tell(device, mode, [](const Description&) { return 0; });  // NVML_GPU_VIRTUALIZATION_MODE_NONE
}

VGPU_NVML nvmlDeviceGetHostVgpuMode(nvmlDevice_t device, int* mode) { return not_there(device, mode); }

// Windows only.
VGPU_NVML nvmlDeviceGetDriverModel(nvmlDevice_t device, int* current, int* pending) {
  return current == nullptr && pending == nullptr ? not_there(device, current) : not_there(device);
}
VGPU_NVML nvmlDeviceGetDriverModel_v2(nvmlDevice_t device, int* current, int* pending) {
  return nvmlDeviceGetDriverModel(device, current, pending);
}

VGPU_NVML nvmlDeviceGetGpuOperationMode(nvmlDevice_t device, int* current, int* pending) {
  return not_there(device, current, pending);
}

// `which`: who may set application clocks (nobody), who may set auto boost (anybody).
VGPU_NVML nvmlDeviceGetAPIRestriction(nvmlDevice_t device, unsigned which, int* restricted) {
  return with_device(device, [&](int, const Description&) {
    if (which > 1 || restricted == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (which == 0) return NVML_ERROR_NOT_SUPPORTED;
    *restricted = kDisabled;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetAccountingMode(nvmlDevice_t device, int* mode) { return tell(device, mode, disabled); }

VGPU_NVML nvmlDeviceGetAccountingBufferSize(nvmlDevice_t device, unsigned* size) {
  return tell(device, size, [](const Description&) { return 4000; });  // driver 580's
}

VGPU_NVML nvmlDeviceGetAccountingPids(nvmlDevice_t device, unsigned* count, unsigned*) {
  return tell(device, count, [](const Description&) { return 0; });
}

VGPU_NVML nvmlDeviceGetAccountingStats(nvmlDevice_t device, unsigned, nvmlAccountingStats_t* stats) {
  return with_device(device, [&](int, const Description&) {
    return stats == nullptr ? NVML_ERROR_INVALID_ARGUMENT : NVML_ERROR_NOT_FOUND;
  });
}

// MIG: off, where a device could have it.
VGPU_NVML nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned* current, unsigned* pending) {
  return with_device(device, [&](int, const Description& one) {
    if (current == nullptr || pending == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (!can_do_mig(one)) return NVML_ERROR_NOT_SUPPORTED;
    *current = *pending = kDisabled;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned* count) {
  return tell(device, count, [](const Description&) { return 0; });
}

VGPU_NVML nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t device, unsigned, nvmlDevice_t* mig) {
  return with_device(device, [&](int, const Description& one) {
    if (mig == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    return can_do_mig(one) ? NVML_ERROR_NOT_FOUND : NVML_ERROR_NOT_SUPPORTED;
  });
}

VGPU_NVML nvmlDeviceIsMigDeviceHandle(nvmlDevice_t device, unsigned* is_mig) {
  return tell(device, is_mig, [](const Description&) { return 0; });
}

namespace {

// Questions to a MIG device, and no handle is one.
nvmlReturn_t not_mig() {
  return with_nvml([] { return NVML_ERROR_INVALID_ARGUMENT; });
}

}  // namespace

VGPU_NVML nvmlDeviceGetDeviceHandleFromMigDeviceHandle(nvmlDevice_t, nvmlDevice_t*) { return not_mig(); }
VGPU_NVML nvmlDeviceGetGpuInstanceId(nvmlDevice_t, unsigned*) { return not_mig(); }
VGPU_NVML nvmlDeviceGetComputeInstanceId(nvmlDevice_t, unsigned*) { return not_mig(); }
VGPU_NVML nvmlDeviceGetAttributes(nvmlDevice_t device, void* attributes) { return not_there(device, attributes); }
VGPU_NVML nvmlDeviceGetAttributes_v2(nvmlDevice_t device, void* attributes) { return not_there(device, attributes); }

// Confidential computing, Grace: not on.
VGPU_NVML nvmlDeviceGetC2cModeInfoV(nvmlDevice_t device, nvmlC2cModeInfo_v1_t* info) {
  return with_device(device, [&](int, const Description&) {
    if (info == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    info->isC2cEnabled = 0;
    return NVML_SUCCESS;
  });
}

VGPU_NVML nvmlGpmQueryDeviceSupport(nvmlDevice_t device, nvmlGpmSupport_t* support) {
  return with_device(device, [&](int, const Description&) {
    if (support == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (support->version != 1) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    support->isSupportedDevice = 0;
    return NVML_SUCCESS;
  });
}
