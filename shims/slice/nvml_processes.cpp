// Who uses a device, as far as it concerns the session: its processes, each with what it was charged.
#include <errno.h>

#include "shims/slice/nvml_call.h"

using namespace vgpu::slice;
using namespace vgpu::nvml;
namespace abi = vgpu::abi;
namespace session = vgpu::session;

namespace {

constexpr unsigned kNoInstance = 0xffffffff;  // not a MIG instance

void fill(nvmlProcessInfo_v1_t& info, unsigned pid, std::uint64_t used) { info = {pid, used}; }
void fill(nvmlProcessInfo_t& info, unsigned pid, std::uint64_t used) { info = {pid, used, kNoInstance, kNoInstance}; }
void fill(nvmlProcessDetail_v1_t& info, unsigned pid, std::uint64_t used) {
  info = {pid, used, kNoInstance, kNoInstance, 0};
}

// Which of the session's devices it is; kNobody: the session has no process yet, kNotOurs: no session counts it.
constexpr int kNobody = -1;
constexpr int kNotOurs = -2;
int place(nvmlDevice_t device, session::Reader& reader) {
  session::Failure failure = {};
  const int index = session_device(device, reader, failure);
  return index >= 0 ? index : failure.error == ENOENT ? kNobody : kNotOurs;
}

// In `count` the room, then how many there are; what there is no room for is counted only. One of another pid namespace
// has no number here and is told as 0.
template <class Info>
nvmlReturn_t list(const session::Reader& reader, int index, unsigned& count, Info* infos) {
  const unsigned room = count;
  count = 0;
  unsigned next = 0;
  for (session::Process process = {}; index != kNobody && reader.next_process(next, process);) {
    if (process.used[index] == 0) continue;
    if (count < room) fill(infos[count], process.same_namespace ? process.pid : 0, process.used[index]);
    ++count;
  }
  return room < count ? NVML_ERROR_INSUFFICIENT_SIZE : NVML_SUCCESS;
}

// The driver is asked first, with no room: whether it knows the device and has such lists at all.
bool is_answered(nvmlReturn_t result) { return result == NVML_SUCCESS || result == NVML_ERROR_INSUFFICIENT_SIZE; }

template <class Info>
nvmlReturn_t compute(unsigned function, nvmlDevice_t device, unsigned* count, Info* infos) {
  session::Reader reader;
  const int index = count != nullptr && (*count == 0 || infos != nullptr) ? place(device, reader) : kNotOurs;
  if (index == kNotOurs) return real_nvml(function, device, count, infos);
  unsigned none = 0;
  const nvmlReturn_t result = real_nvml(function, device, &none, static_cast<Info*>(nullptr));
  return is_answered(result) ? list(reader, index, *count, infos) : result;
}

// Who draws, or shares the device through MPS, is not in the session's books: nobody is told.
template <class Info>
nvmlReturn_t others(unsigned function, nvmlDevice_t device, unsigned* count, Info* infos) {
  session::Reader reader;
  if (count == nullptr || place(device, reader) == kNotOurs) return real_nvml(function, device, count, infos);
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
  const int index = place(device, reader);
  if (index == kNotOurs) return ask();
  const unsigned room = details->procArray != nullptr ? details->numProcArrayEntries : 0;
  nvmlProcessDetail_v1_t* const infos = details->procArray;
  details->numProcArrayEntries = 0;
  details->procArray = nullptr;
  const nvmlReturn_t result = ask();
  details->procArray = infos;
  if (!is_answered(result)) return result;
  details->numProcArrayEntries = room;
  if (details->mode == 0) return list(reader, index, details->numProcArrayEntries, infos);  // 0: compute
  details->numProcArrayEntries = 0;
  return NVML_SUCCESS;
}
