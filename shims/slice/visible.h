// Which GPUs this process has: those of VGPU_VISIBLE, and of these the ones that CUDA_VISIBLE_DEVICES names.
#pragma once

namespace vgpu::slice {

// What the real driver is told while it initialises: CUDA_VISIBLE_DEVICES is a list of UUIDs while this lives, and
// behind it again what the program has in it. So it is applied once in each process, to the launch's devices: a child
// that inherits the program's "1" has the same GPU, one that is given another number another one, and a program that
// reads its own variable (vLLM, Ray and PyTorch do, and count on numbers) finds what it has written. Whoever is started
// meanwhile inherits UUIDs, which choose the same. Nothing without VGPU_VISIBLE. One at a time in a process.
class VisibleToDriver {
 public:
  VisibleToDriver();
  ~VisibleToDriver();
  // False: it cannot be told, and would see other GPUs than the launch's.
  bool told() const { return told_; }
  VisibleToDriver(const VisibleToDriver&) = delete;
  VisibleToDriver& operator=(const VisibleToDriver&) = delete;

 private:
  const char* programs_ = nullptr;  // null: the program has none
  bool changed_ = false;
  bool told_ = true;
};

// The list that `inner` (CUDA_VISIBLE_DEVICES, or null) leaves of `outer` (UUIDs by ','), as the driver reads such
// lists (shims/device/visible_devices.h); where that has a device twice, so has this. False: it does not fit into
// `text`.
bool visible_list(const char* outer, const char* inner, char* text, unsigned long room);

}  // namespace vgpu::slice
