// The GPUs that the real driver shows to this process, numbered in the order of their PCI addresses, which is that of
// nvidia-smi, whatever CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER say. The ledger finds the session's accounts for
// them.
#pragma once

#include "shims/slice/driver.h"

namespace vgpu::slice {

// Asks the driver, once; it must be initialised. False, with a line in the log, where it has more than a session can
// number. device::system(), which the ledger reads, has the answer from then on.
bool learn_devices();

// The number of a device of the driver, -1: none.
int number_of(CUdevice device);

// The driver's name for a device, -1: there is none.
CUdevice handle_of(int number);

// The device of the calling thread's context, -1: it has none.
int current_number();

}  // namespace vgpu::slice
