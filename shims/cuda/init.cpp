// Initialisation and versions, and the record of what they answered.
#include <time.h>

#include "shims/cuda/call.h"
#include "shims/cuda/status.h"
#include "shims/device/ledger.h"
#include "shims/device/log.h"
#include "shims/device/visible_devices.h"

using namespace vgpu::cuda;

extern "C" {
extern Status vgpu_cuda_status;
__attribute__((visibility("default"))) constinit Status vgpu_cuda_status = {
    {'v', 'g', 'p', 'u', 'c', 'u', 'd', '1'}, sizeof(Status), 0, 0, 0, 0, 0, 0};
}

namespace {

// Readers take it as it is: a half written one is corrected by the next look.
CUresult recorded(CUresult result) {
  Status& status = vgpu_cuda_status;
  if (__atomic_fetch_add(&status.inits, 1, __ATOMIC_RELAXED) == 0) {
    timespec now = {};
    clock_gettime(CLOCK_BOOTTIME, &now);
    status.first_call = static_cast<uint64_t>(now.tv_sec) * 1000000000U + static_cast<uint64_t>(now.tv_nsec);
  }
  status.result = result;
  status.total = vgpu::device::system().count;
  status.cuda_version = vgpu::device::system().cuda_version;
  status.visible = vgpu::device::life() == vgpu::device::Life::ready ? vgpu::device::visible().count : 0;
  return result;
}

// Why there is no device is worth a line once; that there is one, only when asked for.
void report(int visible) {
  static constinit bool reported = false;
  if (__atomic_exchange_n(&reported, true, __ATOMIC_RELAXED)) return;
  if (const char* failure = vgpu::device::system_failure(); failure[0] != '\0') {
    vgpu::log::line(vgpu::log::Level::error, kLibraryName, {"no device: VGPU_DEVICE is not usable: ", failure});
    return;
  }
  const vgpu::log::Number count(visible);
  const vgpu::log::Number total(vgpu::device::system().count);
  vgpu::log::line(vgpu::log::Level::info, kLibraryName,
                  {"initialised, device count ", count.text(), " of ", total.text(), " (CUDA_VISIBLE_DEVICES)"});
}

}  // namespace

namespace {

CUresult initialise(unsigned flags) {
  if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
  namespace device = vgpu::device;
  switch (device::life()) {
    case device::Life::forked: return CUDA_ERROR_NOT_INITIALIZED;
    case device::Life::ready: return CUDA_SUCCESS;
    case device::Life::fresh: break;
  }
  const device::Visible seen = device::see_devices();
  if (seen.count == device::kNamedTwice) return CUDA_ERROR_INVALID_DEVICE;
  if (seen.count == 0) return report(0), CUDA_ERROR_NO_DEVICE;
  // A process that cannot reach the quota it is under stays uninitialised.
  if (!device::ledger::join()) return CUDA_ERROR_OPERATING_SYSTEM;
  switch (device::initialise(seen)) {
    case device::Life::fresh: return CUDA_ERROR_OUT_OF_MEMORY;
    case device::Life::forked: return CUDA_ERROR_NOT_INITIALIZED;
    case device::Life::ready: break;
  }
  report(device::visible().count);
  return CUDA_SUCCESS;
}

}  // namespace

VGPU_CUDA cuInit(unsigned flags) { return recorded(initialise(flags)); }

// Asked by programs before cuInit.
VGPU_CUDA cuDriverGetVersion(int* version) {
  if (version == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *version = vgpu::device::system().cuda_version;
  vgpu_cuda_status.cuda_version = *version;
  return CUDA_SUCCESS;
}

// For libvgpu-nvml in the same process: what the books have for a device of the description, counted from 0 and
// whatever CUDA_VISIBLE_DEVICES says, and what it may have at most. Works before cuInit; a child of fork has no books.
extern "C" __attribute__((visibility("default"))) int vgpu_device_memory(int physical, std::uint64_t* used,
                                                                         std::uint64_t* limit) {
  if (used == nullptr || limit == nullptr || physical < 0 || physical >= vgpu::device::system().count) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (vgpu::device::life() == vgpu::device::Life::forked) return CUDA_ERROR_NOT_INITIALIZED;
  if (!vgpu::device::ledger::join()) return CUDA_ERROR_OPERATING_SYSTEM;
  *used = vgpu::device::ledger::used(physical);
  *limit = vgpu::device::ledger::limit(physical);
  return CUDA_SUCCESS;
}
