// cuGetProcAddress: the driver's own look-up, by base name and version of CUDA. Whatever it gives is the function of
// this library, also for cuGetProcAddress itself. The table is generated from shims/abi/libcuda.txt.
#include "generated/shims/abi/libvgpu-cuda_entry_points.h"
#include "shims/abi/entry_choice.h"
#include "shims/cuda/call.h"
#include "shims/device/log.h"

using namespace vgpu::cuda;
namespace abi = vgpu::abi;

namespace {

// A version below 0 means the newest one. Neither `symbol` nor `function` may be null for a real driver, which follows
// them.
CUresult look_up(const char* symbol, void** function, int version, std::uint64_t flags,
                 CUdriverProcAddressQueryResult& status) {
  if (symbol == nullptr || function == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (flags > (kProcAddressLegacyStream | kProcAddressPerThreadStream)) return CUDA_ERROR_INVALID_VALUE;
  if (version > vgpu::device::system().cuda_version) return CUDA_ERROR_INVALID_VALUE;
  if (version < 0) version = vgpu::device::system().cuda_version;
  *function = nullptr;
  status = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
  const abi::EntryBase* base = abi::find_base(symbol);
  if (base == nullptr || !abi::known(*base)) return CUDA_SUCCESS;
  status = CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT;
  const int index = abi::choose(*base, version, (flags & kProcAddressPerThreadStream) != 0);
  if (index < 0) return CUDA_SUCCESS;
  status = CU_GET_PROC_ADDRESS_SUCCESS;
  *function = abi::function_at(index);
  return CUDA_SUCCESS;
}

}  // namespace

// A name that is not there is no error: the function is null, and the status says why. Works before cuInit.
VGPU_CUDA cuGetProcAddress_v2(const char* symbol, void** function, int version, std::uint64_t flags,
                              CUdriverProcAddressQueryResult* status) {
  CUdriverProcAddressQueryResult found = CU_GET_PROC_ADDRESS_SUCCESS;
  const CUresult result = look_up(symbol, function, version, flags, found);
  if (result == CUDA_SUCCESS && status != nullptr) *status = found;
  return result;
}

// The form of CUDA 11.3, which has no place for a status.
VGPU_CUDA cuGetProcAddress(const char* symbol, void** function, int version, std::uint64_t flags) {
  CUdriverProcAddressQueryResult found = CU_GET_PROC_ADDRESS_SUCCESS;
  const CUresult result = look_up(symbol, function, version, flags, found);
  return result == CUDA_SUCCESS && found != CU_GET_PROC_ADDRESS_SUCCESS ? CUDA_ERROR_NOT_FOUND : result;
}

// NVIDIA's private tables: a statically linked runtime, cuBLAS and others check with them, by a keyed protocol, that
// the driver is NVIDIA's. We do not answer that check, so there is no table to give.
VGPU_CUDA cuGetExportTable(const void** table, const CUuuid* id) {
  if (table == nullptr || id == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *table = nullptr;
  static constinit bool said = false;
  if (!__atomic_exchange_n(&said, true, __ATOMIC_RELAXED)) {
    vgpu::log::line(
        vgpu::log::Level::error, kLibraryName,
        {"cuGetExportTable: NVIDIA's private interface is not there; a statically linked CUDA runtime, also the "
         "one inside cuBLAS, cannot use this device"});
  }
  return CUDA_ERROR_NOT_SUPPORTED;
}
