// The life of the virtual devices in this process: not yet initialised, ready, or inherited through fork(2).
//
// A child of fork must not use what its parent initialised: the real driver answers CUDA_ERROR_NOT_INITIALIZED there,
// also to another cuInit, and so do we. Contexts, memory and locks of the parent are then simply never looked at.
#pragma once

#include "shims/device/description.h"

namespace vgpu::device {

enum class Life { fresh, ready, forked };

// A few loads, no system call (before Linux 4.14, which has no MADV_WIPEONFORK: one getpid).
Life life();

// The devices that CUDA_VISIBLE_DEVICES leaves, in its order; fixed at initialisation.
struct Visible {
  int count;
  int physical[kMaxDevices];  // index into system().devices
};

// As the variable has it now; a count of 0 or kNamedTwice (visible_devices.h) is nothing to initialise.
Visible see_devices();

// Initialises once; later calls find it done. Returns what life() says afterwards: `ready`, `forked`, or `fresh` when
// there was no memory for one page. Safe from several threads at once, without a lock.
Life initialise(const Visible& seen);

// Only when life() is `ready`.
const Visible& visible();

// The description behind the visible ordinal `device`.
const Description& description(int device);

}  // namespace vgpu::device
