// Our declarations of NVML's structures against the toolkit's own header. Compiled where there is one; that it compiles
// is the test.
#define NVML_NO_UNVERSIONED_FUNC_DEFS
#include <nvml.h>

#include "shims/nvml/types.h"

#define VGPU_SAME_SIZE(type) static_assert(sizeof(::type) == sizeof(vgpu::nvml::type))
VGPU_SAME_SIZE(nvmlPciInfo_t);
VGPU_SAME_SIZE(nvmlMemory_t);
VGPU_SAME_SIZE(nvmlMemory_v2_t);
VGPU_SAME_SIZE(nvmlBAR1Memory_t);
VGPU_SAME_SIZE(nvmlProcessInfo_v1_t);
VGPU_SAME_SIZE(nvmlProcessInfo_t);
VGPU_SAME_SIZE(nvmlUtilization_t);
VGPU_SAME_SIZE(nvmlEccErrorCounts_t);
VGPU_SAME_SIZE(nvmlRowRemapperHistogramValues_t);
VGPU_SAME_SIZE(nvmlFieldValue_t);
VGPU_SAME_SIZE(nvmlSample_t);
VGPU_SAME_SIZE(nvmlViolationTime_t);
VGPU_SAME_SIZE(nvmlGpuDynamicPstatesInfo_t);
VGPU_SAME_SIZE(nvmlGpuThermalSettings_t);
VGPU_SAME_SIZE(nvmlEventData_t);
VGPU_SAME_SIZE(nvmlFBCStats_t);
VGPU_SAME_SIZE(nvmlAccountingStats_t);
#if NVML_API_VERSION >= 13
VGPU_SAME_SIZE(nvmlPciInfoExt_v1_t);
VGPU_SAME_SIZE(nvmlProcessDetail_v1_t);
VGPU_SAME_SIZE(nvmlProcessDetailList_v1_t);
VGPU_SAME_SIZE(nvmlProcessesUtilizationInfo_v1_t);
VGPU_SAME_SIZE(nvmlEccSramErrorStatus_v1_t);
VGPU_SAME_SIZE(nvmlTemperature_v1_t);
VGPU_SAME_SIZE(nvmlMarginTemperature_v1_t);
#endif

#define VGPU_SAME_PLACE(type, member)                                             \
  static_assert(offsetof(::type, member) == offsetof(vgpu::nvml::type, member) && \
                sizeof(::type::member) == sizeof(vgpu::nvml::type::member))
VGPU_SAME_PLACE(nvmlPciInfo_t, domain);
VGPU_SAME_PLACE(nvmlPciInfo_t, pciSubSystemId);
VGPU_SAME_PLACE(nvmlPciInfo_t, busId);
VGPU_SAME_PLACE(nvmlMemory_t, used);
VGPU_SAME_PLACE(nvmlMemory_v2_t, reserved);
VGPU_SAME_PLACE(nvmlMemory_v2_t, used);
VGPU_SAME_PLACE(nvmlProcessInfo_t, usedGpuMemory);
VGPU_SAME_PLACE(nvmlProcessInfo_t, computeInstanceId);
VGPU_SAME_PLACE(nvmlFieldValue_t, timestamp);
VGPU_SAME_PLACE(nvmlFieldValue_t, nvmlReturn);
VGPU_SAME_PLACE(nvmlFieldValue_t, value);
VGPU_SAME_PLACE(nvmlEventData_t, eventType);
VGPU_SAME_PLACE(nvmlEventData_t, computeInstanceId);
VGPU_SAME_PLACE(nvmlViolationTime_t, violationTime);

#define VGPU_SAME_VALUE(name) static_assert(static_cast<int>(::name) == static_cast<int>(vgpu::nvml::name))
VGPU_SAME_VALUE(NVML_ERROR_UNINITIALIZED);
VGPU_SAME_VALUE(NVML_ERROR_INVALID_ARGUMENT);
VGPU_SAME_VALUE(NVML_ERROR_NOT_SUPPORTED);
VGPU_SAME_VALUE(NVML_ERROR_NOT_FOUND);
VGPU_SAME_VALUE(NVML_ERROR_INSUFFICIENT_SIZE);
VGPU_SAME_VALUE(NVML_ERROR_TIMEOUT);
VGPU_SAME_VALUE(NVML_ERROR_FUNCTION_NOT_FOUND);
VGPU_SAME_VALUE(NVML_ERROR_INSUFFICIENT_RESOURCES);
VGPU_SAME_VALUE(NVML_ERROR_ARGUMENT_VERSION_MISMATCH);
VGPU_SAME_VALUE(NVML_VALUE_TYPE_UNSIGNED_LONG_LONG);
#if NVML_API_VERSION >= 12
VGPU_SAME_VALUE(NVML_VALUE_TYPE_SIGNED_INT);
#endif
