// What the runtime keeps: the driver once it is found, one primary context per device, and for each thread
// its device, its last error and its launch configurations. Nothing about memory: that is the driver's.
#pragma once

#include <type_traits>

#include "shims/cudart/driver.h"
#include "shims/cudart/errors.h"

// A function that programs see. The version script names it; without this the linker would hide it all the
// same.
#define VGPU_API extern "C" __attribute__((visibility("default")))

namespace vgpu::cudart {

inline constexpr char kLibrary[] = "libvgpu-cudart";

// The largest number of devices that the runtime keeps a primary context for.
inline constexpr int kMaxDevices = 64;

cudaError_t from_driver(CUresult result);
inline cudaError_t from_driver(cudaError_t error) { return error; }

// Keeps `error` as the thread's last error unless it is success; returns it.
cudaError_t record(cudaError_t error);

// The driver, found and initialised by the first call, or null: then `error` says why, the same at each call.
const Driver* driver(cudaError_t& error);

// Number of devices; cudaErrorNoDevice when there are none.
cudaError_t device_count(const Driver& driver, int& count);

// cudaErrorInvalidDevice unless `device` is one.
cudaError_t check_device(const Driver& driver, int device);

// The device of the thread: that of its current context, else the one it chose, else 0.
int current_device(const Driver& driver);

// Chooses `device` for this thread; `activate` also makes its primary context current.
cudaError_t choose_device(const Driver& driver, int device, bool activate);

// Makes sure that the thread has a current context: its own, or the primary one of its device.
cudaError_t require_context(const Driver& driver);

// The primary context of a device, retained once for the process.
cudaError_t primary_context(const Driver& driver, int device, CUcontext& context);

// Destroys what the primary context of `device` holds. Each thread notices at its next call.
cudaError_t reset_device(const Driver& driver, int device);

// Runs `body(driver)`, which returns a CUresult or a cudaError_t, and records what came out.
template <class Body>
cudaError_t with_driver(Body&& body) {
  cudaError_t error = cudaSuccess;
  const Driver* found = driver(error);
  if (found == nullptr) return record(error);
  return record(from_driver(body(*found)));
}

// The same with a current context.
template <class Body>
cudaError_t with_context(Body&& body) {
  return with_driver([&](const Driver& found) -> cudaError_t {
    if (const cudaError_t error = require_context(found); error != cudaSuccess) return error;
    return from_driver(body(found));
  });
}

// The default stream of the _ptsz and _ptds variants: 0 means the calling thread's own stream there.
inline cudaStream_t per_thread(cudaStream_t stream) {
  return stream != nullptr ? stream : reinterpret_cast<cudaStream_t>(cuda::kStreamPerThread);
}

inline CUdeviceptr address(const void* pointer) { return reinterpret_cast<CUdeviceptr>(pointer); }

// Says once in the log that `function` is not there.
[[gnu::cold]] cudaError_t not_supported(const char* function, bool& logged);

// For use in a function that has to refuse: `return VGPU_NOT_SUPPORTED("cudaX with an array");`
#define VGPU_NOT_SUPPORTED(what)                      \
  ([] {                                               \
    static constinit bool logged = false;             \
    return vgpu::cudart::not_supported(what, logged); \
  }())

}  // namespace vgpu::cudart
