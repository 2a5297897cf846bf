// Who uses a device. In this version the ledger is this process's own, so the only process there can be is the caller.
#include <unistd.h>

#include "shims/nvml/call.h"

namespace vgpu::nvml {
namespace {

constexpr unsigned kNoInstance = 0xffffffff;  // not a MIG instance

void fill(nvmlProcessInfo_v1_t& info, std::uint64_t used) { info = {static_cast<unsigned>(getpid()), used}; }

void fill(nvmlProcessInfo_t& info, std::uint64_t used) {
  info = {static_cast<unsigned>(getpid()), used, kNoInstance, kNoInstance};
}

// What compute() gives: the caller when it holds memory of the device. In `count` the room, then how many there are.
template <typename Info>
nvmlReturn_t compute_processes(nvmlDevice_t device, unsigned* count, Info* infos) {
  return with_device(device, [&](int index, const Description&) {
    if (count == nullptr || (*count > 0 && infos == nullptr)) return NVML_ERROR_INVALID_ARGUMENT;
    const std::uint64_t used = memory_usage(index).used;
    const unsigned room = *count;
    *count = used > 0 ? 1 : 0;
    if (room < *count) return NVML_ERROR_INSUFFICIENT_SIZE;
    if (used > 0) fill(infos[0], used);
    return NVML_SUCCESS;
  });
}

// Nobody draws on the device or shares it through MPS.
nvmlReturn_t no_processes(nvmlDevice_t device, unsigned* count, const void* infos) {
  return with_device(device, [&](int, const Description&) {
    if (count == nullptr || (*count > 0 && infos == nullptr)) return NVML_ERROR_INVALID_ARGUMENT;
    *count = 0;
    return NVML_SUCCESS;
  });
}

}  // namespace
}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlDeviceGetComputeRunningProcesses(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_v1_t* infos) {
  return compute_processes(device, count, infos);
}
VGPU_NVML nvmlDeviceGetComputeRunningProcesses_v2(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_t* infos) {
  return compute_processes(device, count, infos);
}
VGPU_NVML nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_t* infos) {
  return compute_processes(device, count, infos);
}

VGPU_NVML nvmlDeviceGetGraphicsRunningProcesses(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_v1_t* infos) {
  return no_processes(device, count, infos);
}
VGPU_NVML nvmlDeviceGetGraphicsRunningProcesses_v2(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_t* infos) {
  return no_processes(device, count, infos);
}
VGPU_NVML nvmlDeviceGetGraphicsRunningProcesses_v3(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_t* infos) {
  return no_processes(device, count, infos);
}
VGPU_NVML nvmlDeviceGetMPSComputeRunningProcesses(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_v1_t* infos) {
  return no_processes(device, count, infos);
}
VGPU_NVML nvmlDeviceGetMPSComputeRunningProcesses_v2(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_t* infos) {
  return no_processes(device, count, infos);
}
VGPU_NVML nvmlDeviceGetMPSComputeRunningProcesses_v3(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_t* infos) {
  return no_processes(device, count, infos);
}

VGPU_NVML nvmlDeviceGetRunningProcessDetailList(nvmlDevice_t device, nvmlProcessDetailList_v1_t* list) {
  return with_device(device, [&](int index, const Description&) {
    if (list == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (list->version != struct_version<nvmlProcessDetailList_v1_t>(1)) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    const unsigned room = list->numProcArrayEntries;
    if (list->mode > 2 || (room > 0 && list->procArray == nullptr)) return NVML_ERROR_INVALID_ARGUMENT;
    const std::uint64_t used = list->mode == 0 ? memory_usage(index).used : 0;  // 0: compute
    list->numProcArrayEntries = used > 0 ? 1 : 0;
    if (room < list->numProcArrayEntries) return NVML_ERROR_INSUFFICIENT_SIZE;
    if (used > 0) list->procArray[0] = {static_cast<unsigned>(getpid()), used, kNoInstance, kNoInstance, 0};
    return NVML_SUCCESS;
  });
}

// Nothing ever computes, so there is no sample of anybody's utilization: NOT_FOUND, as on an idle device.
VGPU_NVML nvmlDeviceGetProcessUtilization(nvmlDevice_t device, void*, unsigned* count, unsigned long long) {
  return with_device(device, [&](int, const Description&) {
    if (count == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    *count = 0;
    return NVML_ERROR_NOT_FOUND;
  });
}

VGPU_NVML nvmlDeviceGetProcessesUtilizationInfo(nvmlDevice_t device, nvmlProcessesUtilizationInfo_v1_t* info) {
  return with_device(device, [&](int, const Description&) {
    if (info == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
    if (info->version != struct_version<nvmlProcessesUtilizationInfo_v1_t>(1)) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    info->processSamplesCount = 0;
    return NVML_ERROR_NOT_FOUND;
  });
}
