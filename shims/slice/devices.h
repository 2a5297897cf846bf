// The GPUs of the real driver, numbered as the session numbers them: in the order of their PCI addresses, which is that
// of nvidia-smi, and the same in every process whatever CUDA_VISIBLE_DEVICES and CUDA_DEVICE_ORDER say there.
#pragma once

#include "shims/slice/driver.h"

namespace vgpu::slice {

// Asks the driver, once; it must be initialised. False, with a line in the log, where it has more than a session can
// number. device::system(), which the ledger reads, has the answer from then on.
bool learn_devices();

// The session's number of a device of the driver, -1: none.
int number_of(CUdevice device);

// The driver's name for a device of the session, -1: this process does not see it.
CUdevice handle_of(int number);

// The device of the calling thread's context, -1: it has none.
int current_number();

}  // namespace vgpu::slice
