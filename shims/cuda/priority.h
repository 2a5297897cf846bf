// Priorities of streams: what cuCtxGetStreamPriorityRange answers, and to what others are cut.
#pragma once

namespace vgpu::cuda {

inline constexpr int kLeastPriority = 0;
inline constexpr int kGreatestPriority = -5;

inline int cut_priority(int priority) {
  return priority > kLeastPriority ? kLeastPriority : priority < kGreatestPriority ? kGreatestPriority : priority;
}

}  // namespace vgpu::cuda
