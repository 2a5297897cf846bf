// Functions and kernels: what they are called, where they come from, what can be asked and set.
#include "shims/cuda/function.h"

#include "shims/cuda/attributes.h"
#include "shims/cuda/context_flags.h"
#include "shims/cuda/occupancy.h"
#include "shims/device/lock.h"
#include "shims/device/log.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Description;
using vgpu::device::Function;
using vgpu::device::Guard;
using vgpu::device::Handle;
using vgpu::device::Kind;
namespace device = vgpu::device;

namespace {

constexpr int kMaxClusterPolicy = 2;

CUresult get_attribute(const Function& function, int attribute, const Description& device, int& value) {
  const int capability = device.cc_major * 10 + device.cc_minor;
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: value = max_threads(function, device); return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: value = function.static_shared; return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_NUM_REGS: value = function.registers; return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION:
      value = function.ptx_version != 0 ? function.ptx_version : capability;
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION:
      value = function.binary_version != 0 ? function.binary_version : capability;
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      value = dynamic_shared_limit(function, device);
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: value = function.carveout; return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH: value = function.cluster[0]; return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT: value = function.cluster[1]; return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH: value = function.cluster[2]; return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED:
      value = function.non_portable_cluster;
      return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE: value = function.cluster_policy; return CUDA_SUCCESS;
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA:
    case CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET: value = 0; return CUDA_SUCCESS;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

bool within(int value, int least, int most) { return value >= least && value <= most; }

// The caller holds global_lock. What the compiler fixed cannot be set.
CUresult set_attribute(Function& function, int attribute, const Description& device, int value) {
  const auto set = [&](std::int32_t& place, bool valid) {
    if (valid) place = value;
    return valid ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  };
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      return set(function.max_dynamic_shared, within(value, 0, device.shared_per_block_optin - function.static_shared));
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: return set(function.carveout, within(value, -1, 100));
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH: return set(function.cluster[0], value >= 0);
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT: return set(function.cluster[1], value >= 0);
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH: return set(function.cluster[2], value >= 0);
    case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED:
      return set(function.non_portable_cluster, within(value, 0, 1));
    case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE:
      return set(function.cluster_policy, within(value, 0, kMaxClusterPolicy));
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

// A library's kernel, on any device.
template <typename Body>
CUresult with_kernel(CUkernel handle, Body body) {
  return with_driver([&] {
    auto* kernel = device::handles.find<Function>(Kind::kernel, handle_of(handle));
    return kernel != nullptr ? body(*kernel) : CUDA_ERROR_INVALID_HANDLE;
  });
}

// Of a module's function or a library's kernel.
bool owner_image(const Function& function, Image& image) {
  const Guard guard(device::global_lock);
  if (const auto* module = device::handles.find<device::Module>(Kind::module, function.owner)) {
    image = image_of(module->code);
    return true;
  }
  const auto* library = device::handles.find<device::Library>(Kind::library, function.owner);
  if (library != nullptr) image = image_of(library->code);
  return library != nullptr;
}

CUresult parameter_info(const Function& function, CUdevice ordinal, std::size_t index, std::size_t* offset,
                        std::size_t* size) {
  if (offset == nullptr) return CUDA_ERROR_INVALID_VALUE;
  Image image = {};
  KernelFacts facts = {};
  if (!owner_image(function, image)) return CUDA_ERROR_INVALID_HANDLE;
  find_kernel(image, capability_of(ordinal), function.name, facts);
  if (facts.parameters < 0) return CUDA_ERROR_NOT_SUPPORTED;
  const std::size_t known = sizeof facts.sizes / sizeof facts.sizes[0];
  if (index >= static_cast<std::size_t>(facts.parameters) || index >= known) return CUDA_ERROR_INVALID_VALUE;
  *offset = facts.offsets[index];
  if (size != nullptr) *size = facts.sizes[index];
  return CUDA_SUCCESS;
}

}  // namespace

namespace vgpu::cuda {

int max_threads(const Function& function, const Description& device) {
  const int warps = occupancy::warps_by_registers(function.registers, device);
  return warps * kWarpSize < kMaxThreadsPerBlock ? warps * kWarpSize : kMaxThreadsPerBlock;
}

int dynamic_shared_limit(const Function& function, const Description& device) {
  if (function.max_dynamic_shared >= 0) return function.max_dynamic_shared;
  return device.shared_per_block > function.static_shared ? device.shared_per_block - function.static_shared : 0;
}

}  // namespace vgpu::cuda

VGPU_CUDA cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction handle) {
  return with_function(handle, [&](const Context& context, const Function& function) {
    if (value == nullptr) return CUDA_ERROR_INVALID_VALUE;
    return get_attribute(function, attribute, device::description(context.device), *value);
  });
}

VGPU_CUDA cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute, int value) {
  return with_function(handle, [&](const Context& context, Function& function) {
    const Guard guard(device::global_lock);
    return set_attribute(function, attribute, device::description(context.device), value);
  });
}

VGPU_CUDA cuFuncSetCacheConfig(CUfunction handle, CUfunc_cache config) {
  return with_function(handle, [&](const Context&, Function& function) {
    if (!valid_cache_config(config)) return CUDA_ERROR_INVALID_VALUE;
    __atomic_store_n(&function.cache_config, int{config}, __ATOMIC_RELAXED);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuFuncSetSharedMemConfig(CUfunction handle, int config) {
  return with_function(handle, [&](const Context&, Function& function) {
    if (!valid_shared_config(config)) return CUDA_ERROR_INVALID_VALUE;
    __atomic_store_n(&function.shared_config, config, __ATOMIC_RELAXED);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuFuncGetModule(CUmodule* module, CUfunction handle) {
  return with_function(handle, [&](const Context&, const Function& function) {
    if (module == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (function.context == 0) return CUDA_ERROR_INVALID_HANDLE;  // a library's kernel has none of its own
    *module = pointer_of<CUmodule>(function.owner);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuFuncGetName(const char** name, CUfunction handle) {
  return with_function(handle, [&](const Context&, const Function& function) {
    if (name == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *name = function.name;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuFuncGetParamInfo(CUfunction handle, std::size_t index, std::size_t* offset, std::size_t* size) {
  return with_function(handle, [&](const Context& context, const Function& function) {
    return parameter_info(function, context.device, index, offset, size);
  });
}

// CU_FUNCTION_LOADING_STATE_LOADED: there is nothing left to load once a function is known.
VGPU_CUDA cuFuncIsLoaded(int* state, CUfunction handle) {
  return with_function(handle, [&](const Context&, const Function&) {
    if (state == nullptr) return CUDA_ERROR_INVALID_VALUE;
    *state = 1;
    return CUDA_SUCCESS;
  });
}
VGPU_CUDA cuFuncLoad(CUfunction handle) {
  return with_function(handle, [](const Context&, const Function&) { return CUDA_SUCCESS; });
}

// Attributes of a library's kernel are kept once, not for each device.
VGPU_CUDA cuKernelGetAttribute(int* value, CUfunction_attribute attribute, CUkernel handle, CUdevice ordinal) {
  return with_kernel(handle, [&](const Function& kernel) {
    if (value == nullptr) return CUDA_ERROR_INVALID_VALUE;
    if (!valid_device(ordinal)) return CUDA_ERROR_INVALID_DEVICE;
    return get_attribute(kernel, attribute, device::description(ordinal), *value);
  });
}

VGPU_CUDA cuKernelSetAttribute(CUfunction_attribute attribute, int value, CUkernel handle, CUdevice ordinal) {
  return with_kernel(handle, [&](Function& kernel) {
    if (!valid_device(ordinal)) return CUDA_ERROR_INVALID_DEVICE;
    const Guard guard(device::global_lock);
    return set_attribute(kernel, attribute, device::description(ordinal), value);
  });
}

VGPU_CUDA cuKernelSetCacheConfig(CUkernel handle, CUfunc_cache config, CUdevice ordinal) {
  return with_kernel(handle, [&](Function& kernel) {
    if (!valid_device(ordinal)) return CUDA_ERROR_INVALID_DEVICE;
    if (!valid_cache_config(config)) return CUDA_ERROR_INVALID_VALUE;
    __atomic_store_n(&kernel.cache_config, int{config}, __ATOMIC_RELAXED);
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuKernelGetParamInfo(CUkernel handle, std::size_t index, std::size_t* offset, std::size_t* size) {
  return with_kernel(handle, [&](const Function& kernel) { return parameter_info(kernel, 0, index, offset, size); });
}
