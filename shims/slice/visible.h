// Which GPUs this process has: those of VGPU_VISIBLE, and of these the ones that CUDA_VISIBLE_DEVICES names.
#pragma once

namespace vgpu::slice {

// Tells the real driver, before it is initialised: CUDA_VISIBLE_DEVICES becomes a list of UUIDs. A UUID means the same
// to whoever reads it, so a child that inherits the variable chooses nothing twice, while a number of the program's own
// ("0", for the first that it sees) would mean another GPU to the driver. Nothing without VGPU_VISIBLE.
void choose_visible();

// The list that `inner` (CUDA_VISIBLE_DEVICES, or null) leaves of `outer` (UUIDs by ','), as the driver reads such
// lists: what stands behind an entry that names none is not read, and two of the same are none at all. False: it does
// not fit into `text`.
bool visible_list(const char* outer, const char* inner, char* text, unsigned long room);

}  // namespace vgpu::slice
