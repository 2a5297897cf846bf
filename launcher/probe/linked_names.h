// What the questions in ask.cpp call, by library.
#pragma once

#define VGPU_PROBE_DRIVER(X) \
  X(cuInit)                  \
  X(cuDriverGetVersion)      \
  X(cuDeviceGetCount)        \
  X(cuDeviceGet)             \
  X(cuDeviceGetName) X(cuDeviceGetUuid_v2) X(cuDeviceGetPCIBusId) X(cuDeviceTotalMem_v2) X(cuDeviceGetAttribute)

#define VGPU_PROBE_RUNTIME13(X) \
  X(cudaRuntimeGetVersion) X(cudaGetDeviceCount) X(cudaGetDeviceProperties) X(cudaDeviceGetPCIBusId)

#define VGPU_PROBE_RUNTIME12(X) VGPU_PROBE_RUNTIME13(X) X(cudaGetDeviceProperties_v2)

#define VGPU_PROBE_NVML(X)         \
  X(nvmlInit_v2)                   \
  X(nvmlSystemGetDriverVersion)    \
  X(nvmlDeviceGetCount_v2)         \
  X(nvmlDeviceGetHandleByIndex_v2) \
  X(nvmlDeviceGetName)             \
  X(nvmlDeviceGetUUID)             \
  X(nvmlDeviceGetPciInfo_v3) X(nvmlDeviceGetMemoryInfo) X(nvmlDeviceGetCudaComputeCapability) X(nvmlShutdown)
