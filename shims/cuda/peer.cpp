// Access from one device to the memory of another. All device memory is reachable from everywhere (backend.h), so two
// different devices can access each other; arrays and atomics over the link, which only kernels use, are not there.
#include "shims/cuda/call.h"
#include "shims/device/lock.h"

using namespace vgpu::cuda;
using vgpu::device::Context;

namespace {

bool can_access(CUdevice device, CUdevice peer) { return device != peer; }

// The live context behind `peer`, other than a context of the caller's own device.
template <typename Body>
CUresult with_peer(CUcontext peer, Body body) {
  return with_context([&](Context& context) {
    const Context* other = vgpu::device::contexts::find(handle_of(peer));
    if (other == nullptr) return CUDA_ERROR_INVALID_CONTEXT;
    const vgpu::device::Guard guard(vgpu::device::global_lock);
    return body(context, other->device, 1U << static_cast<unsigned>(other->device));
  });
}

CUresult no_atomics(unsigned* capabilities, const int* operations, unsigned count) {
  if (capabilities == nullptr || operations == nullptr || count == 0) return CUDA_ERROR_INVALID_VALUE;
  for (unsigned i = 0; i < count; ++i) capabilities[i] = 0;
  return CUDA_SUCCESS;
}

}  // namespace

VGPU_CUDA cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  return with_driver([&] {
    if (can == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!valid_device(device) || !valid_device(peer)) return CUDA_ERROR_INVALID_DEVICE;
    *can = can_access(device, peer) ? 1 : 0;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuDeviceGetP2PAttribute(int* value, CUdevice_P2PAttribute attribute, CUdevice from, CUdevice to) {
  return with_driver([&] {
    if (value == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!valid_device(from) || !valid_device(to) || from == to) return CUDA_ERROR_INVALID_DEVICE;
    switch (attribute) {
      case CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED: *value = can_access(from, to) ? 1 : 0; return CUDA_SUCCESS;
      case CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK:  // 0 is the best: all links are alike
      case CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED:
      case CU_DEVICE_P2P_ATTRIBUTE_CUDA_ARRAY_ACCESS_SUPPORTED:
      case CU_DEVICE_P2P_ATTRIBUTE_ONLY_PARTIAL_NATIVE_ATOMIC_SUPPORTED: *value = 0; return CUDA_SUCCESS;
    }
    return CUDA_ERROR_INVALID_VALUE;
  });
}

VGPU_CUDA cuDeviceGetP2PAtomicCapabilities(unsigned* capabilities, const int* operations, unsigned count, CUdevice from,
                                           CUdevice to) {
  return with_driver([&] {
    if (!valid_device(from) || !valid_device(to) || from == to) return CUDA_ERROR_INVALID_DEVICE;
    return no_atomics(capabilities, operations, count);
  });
}

// As CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED says.
VGPU_CUDA cuDeviceGetHostAtomicCapabilities(unsigned* capabilities, const int* operations, unsigned count,
                                            CUdevice device) {
  return with_device(device, [&] { return no_atomics(capabilities, operations, count); });
}

VGPU_CUDA cuCtxEnablePeerAccess(CUcontext peer, unsigned flags) {
  return with_peer(peer, [&](Context& context, CUdevice device, std::uint32_t bit) {
    if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
    if (!can_access(context.device, device)) return CUDA_ERROR_PEER_ACCESS_UNSUPPORTED;
    if ((context.peers & bit) != 0) return CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
    context.peers |= bit;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuCtxDisablePeerAccess(CUcontext peer) {
  return with_peer(peer, [](Context& context, CUdevice, std::uint32_t bit) {
    if ((context.peers & bit) == 0) return CUDA_ERROR_PEER_ACCESS_NOT_ENABLED;
    context.peers &= ~bit;
    return CUDA_SUCCESS;
  });
}
