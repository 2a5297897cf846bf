// cuGetProcAddress: the driver's own look-up, by base name and version of CUDA. Whatever it gives is the function of this
// library, also for cuGetProcAddress itself. The table is generated from shims/abi/libcuda.txt.
#include "generated/shims/abi/libvgpu-cuda_entry_points.h"

#include <string.h>

#include "shims/cuda/call.h"
#include "shims/device/log.h"

using namespace vgpu::cuda;
namespace abi = vgpu::abi;

namespace {

const abi::EntryBase* find_base(const char* name) {
  std::size_t low = 0;
  std::size_t high = sizeof abi::kEntryBases / sizeof abi::kEntryBases[0];
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const int order = strcmp(name, abi::kEntryNames + abi::kEntryBases[middle].name);
    if (order == 0) return &abi::kEntryBases[middle];
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return nullptr;
}

// The newest variant that CUDA `version` has, or -1. A per-thread variant wins over the legacy one of its own generation; an
// older per-thread variant would have other parameters, so it does not.
int choose(const abi::EntryBase& base, int version, bool per_thread) {
  int best = -1;
  for (int i = base.first; i < base.first + base.count; ++i) {
    const abi::EntryVariant& one = abi::kEntryVariants[i];
    if (one.cuda > version || (one.per_thread && !per_thread)) continue;
    if (best < 0) {
      best = i;
      continue;
    }
    const abi::EntryVariant& other = abi::kEntryVariants[best];
    if (one.generation > other.generation || (one.generation == other.generation && one.per_thread)) best = i;
  }
  return best;
}

CUresult look_up(const char* symbol, void** function, int version, std::uint64_t flags, CUdriverProcAddressQueryResult& status) {
  if (symbol == nullptr || function == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (flags > kProcAddressPerThreadStream) return CUDA_ERROR_INVALID_VALUE;
  if (version > vgpu::device::system().cuda_version) return CUDA_ERROR_INVALID_VALUE;
  *function = nullptr;
  status = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
  const abi::EntryBase* base = find_base(symbol);
  if (base == nullptr) return CUDA_SUCCESS;
  status = CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT;
  const int index = choose(*base, version, flags == kProcAddressPerThreadStream);
  if (index < 0) return CUDA_SUCCESS;
  status = CU_GET_PROC_ADDRESS_SUCCESS;
  const auto table = reinterpret_cast<std::uintptr_t>(vgpu_entry_points);
  *function = reinterpret_cast<void*>(table + static_cast<std::uintptr_t>(std::intptr_t{vgpu_entry_points[index]}));
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

// NVIDIA's private tables: a statically linked runtime, cuBLAS and others check with them, by a keyed protocol, that the
// driver is NVIDIA's. We do not answer that check, so there is no table to give.
VGPU_CUDA cuGetExportTable(const void** table, const CUuuid* id) {
  if (table == nullptr || id == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *table = nullptr;
  static constinit bool said = false;
  if (!__atomic_exchange_n(&said, true, __ATOMIC_RELAXED)) {
    vgpu::log::line(vgpu::log::Level::error, kLibraryName,
                    {"cuGetExportTable: NVIDIA's private interface is not there; a statically linked CUDA runtime, also the "
                     "one inside cuBLAS, cannot use this device"});
  }
  return CUDA_ERROR_NOT_SUPPORTED;
}
