#include "shims/cudart/state.h"

#include <pthread.h>

#include <atomic>

#include "shims/device/log.h"

namespace vgpu::cudart {
namespace {

// Guards finding the driver and the table of primary contexts. Never held while a driver's call can call us
// back.
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

struct Guard {
  Guard() { pthread_mutex_lock(&mutex); }
  ~Guard() { pthread_mutex_unlock(&mutex); }
};

enum class Phase { unknown, ready, failed };
constinit std::atomic<Phase> phase = Phase::unknown;
constinit Driver functions = {};
constinit cudaError_t failure = cudaSuccess;

constinit std::atomic<CUcontext> primary[kMaxDevices] = {};
// Counts the resets: a thread whose number is older has a current context that is no longer alive.
constinit std::atomic<unsigned> resets = 0;

struct Thread {
  int device;
  cudaError_t last_error;
  unsigned resets_seen;
  CUcontext chosen;  // what we made current last
};
constinit thread_local Thread thread = {};

void initialise() {
  const Guard guard;
  if (phase.load(std::memory_order_relaxed) != Phase::unknown) return;
  if (!find_driver(functions)) {
    failure = cudaErrorInsufficientDriver;
    log::line(log::Level::info, kLibrary, {"no cuInit in this process and no libcuda.so.1 to be found"});
  } else {
    failure = from_driver(functions.Init(0));
  }
  phase.store(failure == cudaSuccess ? Phase::ready : Phase::failed, std::memory_order_release);
}

}  // namespace

// The runtime's codes are the driver's numbers where both have one; what only the driver has is an unknown
// error here.
cudaError_t from_driver(CUresult result) {
  switch (static_cast<int>(result)) {
#define VGPU_CUDART_SAME(name, value, message) \
  case value: return name;
    VGPU_CUDART_ERRORS(VGPU_CUDART_SAME)
#undef VGPU_CUDART_SAME
    default: return cudaErrorUnknown;
  }
}

// "Not ready" is an answer, not an error: the real runtime does not remember it.
cudaError_t record(cudaError_t error) {
  if (error != cudaSuccess && error != cudaErrorNotReady) thread.last_error = error;
  return error;
}

const Driver* driver(cudaError_t& error) {
  if (phase.load(std::memory_order_acquire) == Phase::unknown) initialise();
  error = failure;
  return phase.load(std::memory_order_relaxed) == Phase::ready ? &functions : nullptr;
}

cudaError_t device_count(const Driver& driver, int& count) {
  if (const CUresult result = driver.DeviceGetCount(&count); result != cuda::CUDA_SUCCESS) {
    return from_driver(result);
  }
  return count > 0 ? cudaSuccess : cudaErrorNoDevice;
}

cudaError_t check_device(const Driver& driver, int device) {
  int count = 0;
  if (const cudaError_t error = device_count(driver, count); error != cudaSuccess) return error;
  return device >= 0 && device < count && device < kMaxDevices ? cudaSuccess : cudaErrorInvalidDevice;
}

int current_device(const Driver& driver) {
  CUcontext context = nullptr;
  CUdevice device = 0;
  if (driver.CtxGetCurrent(&context) == cuda::CUDA_SUCCESS && context != nullptr &&
      driver.CtxGetDevice(&device) == cuda::CUDA_SUCCESS) {
    return device;
  }
  return thread.device;
}

cudaError_t primary_context(const Driver& driver, int device, CUcontext& context) {
  if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
  context = primary[device].load(std::memory_order_acquire);
  if (context != nullptr) return cudaSuccess;
  const Guard guard;
  context = primary[device].load(std::memory_order_relaxed);
  if (context != nullptr) return cudaSuccess;
  const CUresult result = driver.PrimaryRetain(&context, device);
  if (result == cuda::CUDA_SUCCESS) primary[device].store(context, std::memory_order_release);
  return from_driver(result);
}

cudaError_t choose_device(const Driver& driver, int device, bool activate) {
  if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
  CUcontext context = nullptr;
  if (activate) {
    if (const cudaError_t error = primary_context(driver, device, context); error != cudaSuccess) return error;
  }
  const CUresult result = driver.CtxSetCurrent(context);
  if (result != cuda::CUDA_SUCCESS) return from_driver(result);
  thread.device = device;
  thread.resets_seen = resets.load(std::memory_order_relaxed);
  thread.chosen = context;
  return cudaSuccess;
}

cudaError_t require_context(const Driver& driver) {
  CUcontext context = nullptr;
  const CUresult result = driver.CtxGetCurrent(&context);
  if (result != cuda::CUDA_SUCCESS) return from_driver(result);
  // A context that the program made current through the Driver API is used as it is.
  const bool stale = context == thread.chosen && thread.resets_seen != resets.load(std::memory_order_relaxed);
  if (context != nullptr && !stale) return cudaSuccess;
  return choose_device(driver, thread.device, true);
}

cudaError_t reset_device(const Driver& driver, int device) {
  if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
  thread.device = device;
  bool retained = false;
  {
    const Guard guard;
    retained = primary[device].exchange(nullptr, std::memory_order_acq_rel) != nullptr;
  }
  const CUresult result = driver.PrimaryReset(device);
  if (retained) {
    driver.PrimaryRelease(device);
    resets.fetch_add(1, std::memory_order_relaxed);
  }
  return from_driver(result);
}

cudaError_t not_supported(const char* function, bool& logged) {
  not_supported_once(kLibrary, function, logged);
  return cudaErrorNotSupported;
}

}  // namespace vgpu::cudart

using namespace vgpu::cudart;

// Called by the generated stubs of what is not there.
extern "C" __attribute__((visibility("hidden"))) int vgpu_abi_refused(int status) {
  record(static_cast<cudaError_t>(status));
  return status;
}

VGPU_API cudaError_t cudaGetLastError() {
  const cudaError_t error = thread.last_error;
  thread.last_error = cudaSuccess;
  return error;
}

VGPU_API cudaError_t cudaPeekAtLastError() { return thread.last_error; }
