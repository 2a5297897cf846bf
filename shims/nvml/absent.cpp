// What is not there but looks at its arguments first, as the real library does (measured with driver 580 on an H100).
// All other names that nobody defines are generated and look at nothing but nvmlInit.
#include "shims/device/log.h"
#include "shims/nvml/call.h"

namespace vgpu::nvml {
namespace {

nvmlReturn_t refuse(const char* function, bool& logged) {
  not_supported_once(kLibraryName, function, logged);
  return NVML_ERROR_NOT_SUPPORTED;
}

}  // namespace
}  // namespace vgpu::nvml

using namespace vgpu::nvml;

// NAME(device, pointer, ...): neither may be a wrong one.
#define VGPU_NOT_OF_DEVICE(name)                              \
  VGPU_NVML name(nvmlDevice_t device, void* out) {            \
    return with_device(device, [&](int, const Description&) { \
      static constinit bool logged = false;                   \
      if (out == nullptr) return NVML_ERROR_INVALID_ARGUMENT; \
      return refuse(#name, logged);                           \
    });                                                       \
  }
VGPU_NOT_OF_DEVICE(nvmlDeviceGetAddressingMode)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetBridgeChipInfo)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetCapabilities)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetClkMonStatus)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetClockOffsets)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetCoolerInfo)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetCurrentClockFreqs)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetDramEncryptionMode)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetFanSpeedRPM)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetHostname_v1)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetNvLinkInfo)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetNvlinkBwMode)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetNvlinkSupportedBwModes)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetPdi)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetPerformanceModes)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetRepairStatus)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetSramUniqueUncorrectedEccErrorCounts)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetVgpuInstancesUtilizationInfo)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetVgpuProcessesUtilizationInfo)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetVgpuSchedulerCapabilities)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetVgpuSchedulerLog)
VGPU_NOT_OF_DEVICE(nvmlDeviceGetVgpuSchedulerState)
VGPU_NOT_OF_DEVICE(nvmlDeviceWorkloadPowerProfileGetCurrentProfiles)
VGPU_NOT_OF_DEVICE(nvmlDeviceWorkloadPowerProfileGetProfilesInfo)
VGPU_NOT_OF_DEVICE(nvmlGpmSampleGet)

// NAME(device, ...): the rest is not looked at.
#define VGPU_NOT_OF_ANY_DEVICE(name)                          \
  VGPU_NVML name(nvmlDevice_t device) {                       \
    return with_device(device, [&](int, const Description&) { \
      static constinit bool logged = false;                   \
      return refuse(#name, logged);                           \
    });                                                       \
  }
VGPU_NOT_OF_ANY_DEVICE(nvmlDeviceGetPgpuMetadataString)
VGPU_NOT_OF_ANY_DEVICE(nvmlDeviceGetVgpuCapabilities)
VGPU_NOT_OF_ANY_DEVICE(nvmlDeviceGetVgpuMetadata)

// NAME(pointer, ...)
#define VGPU_NOT_INTO(name)                                   \
  VGPU_NVML name(void* out) {                                 \
    return with_nvml([&] {                                    \
      static constinit bool logged = false;                   \
      if (out == nullptr) return NVML_ERROR_INVALID_ARGUMENT; \
      return refuse(#name, logged);                           \
    });                                                       \
  }
VGPU_NOT_INTO(nvmlGetVgpuDriverCapabilities)
VGPU_NOT_INTO(nvmlGpmMetricsGet)
VGPU_NOT_INTO(nvmlGpmSampleAlloc)
VGPU_NOT_INTO(nvmlGpmSampleFree)

// NAME(instance, pointer, ...): no device is shared out to virtual machines, so no instance is found.
#define VGPU_NO_VGPU(name)                                                                                     \
  VGPU_NVML name(unsigned instance, void* out) {                                                               \
    return with_nvml(                                                                                          \
        [&] { return instance == 0 || out == nullptr ? NVML_ERROR_INVALID_ARGUMENT : NVML_ERROR_NOT_FOUND; }); \
  }
VGPU_NO_VGPU(nvmlVgpuInstanceGetAccountingMode)
VGPU_NO_VGPU(nvmlVgpuInstanceGetAccountingPids)
VGPU_NO_VGPU(nvmlVgpuInstanceGetEccMode)
VGPU_NO_VGPU(nvmlVgpuInstanceGetEncoderCapacity)
VGPU_NO_VGPU(nvmlVgpuInstanceGetEncoderSessions)
VGPU_NO_VGPU(nvmlVgpuInstanceGetEncoderStats)
VGPU_NO_VGPU(nvmlVgpuInstanceGetFBCSessions)
VGPU_NO_VGPU(nvmlVgpuInstanceGetFBCStats)
VGPU_NO_VGPU(nvmlVgpuInstanceGetFbUsage)
VGPU_NO_VGPU(nvmlVgpuInstanceGetFrameRateLimit)
VGPU_NO_VGPU(nvmlVgpuInstanceGetGpuInstanceId)
VGPU_NO_VGPU(nvmlVgpuInstanceGetGpuPciId)
VGPU_NO_VGPU(nvmlVgpuInstanceGetLicenseInfo)
VGPU_NO_VGPU(nvmlVgpuInstanceGetLicenseInfo_v2)
VGPU_NO_VGPU(nvmlVgpuInstanceGetLicenseStatus)
VGPU_NO_VGPU(nvmlVgpuInstanceGetMdevUUID)
VGPU_NO_VGPU(nvmlVgpuInstanceGetType)
VGPU_NO_VGPU(nvmlVgpuInstanceGetUUID)
VGPU_NO_VGPU(nvmlVgpuInstanceGetVmDriverVersion)

// Of kinds of virtual GPUs, and of instances of a partitioned device: there are none, so every one named is a wrong
// one.
#define VGPU_NO_SUCH(name)                                        \
  VGPU_NVML name() {                                              \
    return with_nvml([] { return NVML_ERROR_INVALID_ARGUMENT; }); \
  }
VGPU_NO_SUCH(nvmlComputeInstanceGetInfo)
VGPU_NO_SUCH(nvmlComputeInstanceGetInfo_v2)
VGPU_NO_SUCH(nvmlGpmMigSampleGet)
VGPU_NO_SUCH(nvmlGpuInstanceGetActiveVgpus)
VGPU_NO_SUCH(nvmlGpuInstanceGetComputeInstanceById)
VGPU_NO_SUCH(nvmlGpuInstanceGetComputeInstancePossiblePlacements)
VGPU_NO_SUCH(nvmlGpuInstanceGetComputeInstanceProfileInfo)
VGPU_NO_SUCH(nvmlGpuInstanceGetComputeInstanceProfileInfoV)
VGPU_NO_SUCH(nvmlGpuInstanceGetComputeInstanceRemainingCapacity)
VGPU_NO_SUCH(nvmlGpuInstanceGetComputeInstances)
VGPU_NO_SUCH(nvmlGpuInstanceGetCreatableVgpus)
VGPU_NO_SUCH(nvmlGpuInstanceGetInfo)
VGPU_NO_SUCH(nvmlGpuInstanceGetVgpuSchedulerLog)
VGPU_NO_SUCH(nvmlGpuInstanceGetVgpuSchedulerState)
VGPU_NO_SUCH(nvmlVgpuTypeGetCapabilities)
VGPU_NO_SUCH(nvmlVgpuTypeGetDeviceID)
VGPU_NO_SUCH(nvmlVgpuTypeGetFbReservation)
VGPU_NO_SUCH(nvmlVgpuTypeGetFrameRateLimit)
VGPU_NO_SUCH(nvmlVgpuTypeGetFramebufferSize)
VGPU_NO_SUCH(nvmlVgpuTypeGetGpuInstanceProfileId)
VGPU_NO_SUCH(nvmlVgpuTypeGetGspHeapSize)
VGPU_NO_SUCH(nvmlVgpuTypeGetLicense)
VGPU_NO_SUCH(nvmlVgpuTypeGetMaxInstancesPerGpuInstance)
VGPU_NO_SUCH(nvmlVgpuTypeGetMaxInstancesPerVm)
VGPU_NO_SUCH(nvmlVgpuTypeGetNumDisplayHeads)
VGPU_NO_SUCH(nvmlVgpuTypeGetResolution)
