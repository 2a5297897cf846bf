#include "shims/cuda/launch.h"

#include "shims/cuda/attributes.h"
#include "shims/cuda/occupancy.h"
#include "shims/cuda/stream.h"
#include "shims/device/log.h"

namespace vgpu::cuda {
namespace {

constexpr int kCooperativeAttribute = 2;  // CU_LAUNCH_ATTRIBUTE_COOPERATIVE

bool any_zero(const unsigned (&size)[3]) { return size[0] == 0 || size[1] == 0 || size[2] == 0; }

// Limits of the device, which are the same for all; the kernel's own come after.
CUresult check_size(const Launch& launch, const device::Function& function, const device::Description& device) {
  if (any_zero(launch.grid) || any_zero(launch.block)) return CUDA_ERROR_INVALID_VALUE;
  if (launch.grid[0] > kGridX || launch.grid[1] > kGridYZ || launch.grid[2] > kGridYZ) return CUDA_ERROR_INVALID_VALUE;
  const std::uint64_t threads = std::uint64_t{launch.block[0]} * launch.block[1] * launch.block[2];
  if (launch.block[0] > kMaxThreadsPerBlock || launch.block[1] > kMaxThreadsPerBlock || launch.block[2] > kBlockZ ||
      threads > kMaxThreadsPerBlock) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (launch.shared > static_cast<std::size_t>(dynamic_shared_limit(function, device))) return CUDA_ERROR_INVALID_VALUE;
  if (threads > static_cast<std::uint64_t>(max_threads(function, device))) return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
  if (!launch.cooperative) return CUDA_SUCCESS;
  const std::uint64_t blocks = std::uint64_t{launch.grid[0]} * launch.grid[1] * launch.grid[2];
  const std::uint64_t shared = static_cast<std::uint64_t>(function.static_shared) + launch.shared;
  const int resident =
      occupancy::blocks_per_multiprocessor({static_cast<int>(threads), function.registers, shared}, device);
  return blocks > static_cast<std::uint64_t>(resident) * static_cast<std::uint64_t>(device.sms)
             ? CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE
             : CUDA_SUCCESS;
}

// Many programs never look at the result of a launch: they shall at least see one line, whatever VGPU_LOG says.
[[gnu::cold]] void say_that_kernels_do_not_run(const char* name) {
  static constinit bool said = false;
  if (__atomic_exchange_n(&said, true, __ATOMIC_RELAXED)) return;
  log::line(log::Level::error, kLibraryName,
            {"kernel ", name, " was not launched: this device runs no kernels (CUDA_ERROR_NOT_SUPPORTED)"});
}

}  // namespace

CUresult launch(const device::Context& context, const device::Function& function, const Launch& launch) {
  if (function.context != 0 && function.context != context.self) return CUDA_ERROR_INVALID_HANDLE;
  const CUresult size = check_size(launch, function, device::description(context.device));
  if (size != CUDA_SUCCESS) return size;
  if (launch.arguments != nullptr && launch.extra != nullptr) return CUDA_ERROR_INVALID_VALUE;
  const device::Stream* stream =
      find_stream(context, launch.stream, launch.own_stream ? Default::per_thread : Default::legacy);
  if (stream == nullptr || stream->context != context.self) return CUDA_ERROR_INVALID_HANDLE;
  say_that_kernels_do_not_run(function.name);
  return CUDA_ERROR_NOT_SUPPORTED;
}

CUresult launch(CUfunction handle, const Launch& wanted) {
  return with_function(handle, [&](const device::Context& context, const device::Function& function) {
    return launch(context, function, wanted);
  });
}

namespace {

CUresult launch_configured(const CUlaunchConfig* config, CUfunction function, void** arguments, void** extra,
                           bool own_stream) {
  if (config == nullptr || (config->numAttrs != 0 && config->attrs == nullptr)) {
    return with_context([](device::Context&) { return CUDA_ERROR_INVALID_VALUE; });
  }
  bool cooperative = false;
  for (unsigned i = 0; i < config->numAttrs; ++i) {
    if (config->attrs[i].id == kCooperativeAttribute) cooperative = config->attrs[i].value.priority != 0;
  }
  return launch(function, {{config->gridDimX, config->gridDimY, config->gridDimZ},
                           {config->blockDimX, config->blockDimY, config->blockDimZ},
                           config->sharedMemBytes,
                           config->hStream,
                           own_stream,
                           cooperative,
                           arguments,
                           extra});
}

}  // namespace
}  // namespace vgpu::cuda

using namespace vgpu::cuda;

#define VGPU_LAUNCH_SIZES                                                                                  \
  unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z, \
      unsigned shared

VGPU_CUDA cuLaunchKernel(CUfunction function, VGPU_LAUNCH_SIZES, CUstream stream, void** arguments, void** extra) {
  return launch(
      function,
      {{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, stream, false, false, arguments, extra});
}
VGPU_CUDA cuLaunchKernel_ptsz(CUfunction function, VGPU_LAUNCH_SIZES, CUstream stream, void** arguments, void** extra) {
  return launch(function,
                {{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, stream, true, false, arguments, extra});
}
VGPU_CUDA cuLaunchCooperativeKernel(CUfunction function, VGPU_LAUNCH_SIZES, CUstream stream, void** arguments) {
  return launch(
      function,
      {{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, stream, false, true, arguments, nullptr});
}
VGPU_CUDA cuLaunchCooperativeKernel_ptsz(CUfunction function, VGPU_LAUNCH_SIZES, CUstream stream, void** arguments) {
  return launch(
      function,
      {{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, stream, true, true, arguments, nullptr});
}

VGPU_CUDA cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** arguments, void** extra) {
  return launch_configured(config, function, arguments, extra, false);
}
VGPU_CUDA cuLaunchKernelEx_ptsz(const CUlaunchConfig* config, CUfunction function, void** arguments, void** extra) {
  return launch_configured(config, function, arguments, extra, true);
}

// Not there, as CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH says; it went with CUDA 13.
VGPU_CUDA cuLaunchCooperativeKernelMultiDevice(CUDA_LAUNCH_PARAMS* list, unsigned count, unsigned flags) {
  return with_driver(
      [&] { return list == nullptr || count == 0 || flags > 3 ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_NOT_SUPPORTED; });
}
