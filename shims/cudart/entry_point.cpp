// The driver's functions through the runtime's door, versions, and the small rest.
#include "shims/cudart/state.h"

namespace vgpu::cudart {
namespace {

// The driver's flags and results have the same numbers. What the driver does not know is a success with a
// null function: the status says why.
cudaError_t entry_point(const char* symbol, void** function, int version, unsigned long long flags, int* status) {
  return with_driver([&](const Driver& driver) {
    if (symbol == nullptr || function == nullptr) return CUresult{cuda::CUDA_ERROR_INVALID_VALUE};
    int found = cuda::CU_GET_PROC_ADDRESS_SUCCESS;
    *function = nullptr;
    const CUresult result = driver.GetProcAddress(symbol, function, version, flags, &found);
    const bool answered = result == cuda::CUDA_SUCCESS || found != cuda::CU_GET_PROC_ADDRESS_SUCCESS;
    if (status != nullptr && answered) *status = found;
    return answered ? CUresult{cuda::CUDA_SUCCESS} : result;
  });
}

// Without flags the function of the _ptsz variants is the one for the thread's own default stream.
unsigned long long own_stream(unsigned long long flags) {
  return flags != 0 ? flags : static_cast<unsigned long long>(cuda::kProcAddressPerThreadStream);
}

}  // namespace
}  // namespace vgpu::cudart

using namespace vgpu::cudart;
namespace cuda = vgpu::cuda;

VGPU_API cudaError_t cudaGetDriverEntryPoint(const char* symbol, void** function, unsigned long long flags,
                                             int* status) {
  return entry_point(symbol, function, kRuntimeVersion, flags, status);
}

VGPU_API cudaError_t cudaGetDriverEntryPoint_ptsz(const char* symbol, void** function, unsigned long long flags,
                                                  int* status) {
  return entry_point(symbol, function, kRuntimeVersion, own_stream(flags), status);
}

VGPU_API cudaError_t cudaGetDriverEntryPointByVersion(const char* symbol, void** function, unsigned version,
                                                      unsigned long long flags, int* status) {
  return entry_point(symbol, function, static_cast<int>(version), flags, status);
}

VGPU_API cudaError_t cudaGetDriverEntryPointByVersion_ptsz(const char* symbol, void** function, unsigned version,
                                                           unsigned long long flags, int* status) {
  return entry_point(symbol, function, static_cast<int>(version), own_stream(flags), status);
}

// Works without a device: a driver that is not there has version 0.
VGPU_API cudaError_t cudaDriverGetVersion(int* version) {
  if (version == nullptr) return record(cudaErrorInvalidValue);
  *version = 0;
  cudaError_t error = cudaSuccess;
  const Driver* found = driver(error);
  if (found == nullptr) return error == cudaErrorInsufficientDriver ? cudaSuccess : record(error);
  return record(from_driver(found->DriverGetVersion(version)));
}

VGPU_API cudaError_t cudaRuntimeGetVersion(int* version) {
  if (version == nullptr) return record(cudaErrorInvalidValue);
  *version = kRuntimeVersion;
  return cudaSuccess;
}

// There is no profiler to start, which is what a real runtime outside of one says too.
VGPU_API cudaError_t cudaProfilerStart() { return cudaSuccess; }
VGPU_API cudaError_t cudaProfilerStop() { return cudaSuccess; }

VGPU_API cudaChannelFormatDesc cudaCreateChannelDesc(int x, int y, int z, int w, int kind) {
  return {x, y, z, w, kind};
}
