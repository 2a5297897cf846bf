// cuGetProcAddress: the driver's answer, and in place of its functions ours where we have one, itself included.
#include <string.h>

#include "generated/shims/abi/libvgpu-cuda-slice_entry_points.h"
#include "shims/abi/entry_choice.h"
#include "shims/slice/driver.h"

using namespace vgpu::slice;
namespace abi = vgpu::abi;
namespace cuda = vgpu::cuda;

namespace {

constexpr int kNewest = 13000;           // of shims/abi/libcuda.txt
constexpr std::uint64_t kPerThread = 2;  // CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM

// Base names of the functions that this library does not just forward.
constexpr char kOurs[] =
    "cuArray3DCreate\0cuArrayCreate\0cuArrayDestroy\0cuCtxCreate\0cuCtxSynchronize\0cuDestroyExternalMemory\0"
    "cuDeviceGraphMemTrim\0cuDevicePrimaryCtxRetain\0cuDeviceTotalMem\0cuEventSynchronize\0cuGetProcAddress\0"
    "cuGraphAddMemAllocNode\0cuGraphAddNode\0cuGraphExecDestroy\0cuGraphInstantiate\0"
    "cuGraphInstantiateWithFlags\0cuGraphInstantiateWithParams\0cuGraphLaunch\0cuGraphUpload\0"
    "cuImportExternalMemory\0cuInit\0cuMemAlloc\0cuMemAllocAsync\0cuMemAllocFromPoolAsync\0cuMemAllocManaged\0"
    "cuMemAllocPitch\0cuMemCreate\0cuMemFree\0cuMemFreeAsync\0cuMemGetInfo\0cuMemImportFromShareableHandle\0"
    "cuMemMap\0cuMemPoolCreate\0cuMemPoolDestroy\0cuMemPoolSetAttribute\0cuMemPoolTrimTo\0cuMemRelease\0"
    "cuMemRetainAllocationHandle\0cuMemUnmap\0cuMipmappedArrayCreate\0cuMipmappedArrayDestroy\0"
    "cuStreamSynchronize\0";

bool is_ours(const char* symbol) {
  for (const char* name = kOurs; *name != '\0'; name += strlen(name) + 1) {
    if (strcmp(name, symbol) == 0) return true;
  }
  return false;
}

// `ask(version)` is the driver's own look-up. A driver may be newer than our list and have a variant that we do not
// know, with other parameters: then asking for our newest version gives another function, and theirs is left in place.
template <class Ask>
void put_ours(const char* symbol, void** function, int version, std::uint64_t flags, Ask ask) {
  if (symbol == nullptr || function == nullptr || *function == nullptr || !is_ours(symbol)) return;
  if (version < 0 || version > kNewest) {  // below 0: the newest that the driver has
    void* known = nullptr;
    if (ask(&known, kNewest) != cuda::CUDA_SUCCESS || known != *function) return;
    version = kNewest;
  }
  const abi::EntryBase* base = abi::find_base(symbol);
  const int index = base == nullptr ? -1 : abi::choose(*base, version, (flags & kPerThread) != 0);
  if (index >= 0) *function = abi::function_at(index);
}

}  // namespace

VGPU_CUDA cuGetProcAddress_v2(const char* symbol, void** function, int version, std::uint64_t flags, int* status) {
  const auto ask = [&](void** to, int at) {
    int unused = 0;
    return real(abi::k_cuGetProcAddress_v2, symbol, to, at, flags, &unused);
  };
  const CUresult result = real(abi::k_cuGetProcAddress_v2, symbol, function, version, flags, status);
  if (result == cuda::CUDA_SUCCESS) put_ours(symbol, function, version, flags, ask);
  return result;
}

VGPU_CUDA cuGetProcAddress(const char* symbol, void** function, int version, std::uint64_t flags) {
  const auto ask = [&](void** to, int at) { return real(abi::k_cuGetProcAddress, symbol, to, at, flags); };
  const CUresult result = real(abi::k_cuGetProcAddress, symbol, function, version, flags);
  if (result == cuda::CUDA_SUCCESS) put_ours(symbol, function, version, flags, ask);
  return result;
}
