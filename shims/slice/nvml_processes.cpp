// Who uses a device, as far as it concerns the session: its processes, each with what it was charged.
#include "shims/slice/nvml_call.h"

using namespace vgpu::slice;
using namespace vgpu::nvml;
namespace abi = vgpu::abi;
namespace session = vgpu::session;

namespace {

// A device of the session; an instance with the numbers that processes are listed with on its GPU.
struct Part {
  int place;
  unsigned gpu_instance = 0xffffffff;  // not an instance
  unsigned compute_instance = 0xffffffff;
};
struct Parts {
  Part all[session::kDevices];
  unsigned count = 0;
};

void fill(nvmlProcessInfo_v1_t& info, unsigned pid, std::uint64_t used, const Part&) { info = {pid, used}; }
void fill(nvmlProcessInfo_t& info, unsigned pid, std::uint64_t used, const Part& part) {
  info = {pid, used, part.gpu_instance, part.compute_instance};
}
void fill(nvmlProcessDetail_v1_t& info, unsigned pid, std::uint64_t used, const Part& part) {
  info = {pid, used, part.gpu_instance, part.compute_instance, 0};
}

void add(Parts& parts, int place, nvmlDevice_t device) {
  if (place < 0 || parts.count == session::kDevices) return;
  Part part = {.place = place};
  unsigned number = 0;
  if (real_nvml(abi::k_nvmlDeviceGetGpuInstanceId, device, &number) == NVML_SUCCESS) part.gpu_instance = number;
  if (real_nvml(abi::k_nvmlDeviceGetComputeInstanceId, device, &number) == NVML_SUCCESS) part.compute_instance = number;
  parts.all[parts.count++] = part;
}

// What of the session lies on the device. False: no session counts it.
bool parts_of(nvmlDevice_t device, session::Reader& reader, Parts& parts) {
  const int place = session_device(device, reader);
  if (place == kNotCounted) return false;
  add(parts, place, device);
  if (place != kInInstances) return true;
  unsigned most = 0;
  if (real_nvml(abi::k_nvmlDeviceGetMaxMigDeviceCount, device, &most) != NVML_SUCCESS) most = 0;
  for (unsigned i = 0; i < most; ++i) {
    nvmlDevice_t instance = {};
    const int one = session_instance(device, i, reader, instance);
    add(parts, one, instance);
  }
  return true;
}

// In `count` the room, then how many there are; what there is no room for is counted only. One of another pid namespace
// has no number here and is told as 0.
template <class Info>
nvmlReturn_t list(const session::Reader& reader, const Parts& parts, unsigned& count, Info* infos) {
  const unsigned room = count;
  count = 0;
  unsigned next = 0;
  for (session::Process process = {}; parts.count != 0 && reader.next_process(next, process);) {
    for (unsigned i = 0; i < parts.count; ++i) {
      const std::uint64_t used = process.used[parts.all[i].place];
      if (used == 0) continue;
      if (count < room) fill(infos[count], process.same_namespace ? process.pid : 0, used, parts.all[i]);
      ++count;
    }
  }
  return room < count ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

// The driver is asked first, with no room: whether it knows the device and has such lists at all.
bool is_answered(nvmlReturn_t result) { return result == NVML_SUCCESS || result == NVML_ERROR_INSUFFICIENT_SIZE; }

template <class Info>
nvmlReturn_t compute(unsigned function, nvmlDevice_t device, unsigned* count, Info* infos) {
  session::Reader reader;
  Parts parts;
  const bool sound = count != nullptr && (*count == 0 || infos != nullptr);
  if (!sound || !parts_of(device, reader, parts)) return real_nvml(function, device, count, infos);
  unsigned none = 0;
  const nvmlReturn_t result = real_nvml(function, device, &none, static_cast<Info*>(nullptr));
  return is_answered(result) ? list(reader, parts, *count, infos) : result;
}

// Who draws, or shares the device through MPS, is not in the session's books: nobody is told.
template <class Info>
nvmlReturn_t others(unsigned function, nvmlDevice_t device, unsigned* count, Info* infos) {
  session::Reader reader;
  if (count == nullptr || session_device(device, reader) == kNotCounted)
    return real_nvml(function, device, count, infos);
  unsigned none = 0;
  const nvmlReturn_t result = real_nvml(function, device, &none, static_cast<Info*>(nullptr));
  if (!is_answered(result)) return result;
  *count = 0;
  return NVML_SUCCESS;
}

}  // namespace

#define VGPU_LISTS(kind, body)                                                                                         \
  VGPU_NVML nvmlDeviceGet##kind##RunningProcesses(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_v1_t* infos) { \
    return body(abi::k_nvmlDeviceGet##kind##RunningProcesses, device, count, infos);                                   \
  }                                                                                                                    \
  VGPU_NVML nvmlDeviceGet##kind##RunningProcesses_v2(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_t* infos) { \
    return body(abi::k_nvmlDeviceGet##kind##RunningProcesses_v2, device, count, infos);                                \
  }                                                                                                                    \
  VGPU_NVML nvmlDeviceGet##kind##RunningProcesses_v3(nvmlDevice_t device, unsigned* count, nvmlProcessInfo_t* infos) { \
    return body(abi::k_nvmlDeviceGet##kind##RunningProcesses_v3, device, count, infos);                                \
  }

VGPU_LISTS(Compute, compute)
VGPU_LISTS(Graphics, others)
VGPU_LISTS(MPSCompute, others)

VGPU_NVML nvmlDeviceGetRunningProcessDetailList(nvmlDevice_t device, nvmlProcessDetailList_v1_t* details) {
  const auto ask = [&] { return real_nvml(abi::k_nvmlDeviceGetRunningProcessDetailList, device, details); };
  session::Reader reader;
  if (details == nullptr || details->version != struct_version<nvmlProcessDetailList_v1_t>(1)) return ask();
  Parts parts;
  if (!parts_of(device, reader, parts)) return ask();
  const unsigned room = details->procArray != nullptr ? details->numProcArrayEntries : 0;
  nvmlProcessDetail_v1_t* const infos = details->procArray;
  details->numProcArrayEntries = 0;
  details->procArray = nullptr;
  const nvmlReturn_t result = ask();
  details->procArray = infos;
  if (!is_answered(result)) return result;
  details->numProcArrayEntries = room;
  if (details->mode == 0) return list(reader, parts, details->numProcArrayEntries, infos);  // 0: compute
  details->numProcArrayEntries = 0;
  return NVML_SUCCESS;
}
