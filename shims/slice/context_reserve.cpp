#include "shims/slice/context_reserve.h"

#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#include <atomic>

#include "shims/contract.h"
#include "shims/device/description.h"
#include "shims/device/ledger.h"
#include "shims/device/setting.h"
#include "shims/device/uuid.h"
#include "shims/nvml/types.h"
#include "shims/slice/doors.h"
#include "shims/slice/quota.h"

// NVML knows what a process has of a device, its contexts included; less what it was charged, that is what the context
// takes. Asked of the real library, once in a session: nvmlInit costs milliseconds. Two cuMemGetInfo would have
// everybody else's changes between them, and there is none before the first context.
namespace vgpu::slice {
namespace {

namespace ledger = device::ledger;

constexpr unsigned kMost = 256;  // processes on a GPU

template <class... Arguments>
int call(void* library, const char* name, Arguments... arguments) {
  void* function = next_dlsym(library, name);
  return function == nullptr ? -1 : reinterpret_cast<int (*)(Arguments...)>(function)(arguments...);
}

// What NVML says that this process has of the device; 0: it does not say.
std::uint64_t told_by(void* nvml, int number) {
  device::UuidText uuid;
  const device::Description& one = device::system().devices[number];
  device::format_uuid(one.uuid, uuid, device::is_instance(one.name));
  void* handle = nullptr;
  if (call(nvml, "nvmlDeviceGetHandleByUUID", static_cast<const char*>(uuid), &handle) != 0) return 0;
  static nvml::nvmlProcessInfo_t infos[kMost];  // seldom, and by one thread: measuring
  unsigned count = kMost;
  if (call(nvml, "nvmlDeviceGetComputeRunningProcesses_v3", handle, &count,
           static_cast<nvml::nvmlProcessInfo_t*>(infos)) != 0)
    return 0;
  for (unsigned i = 0; i < count && i < kMost; ++i) {
    const bool told = infos[i].usedGpuMemory != ~0ULL;  // NVML_VALUE_NOT_AVAILABLE
    if (infos[i].pid == static_cast<unsigned>(getpid())) return told ? infos[i].usedGpuMemory : 0;
  }
  return 0;
}

void measure(int number) {
  const char* path = setting(contract::kRealNvml);
  if (path == nullptr || *path != '/') return;
  void* nvml = libc_dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (nvml == nullptr || call(nvml, "nvmlInit_v2") != 0) return;
  const std::uint64_t all = told_by(nvml, number);
  const std::uint64_t charged = ledger::own(number);
  if (all > charged) ledger::set_context(number, all - charged);
  call(nvml, "nvmlShutdown");
}

}  // namespace

void context_noticed(int number) {
  static constinit std::atomic<unsigned> noticed = 0;
  static constinit std::atomic<pid_t> noticed_by = 0;  // a child of fork has no context
  const unsigned bit = 1U << number;
  if (number < 0 || (noticed.load(std::memory_order_relaxed) & bit) != 0) return;
  if (noticed_by.exchange(getpid(), std::memory_order_relaxed) != getpid()) noticed.store(0, std::memory_order_relaxed);
  if ((noticed.fetch_or(bit, std::memory_order_acq_rel) & bit) != 0) return;
  const int saved = errno;
  if (ledger::note_context(number)) measure(number);
  errno = saved;
}

}  // namespace vgpu::slice
