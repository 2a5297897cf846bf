// What libvgpu-cuda answered in a process: the exported object `vgpu_cuda_status`, which `vgpuctl verify` reads from
// /proc/PID/mem. Plain data, the same for every reader; it only ever grows at its end.
#pragma once

#include <stdint.h>

namespace vgpu::cuda {

struct Status {
  char magic[8];         // "vgpucud1"
  uint32_t size;         // of this structure
  uint32_t inits;        // calls of cuInit; 0: nothing has asked for a device yet
  int32_t result;        // what the last one answered, a CUresult
  int32_t visible;       // devices that the process sees (CUDA_VISIBLE_DEVICES)
  int32_t total;         // devices of the description
  int32_t cuda_version;  // what cuDriverGetVersion answers, "13000"; 0: neither was called
  uint64_t first_call;   // nanoseconds of CLOCK_BOOTTIME at the first cuInit
};
static_assert(sizeof(Status) == 40);

}  // namespace vgpu::cuda
