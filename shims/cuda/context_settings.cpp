// What a context can be asked and told about itself: limits, cache and shared memory preferences, flags, priorities.
#include "shims/cuda/attributes.h"
#include "shims/cuda/call.h"
#include "shims/cuda/context_flags.h"
#include "shims/cuda/priority.h"

using namespace vgpu::cuda;
using vgpu::device::Context;

namespace {

// The stack of a thread is a multiple of this on every architecture.
constexpr std::size_t kStackUnit = 16;
constexpr std::size_t kMostStack = std::size_t{512} << 10;  // local memory a thread, table of the programming guide
constexpr std::size_t kMostFetchGranularity = 128;

int attribute(const Context& context, int which) {
  int value = 0;
  device_attribute(vgpu::device::description(context.device), which, value);
  return value;
}

bool is_limit(int limit) { return limit >= 0 && limit < CU_LIMIT_MAX; }

// Kernels that wait for kernels they started went with compute capability 9.0. The last is of CUDA in graphics.
bool has_limit(const Context& context, int limit) {
  if (limit == CU_LIMIT_CIG_SHMEM_FALLBACK_ENABLED) return false;
  return limit != CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH || vgpu::device::description(context.device).cc_major < 9;
}

CUresult set_limit(Context& context, int limit, std::size_t value) {
  switch (limit) {
    case CU_LIMIT_STACK_SIZE:
      if (value > kMostStack) return CUDA_ERROR_INVALID_VALUE;
      value = (value + kStackUnit - 1) & ~(kStackUnit - 1);
      break;
    case CU_LIMIT_MAX_L2_FETCH_GRANULARITY:
      if (value > kMostFetchGranularity) return CUDA_ERROR_INVALID_VALUE;
      break;
    case CU_LIMIT_PERSISTING_L2_CACHE_SIZE: {
      const int most = attribute(context, CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE);
      if (most == 0) return CUDA_ERROR_UNSUPPORTED_LIMIT;
      if (value > static_cast<std::size_t>(most)) value = static_cast<std::size_t>(most);
      break;
    }
    case CU_LIMIT_SHMEM_SIZE:
    case CU_LIMIT_CIG_ENABLED: return CUDA_ERROR_NOT_PERMITTED;  // can be read only
    default: break;
  }
  __atomic_store_n(&context.limits[limit], value, __ATOMIC_RELAXED);
  return CUDA_SUCCESS;
}

}  // namespace

VGPU_CUDA cuCtxGetLimit(std::size_t* value, CUlimit limit) {
  return with_context([&](Context& context) {
    if (value == nullptr || !is_limit(limit)) return CUDA_ERROR_INVALID_VALUE;
    if (!has_limit(context, limit)) return CUDA_ERROR_UNSUPPORTED_LIMIT;
    *value = __atomic_load_n(&context.limits[limit], __ATOMIC_RELAXED);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxSetLimit(CUlimit limit, std::size_t value) {
  return with_context([&](Context& context) {
    if (!is_limit(limit)) return CUDA_ERROR_INVALID_VALUE;
    return has_limit(context, limit) ? set_limit(context, limit, value) : CUDA_ERROR_UNSUPPORTED_LIMIT;
  });
}

VGPU_CUDA cuCtxGetCacheConfig(CUfunc_cache* config) {
  return with_context([&](Context& context) {
    if (config == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *config = static_cast<CUfunc_cache>(__atomic_load_n(&context.cache_config, __ATOMIC_RELAXED));
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxSetCacheConfig(CUfunc_cache config) {
  return with_context([&](Context& context) {
    if (!valid_cache_config(config)) return CUDA_ERROR_INVALID_VALUE;
    __atomic_store_n(&context.cache_config, int{config}, __ATOMIC_RELAXED);
    return CUDA_SUCCESS;
  });
}

// Banks are four bytes wide on every device since compute capability 5.0, whatever was asked for.
VGPU_CUDA cuCtxGetSharedMemConfig(int* config) {
  return with_context([&](Context&) {
    if (config == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *config = 1;  // CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxSetSharedMemConfig(int config) {
  return with_context([&](Context&) { return valid_shared_config(config) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE; });
}

// Host memory can always be mapped. A primary context says so in any case, one that the program made says what it was
// asked.
VGPU_CUDA cuCtxGetFlags(unsigned* flags) {
  return with_context([&](Context& context) {
    if (flags == nullptr) return CUDA_ERROR_INVALID_VALUE;
    const unsigned set = __atomic_load_n(&context.flags, __ATOMIC_RELAXED);
    *flags = context.primary ? set | kContextMapHost : set;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxSetFlags(unsigned flags) {
  return with_context([&](Context& context) {
    if (!valid_context_flags(flags)) return CUDA_ERROR_INVALID_VALUE;
    __atomic_store_n(&context.flags, flags & ~kContextMapHost, __ATOMIC_RELAXED);  // which is nothing to be set later
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return with_context([&](Context&) {
    if (least != nullptr) *least = kLeastPriority;
    if (greatest != nullptr) *greatest = kGreatestPriority;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxResetPersistingL2Cache() {
  return with_context([](Context& context) {
    return attribute(context, CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE) != 0 ? CUDA_SUCCESS
                                                                                     : CUDA_ERROR_NOT_SUPPORTED;
  });
}

// A share of the multiprocessors exists under MPS only: every context has them all.
VGPU_CUDA cuCtxGetExecAffinity(CUexecAffinityParam* affinity, int type) {
  return with_context([&](Context& context) {
    if (affinity == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (type != 0) return CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY;
    *affinity = {type, static_cast<unsigned>(attribute(context, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT))};
    return CUDA_SUCCESS;
  });
}
