// Who uses a device: every process of the session with what it was charged, the caller alone where there is no session.
#include <unistd.h>

#include "shims/nvml/call.h"
#include "shims/session/reader.h"
#include "shims/session/settings.h"

namespace vgpu::nvml {
namespace {

constexpr unsigned kNoInstance = 0xffffffff;  // not a MIG instance

void fill(nvmlProcessInfo_v1_t& info, unsigned pid, std::uint64_t used) { info = {pid, used}; }
void fill(nvmlProcessInfo_t& info, unsigned pid, std::uint64_t used) { info = {pid, used, kNoInstance, kNoInstance}; }
void fill(nvmlProcessDetail_v1_t& info, unsigned pid, std::uint64_t used) {
  info = {pid, used, kNoInstance, kNoInstance, 0};
}

// Calls visit(pid, bytes) for each process that holds memory of the device. One of another pid namespace has no number
// here and is told as 0.
template <typename Visit>
void each_process(int index, Visit visit) {
  const char* path = session::session_path();
  session::Reader session;
  session::Failure failure = {};
  if (path == nullptr || !session.open(path, failure)) {
    if (const std::uint64_t used = memory_usage(index).used; used > 0) visit(static_cast<unsigned>(getpid()), used);
    return;
  }
  // Nobody has used the device yet where the session does not have it.
  const int place = session.find(device::system().devices[index].uuid);
  unsigned next = 0;
  for (session::Process process = {}; place >= 0 && session.next_process(next, process);) {
    if (process.used[place] > 0) visit(process.same_namespace ? process.pid : 0, process.used[place]);
  }
}

// In `count` the room, then how many there are; what there is no room for is counted only.
template <typename Info>
nvmlReturn_t list_processes(int index, unsigned& count, Info* infos) {
  const unsigned room = count;
  count = 0;
  each_process(index, [&](unsigned pid, std::uint64_t used) {
    if (count < room) fill(infos[count], pid, used);
    ++count;
  });
  return room < count ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

template <typename Info>
nvmlReturn_t compute_processes(nvmlDevice_t device, unsigned* count, Info* infos) {
  return with_device(device, [&](int index, const Description&) {
    if (count == nullptr || (*count > 0 && infos == nullptr)) return NVML_ERROR_INVALID_ARGUMENT;
    return list_processes(index, *count, infos);
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
    if (list->mode == 0) return list_processes(index, list->numProcArrayEntries, list->procArray);  // 0: compute
    list->numProcArrayEntries = 0;
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
    if (info->version != struct_version<nvmlProcessesUtilizationInfo_v1_t>(1))
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    info->processSamplesCount = 0;
    return NVML_ERROR_NOT_FOUND;
  });
}
