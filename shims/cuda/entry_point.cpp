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

bool has_per_thread(const abi::EntryBase& base) {
  for (int i = base.first; i < base.first + base.count; ++i) {
    if (abi::kEntryVariants[i].per_thread) return true;
  }
  return false;
}

// The newest variant that CUDA `version` has, or -1. Where there are per-thread variants and one is wanted, only they count:
// a version before them has none.
int choose(const abi::EntryBase& base, int version, bool per_thread) {
  const bool wanted = per_thread && has_per_thread(base);
  int best = -1;
  for (int i = base.first; i < base.first + base.count; ++i) {
    const abi::EntryVariant& one = abi::kEntryVariants[i];
    if (one.cuda > version || one.per_thread != wanted) continue;
    if (best < 0 || one.generation > abi::kEntryVariants[best].generation) best = i;
  }
  return best;
}

// Not every export can be looked up: where the list says no version of CUDA, a real driver does not know the name.
bool known(const abi::EntryBase& base) {
  for (int i = base.first; i < base.first + base.count; ++i) {
    if (abi::kEntryVariants[i].cuda != 0) return true;
  }
  return false;
}

// A version below 0 means the newest one. Neither `symbol` nor `function` may be null for a real driver, which follows them.
CUresult look_up(const char* symbol, void** function, int version, std::uint64_t flags, CUdriverProcAddressQueryResult& status) {
  if (symbol == nullptr || function == nullptr) return CUDA_ERROR_INVALID_VALUE;
  if (flags > (kProcAddressLegacyStream | kProcAddressPerThreadStream)) return CUDA_ERROR_INVALID_VALUE;
  if (version > vgpu::device::system().cuda_version) return CUDA_ERROR_INVALID_VALUE;
  if (version < 0) version = vgpu::device::system().cuda_version;
  *function = nullptr;
  status = CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
  const abi::EntryBase* base = find_base(symbol);
  if (base == nullptr || !known(*base)) return CUDA_SUCCESS;
  status = CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT;
  const int index = choose(*base, version, (flags & kProcAddressPerThreadStream) != 0);
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
