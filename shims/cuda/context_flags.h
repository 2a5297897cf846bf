// Checks on flags, preferences and handles of contexts that several files share.
#pragma once

#include "shims/cuda/call.h"

namespace vgpu::cuda {

// Known bits only, and at most one way of scheduling.
inline bool valid_context_flags(unsigned flags) {
  const unsigned schedule = flags & kContextScheduleMask;
  return (flags & ~kContextFlagsMask) == 0 && (schedule == 0 || schedule == 1 || schedule == 2 || schedule == 4);
}

inline bool valid_cache_config(int config) {
  return config >= CU_FUNC_CACHE_PREFER_NONE && config <= CU_FUNC_CACHE_PREFER_EQUAL;
}

// CU_SHARED_MEM_CONFIG_*: default, four or eight bytes a bank.
inline bool valid_shared_config(int config) { return config >= 0 && config <= 2; }

// The named context, or the thread's current one for null.
inline CUresult context_or_current(CUcontext context, device::Context*& found) {
  if (context == nullptr) return current_context(found);
  found = device::contexts::find(handle_of(context));
  return found != nullptr ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

}  // namespace vgpu::cuda
