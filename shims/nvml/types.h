// The types of NVML that the shim reads and writes: layouts and numbers of NVML 13, checked against the toolkit's
// header where there is one (tests/gpu/nvml_header.cpp). NVML's own names, so that they can be looked up in its
// reference.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vgpu::nvml {

enum nvmlReturn_t : int {
  NVML_SUCCESS = 0,
  NVML_ERROR_UNINITIALIZED = 1,
  NVML_ERROR_INVALID_ARGUMENT = 2,
  NVML_ERROR_NOT_SUPPORTED = 3,
  NVML_ERROR_NOT_FOUND = 6,
  NVML_ERROR_INSUFFICIENT_SIZE = 7,
  NVML_ERROR_TIMEOUT = 10,
  NVML_ERROR_FUNCTION_NOT_FOUND = 13,
  NVML_ERROR_MEMORY = 20,
  NVML_ERROR_INSUFFICIENT_RESOURCES = 23,
  NVML_ERROR_ARGUMENT_VERSION_MISMATCH = 25,
  NVML_ERROR_UNKNOWN = 999,
};

// Opaque to the program; of size 1 for us, so that a handle's distance from the first one is the device's index.
struct nvmlDevice_st;
using nvmlDevice_t = nvmlDevice_st*;
struct nvmlEventSet_st;
using nvmlEventSet_t = nvmlEventSet_st*;
struct nvmlUnit_st;
using nvmlUnit_t = nvmlUnit_st*;

// "version" of a versioned structure: its size and its version in the top byte.
template <typename Structure>
constexpr unsigned struct_version(unsigned version) {
  return static_cast<unsigned>(sizeof(Structure)) | version << 24;
}

// nvmlDeviceGetPciInfo writes the first part only, _v2 also pciSubSystemId, _v3 everything.
struct nvmlPciInfo_t {
  char busIdLegacy[16];
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned pciDeviceId;
  unsigned pciSubSystemId;
  char busId[32];
};
static_assert(offsetof(nvmlPciInfo_t, pciSubSystemId) == 32 && sizeof(nvmlPciInfo_t) == 68);

struct nvmlPciInfoExt_v1_t {
  unsigned version;
  unsigned domain;
  unsigned bus;
  unsigned device;
  unsigned pciDeviceId;
  unsigned pciSubSystemId;
  unsigned baseClass;
  unsigned subClass;
  char busId[32];
};
static_assert(struct_version<nvmlPciInfoExt_v1_t>(1) == 0x1000040);

struct nvmlMemory_t {
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};
static_assert(sizeof(nvmlMemory_t) == 24);

struct nvmlMemory_v2_t {
  unsigned version;
  unsigned long long total;
  unsigned long long reserved;
  unsigned long long free;
  unsigned long long used;
};
static_assert(struct_version<nvmlMemory_v2_t>(2) == 0x2000028);

struct nvmlBAR1Memory_t {
  unsigned long long bar1Total;
  unsigned long long bar1Free;
  unsigned long long bar1Used;
};
static_assert(sizeof(nvmlBAR1Memory_t) == 24);

struct nvmlProcessInfo_v1_t {
  unsigned pid;
  unsigned long long usedGpuMemory;
};
static_assert(sizeof(nvmlProcessInfo_v1_t) == 16);

// Of _v2 and _v3 alike.
struct nvmlProcessInfo_t {
  unsigned pid;
  unsigned long long usedGpuMemory;
  unsigned gpuInstanceId;
  unsigned computeInstanceId;
};
static_assert(sizeof(nvmlProcessInfo_t) == 24);

struct nvmlProcessDetail_v1_t {
  unsigned pid;
  unsigned long long usedGpuMemory;
  unsigned gpuInstanceId;
  unsigned computeInstanceId;
  unsigned long long usedGpuCcProtectedMemory;
};
static_assert(sizeof(nvmlProcessDetail_v1_t) == 32);

struct nvmlProcessDetailList_v1_t {
  unsigned version;
  unsigned mode;
  unsigned numProcArrayEntries;
  nvmlProcessDetail_v1_t* procArray;
};
static_assert(struct_version<nvmlProcessDetailList_v1_t>(1) == 0x1000018);

struct nvmlProcessesUtilizationInfo_v1_t {
  unsigned version;
  unsigned processSamplesCount;
  unsigned long long lastSeenTimeStamp;
  void* procUtilArray;
};
static_assert(struct_version<nvmlProcessesUtilizationInfo_v1_t>(1) == 0x1000018);

struct nvmlUtilization_t {
  unsigned gpu;
  unsigned memory;
};
static_assert(sizeof(nvmlUtilization_t) == 8);

struct nvmlEccErrorCounts_t {
  unsigned long long l1Cache;
  unsigned long long l2Cache;
  unsigned long long deviceMemory;
  unsigned long long registerFile;
};
static_assert(sizeof(nvmlEccErrorCounts_t) == 32);

struct nvmlEccSramErrorStatus_v1_t {
  unsigned version;
  unsigned long long counts[11];  // aggregate and volatile, by kind and by place: all 0 here
  unsigned bThresholdExceeded;
};
static_assert(struct_version<nvmlEccSramErrorStatus_v1_t>(1) == 0x1000068);

struct nvmlRowRemapperHistogramValues_t {
  unsigned max;
  unsigned high;
  unsigned partial;
  unsigned low;
  unsigned none;
};
static_assert(sizeof(nvmlRowRemapperHistogramValues_t) == 20);

union nvmlValue_t {
  double dVal;
  int siVal;
  unsigned uiVal;
  unsigned long ulVal;
  unsigned long long ullVal;
  long long sllVal;
  unsigned short usVal;
};
static_assert(sizeof(nvmlValue_t) == 8);

enum nvmlValueType_t : int {
  NVML_VALUE_TYPE_DOUBLE = 0,
  NVML_VALUE_TYPE_UNSIGNED_INT = 1,
  NVML_VALUE_TYPE_UNSIGNED_LONG = 2,
  NVML_VALUE_TYPE_UNSIGNED_LONG_LONG = 3,
  NVML_VALUE_TYPE_SIGNED_INT = 5,
};

struct nvmlFieldValue_t {
  unsigned fieldId;
  unsigned scopeId;
  long long timestamp;  // microseconds since 1970
  long long latencyUsec;
  nvmlValueType_t valueType;
  nvmlReturn_t nvmlReturn;
  nvmlValue_t value;
};
static_assert(sizeof(nvmlFieldValue_t) == 40);

struct nvmlSample_t {
  unsigned long long timeStamp;
  nvmlValue_t sampleValue;
};
static_assert(sizeof(nvmlSample_t) == 16);

struct nvmlViolationTime_t {
  unsigned long long referenceTime;
  unsigned long long violationTime;
};
static_assert(sizeof(nvmlViolationTime_t) == 16);

struct nvmlGpuDynamicPstatesInfo_t {
  unsigned flags;
  struct {
    unsigned bIsPresent;
    unsigned percentage;
    unsigned incThreshold;
    unsigned decThreshold;
  } utilization[8];
};
static_assert(sizeof(nvmlGpuDynamicPstatesInfo_t) == 132);

struct nvmlGpuThermalSettings_t {
  unsigned count;
  struct {
    int controller;
    int defaultMinTemp;
    int defaultMaxTemp;
    int currentTemp;
    int target;
  } sensor[3];
};
static_assert(sizeof(nvmlGpuThermalSettings_t) == 64);

struct nvmlTemperature_v1_t {
  unsigned version;
  unsigned sensorType;
  int temperature;
};
static_assert(struct_version<nvmlTemperature_v1_t>(1) == 0x100000c);

struct nvmlMarginTemperature_v1_t {
  unsigned version;
  int marginTemperature;
};
static_assert(struct_version<nvmlMarginTemperature_v1_t>(1) == 0x1000008);

struct nvmlEventData_t {
  nvmlDevice_t device;
  unsigned long long eventType;
  unsigned long long eventData;
  unsigned gpuInstanceId;
  unsigned computeInstanceId;
};
static_assert(sizeof(nvmlEventData_t) == 32);

struct nvmlFBCStats_t {
  unsigned sessionsCount;
  unsigned averageFPS;
  unsigned averageLatency;
};
static_assert(sizeof(nvmlFBCStats_t) == 12);

struct nvmlUUID_v1_t {
  unsigned version;
  unsigned type;  // 1: text, 2: bytes
  union {
    char str[41];
    unsigned char bytes[16];
  } value;
};
static_assert(struct_version<nvmlUUID_v1_t>(1) == 0x1000034);

struct nvmlGpuFabricInfo_t {
  unsigned char clusterUuid[16];
  nvmlReturn_t status;
  unsigned cliqueId;
  unsigned char state;
};
static_assert(sizeof(nvmlGpuFabricInfo_t) == 28);

// _v2 ends behind healthMask, _v3 behind healthSummary.
struct nvmlGpuFabricInfo_v3_t {
  unsigned version;
  unsigned char clusterUuid[16];
  nvmlReturn_t status;
  unsigned cliqueId;
  unsigned char state;
  unsigned healthMask;
  unsigned char healthSummary;
};
static_assert(offsetof(nvmlGpuFabricInfo_v3_t, healthSummary) == 36 &&
              struct_version<nvmlGpuFabricInfo_v3_t>(3) == 0x3000028);

struct nvmlC2cModeInfo_v1_t {
  unsigned isC2cEnabled;
};

struct nvmlGpmSupport_t {
  unsigned version;  // 1, not a struct_version
  unsigned isSupportedDevice;
};

struct nvmlAccountingStats_t {
  unsigned gpuUtilization;
  unsigned memoryUtilization;
  unsigned long long maxMemoryUsage;
  unsigned long long time;
  unsigned long long startTime;
  unsigned isRunning;
  unsigned reserved[5];
};
static_assert(sizeof(nvmlAccountingStats_t) == 56);

}  // namespace vgpu::nvml
