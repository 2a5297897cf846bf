// Initialisation, counted, and what the answers are called.
#include <unistd.h>

#include <atomic>

#include "shims/device/log.h"
#include "shims/nvml/call.h"

namespace vgpu::nvml {
namespace {

// The process in the upper half, how often it initialised in the lower: a child of fork finds its parent's number there
// and starts from 0. One word, so no lock that a fork could leave held.
constinit std::atomic<std::uint64_t> state = 0;

std::uint64_t mine(unsigned count) { return std::uint64_t{static_cast<unsigned>(getpid())} << 32 | count; }

unsigned count_of(std::uint64_t word) {
  return word >> 32 == static_cast<unsigned>(getpid()) ? static_cast<unsigned>(word) : 0;
}

void report() {
  static constinit bool reported = false;
  if (__atomic_exchange_n(&reported, true, __ATOMIC_RELAXED)) return;
  if (const char* failure = device::system_failure(); failure[0] != '\0') {
    log::line(log::Level::error, kLibraryName, {"no device: VGPU_DEVICE is not usable: ", failure});
    return;
  }
  const log::Number count(device::system().count);
  log::line(log::Level::info, kLibraryName, {"initialised, device count ", count.text()});
}

nvmlReturn_t initialise() {
  std::uint64_t before = state.load(std::memory_order_relaxed);
  while (!state.compare_exchange_weak(before, mine(count_of(before) + 1), std::memory_order_acq_rel)) {
  }
  report();
  return NVML_SUCCESS;
}

constexpr const char* kErrors[] = {
    "Success",
    "Uninitialized",
    "Invalid Argument",
    "Not Supported",
    "Insufficient Permissions",
    "Already Initialized",
    "Not Found",
    "Insufficient Size",
    "Insufficient External Power",
    "Driver Not Loaded",
    "Timeout",
    "Interrupt Request Issue",
    "NVML Shared Library Not Found",
    "Function Not Found",
    "Corrupted infoROM",
    "GPU is lost",
    "GPU requires reset",
    "GPU access blocked by the operating system",
    "Driver/library version mismatch",
    "In use by another client",
    "Insufficient Memory",
    "No data",
    "vGPU ECC not supported",
    "Insufficient Resources",
    "Invalid Frequency",
    "Argument version mismatch",
    "Requested functionality has been deprecated",
    "System is not in ready state",
    "No supported GPUs were found",
    "Resource not in correct state to perform requested operation",
    "Reset type is not supported for given device",
};

}  // namespace

bool initialised() { return count_of(state.load(std::memory_order_acquire)) > 0; }

}  // namespace vgpu::nvml

using namespace vgpu::nvml;

VGPU_NVML nvmlInit() { return initialise(); }

VGPU_NVML nvmlInit_v2() { return initialise(); }

// Every flag is taken, also unknown ones, as driver 580 does: none changes anything for a device that is always there.
VGPU_NVML nvmlInitWithFlags(unsigned) { return initialise(); }

VGPU_NVML nvmlShutdown() {
  std::uint64_t before = state.load(std::memory_order_relaxed);
  do {
    if (count_of(before) == 0) return NVML_ERROR_UNINITIALIZED;
  } while (!state.compare_exchange_weak(before, mine(count_of(before) - 1), std::memory_order_acq_rel));
  return NVML_SUCCESS;
}

extern "C" __attribute__((visibility("default"))) const char* nvmlErrorString(int error) {
  constexpr int kCount = sizeof kErrors / sizeof kErrors[0];
  return error >= 0 && error < kCount ? kErrors[error] : "Unknown Error";
}
