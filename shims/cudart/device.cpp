// Devices: how many, which one, their attributes and settings.
#include "shims/cudart/device_prop.h"
#include "shims/cudart/registry.h"

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

VGPU_API cudaError_t cudaGetDeviceCount(int* count) {
  if (count != nullptr) *count = 0;
  return with_driver([&](const Driver& driver) {
    if (count == nullptr) return cudaErrorInvalidValue;
    return device_count(driver, *count);
  });
}

VGPU_API cudaError_t cudaGetDevice(int* device) {
  return with_driver([&](const Driver& driver) {
    if (device == nullptr) return cudaErrorInvalidValue;
    const int current = current_device(driver);
    const cudaError_t error = check_device(driver, current);
    if (error == cudaSuccess) *device = current;
    return error;
  });
}

// Since 12.0 this makes the primary context, where older runtimes waited for the next call.
VGPU_API cudaError_t cudaSetDevice(int device) {
  return with_driver([&](const Driver& driver) { return choose_device(driver, device, true); });
}

VGPU_API cudaError_t cudaInitDevice(int device, unsigned device_flags, unsigned flags) {
  return with_driver([&](const Driver& driver) {
    constexpr unsigned kFlagsAreValid = 1;  // cudaInitDeviceFlagsAreValid; other bits are ignored
    if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
    if ((flags & kFlagsAreValid) != 0) {
      const CUresult result = driver.PrimarySetFlags(device, device_flags);
      if (result != cuda::CUDA_SUCCESS) return from_driver(result);
    }
    CUcontext context = nullptr;
    return primary_context(driver, device, context);
  });
}

VGPU_API cudaError_t cudaSetValidDevices(int* devices, int count) {
  return with_driver([&](const Driver& driver) {
    if (count < 0 || (count > 0 && devices == nullptr)) return cudaErrorInvalidValue;
    for (int i = 0; i < count; ++i) {
      if (check_device(driver, devices[i]) != cudaSuccess) return cudaErrorInvalidValue;
    }
    return choose_device(driver, count > 0 ? devices[0] : 0, false);
  });
}

VGPU_API cudaError_t cudaSetDeviceFlags(unsigned flags) {
  return with_driver([&](const Driver& driver) {
    const int device = current_device(driver);
    if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
    return from_driver(driver.PrimarySetFlags(device, flags));
  });
}

VGPU_API cudaError_t cudaGetDeviceFlags(unsigned* flags) {
  return with_driver([&](const Driver& driver) {
    if (flags == nullptr) return cudaErrorInvalidValue;
    CUcontext context = nullptr;
    if (driver.CtxGetCurrent(&context) == cuda::CUDA_SUCCESS && context != nullptr) {
      return from_driver(driver.CtxGetFlags(flags));
    }
    int active = 0;
    const int device = current_device(driver);
    if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
    return from_driver(driver.PrimaryGetState(device, flags, &active));
  });
}

VGPU_API cudaError_t cudaDeviceReset() {
  return with_driver([](const Driver& driver) {
    const int device = current_device(driver);
    forget_device(device);
    return reset_device(driver, device);
  });
}

VGPU_API cudaError_t cudaDeviceSynchronize() {
  return with_context([](const Driver& driver) { return driver.CtxSynchronize(); });
}

VGPU_API cudaError_t cudaDeviceGetAttribute(int* value, int attribute, int device) {
  return with_driver([&](const Driver& driver) {
    if (value == nullptr) return cudaErrorInvalidValue;
    if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
    return from_driver(driver.DeviceGetAttribute(value, attribute, device));
  });
}

VGPU_API cudaError_t cudaDeviceGetLimit(std::size_t* value, int limit) {
  return with_context([&](const Driver& driver) { return driver.CtxGetLimit(value, limit); });
}

VGPU_API cudaError_t cudaDeviceSetLimit(int limit, std::size_t value) {
  return with_context([&](const Driver& driver) { return driver.CtxSetLimit(limit, value); });
}

VGPU_API cudaError_t cudaDeviceGetCacheConfig(int* config) {
  return with_context([&](const Driver& driver) { return driver.CtxGetCacheConfig(config); });
}

VGPU_API cudaError_t cudaDeviceSetCacheConfig(int config) {
  return with_context([&](const Driver& driver) { return driver.CtxSetCacheConfig(config); });
}

VGPU_API cudaError_t cudaDeviceGetSharedMemConfig(int* config) {
  return with_context([&](const Driver& driver) { return driver.CtxGetSharedMemConfig(config); });
}

VGPU_API cudaError_t cudaDeviceSetSharedMemConfig(int config) {
  return with_context([&](const Driver& driver) { return driver.CtxSetSharedMemConfig(config); });
}

VGPU_API cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  return with_context([&](const Driver& driver) { return driver.CtxGetStreamPriorityRange(least, greatest); });
}

VGPU_API cudaError_t cudaCtxResetPersistingL2Cache() {
  return with_context([](const Driver& driver) { return driver.CtxResetPersistingL2Cache(); });
}

VGPU_API cudaError_t cudaDeviceGetPCIBusId(char* text, int size, int device) {
  return with_driver([&](const Driver& driver) {
    if (text == nullptr || size <= 0) return cudaErrorInvalidValue;
    if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
    return from_driver(driver.DeviceGetPCIBusId(text, size, device));
  });
}

VGPU_API cudaError_t cudaDeviceGetByPCIBusId(int* device, const char* text) {
  return with_driver([&](const Driver& driver) {
    if (device == nullptr || text == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    return driver.DeviceGetByPCIBusId(device, text);
  });
}

VGPU_API cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  return with_driver([&](const Driver& driver) {
    if (can == nullptr) return cudaErrorInvalidValue;
    if (const cudaError_t error = check_device(driver, device); error != cudaSuccess) return error;
    if (const cudaError_t error = check_device(driver, peer); error != cudaSuccess) return error;
    return from_driver(driver.DeviceCanAccessPeer(can, device, peer));
  });
}

VGPU_API cudaError_t cudaDeviceGetP2PAttribute(int* value, int attribute, int from, int to) {
  return with_driver([&](const Driver& driver) {
    if (value == nullptr) return cudaErrorInvalidValue;
    if (const cudaError_t error = check_device(driver, from); error != cudaSuccess) return error;
    if (const cudaError_t error = check_device(driver, to); error != cudaSuccess) return error;
    return from_driver(driver.DeviceGetP2PAttribute(value, attribute, from, to));
  });
}

VGPU_API cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
  return with_context([&](const Driver& driver) {
    CUcontext context = nullptr;
    if (const cudaError_t error = primary_context(driver, peer, context); error != cudaSuccess) return error;
    return from_driver(driver.CtxEnablePeerAccess(context, flags));
  });
}

VGPU_API cudaError_t cudaDeviceDisablePeerAccess(int peer) {
  return with_context([&](const Driver& driver) {
    CUcontext context = nullptr;
    if (const cudaError_t error = primary_context(driver, peer, context); error != cudaSuccess) return error;
    return from_driver(driver.CtxDisablePeerAccess(context));
  });
}

#if VGPU_CUDART_MAJOR == 12
// The names of before CUDA 4, gone in 13.
VGPU_API cudaError_t cudaThreadExit() { return cudaDeviceReset(); }
VGPU_API cudaError_t cudaThreadSynchronize() { return cudaDeviceSynchronize(); }
VGPU_API cudaError_t cudaThreadGetLimit(std::size_t* value, int limit) { return cudaDeviceGetLimit(value, limit); }
VGPU_API cudaError_t cudaThreadSetLimit(int limit, std::size_t value) { return cudaDeviceSetLimit(limit, value); }
VGPU_API cudaError_t cudaThreadGetCacheConfig(int* config) { return cudaDeviceGetCacheConfig(config); }
VGPU_API cudaError_t cudaThreadSetCacheConfig(int config) { return cudaDeviceSetCacheConfig(config); }
// They converted a double for devices without double precision; there is none such any more, so the value
// stays.
VGPU_API cudaError_t cudaSetDoubleForDevice(double*) { return cudaSuccess; }
VGPU_API cudaError_t cudaSetDoubleForHost(double*) { return cudaSuccess; }
#endif
