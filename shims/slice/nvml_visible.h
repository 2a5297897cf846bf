// Which GPUs NVML shows: those of VGPU_VISIBLE, numbered as CUDA numbers them; without it all. CUDA_VISIBLE_DEVICES is
// nothing to NVML, neither to the real one nor to ours.
//
// An instance of a GPU (MIG) is no device to NVML but a part of one: the GPU is shown, and of its instances only the
// launch's, as in a container that was given the instance.
#pragma once

#include <string_view>

#include "shims/session/layout.h"
#include "shims/slice/nvml_call.h"

namespace vgpu::slice {

class VisibleGpus {
 public:
  // Asks the driver for each: some microseconds.
  VisibleGpus();

  bool all() const { return all_; }
  unsigned count() const { return count_; }
  nvmlDevice_t gpu(unsigned place) const { return gpus_[place]; }
  int place_of(nvmlDevice_t gpu) const;  // -1: not shown
  // A GPU of the launch, or an instance of its.
  bool shows(nvmlDevice_t device) const;
  // Of a GPU that is shown.
  bool shows_instance(nvmlDevice_t instance) const;

 private:
  bool add(std::string_view entry);  // false: there is none of that name

  std::string_view list_;
  bool all_ = true;  // also where the driver does not know what an instance is part of
  nvmlDevice_t gpus_[session::kDevices] = {};
  bool whole_[session::kDevices] = {};  // with all its instances
  unsigned count_ = 0;
};

}  // namespace vgpu::slice
