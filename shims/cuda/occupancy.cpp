#include "shims/cuda/occupancy.h"

#include "shims/cuda/attributes.h"
#include "shims/cuda/function.h"

namespace vgpu::cuda::occupancy {
namespace {

constexpr int kRegisterUnit = 256;  // registers are given to a warp in pieces of this size
constexpr int kPartitions = 4;  // a multiprocessor's warps run on four schedulers, each with a quarter of the registers

int round_up(int value, int unit) { return (value + unit - 1) / unit * unit; }

std::uint64_t shared_unit(const device::Description& device) { return device.cc_major >= 8 ? 128 : 256; }
std::uint64_t reserved_shared(const device::Description& device) {
  return device.cc_major >= 8 ? kReservedSharedPerBlock : 0;
}

int least(int a, int b) { return a < b ? a : b; }

}  // namespace

int warps_by_registers(int registers, const device::Description& device) {
  if (registers <= 0) return device.threads_per_sm / kWarpSize;
  const int warp = round_up(registers * kWarpSize, kRegisterUnit);
  return device.registers_per_sm / kPartitions / warp * kPartitions;
}

int blocks_per_multiprocessor(const Request& request, const device::Description& device) {
  const int warps = (request.block_size + kWarpSize - 1) / kWarpSize;
  int blocks = least(device.blocks_per_sm, device.threads_per_sm / kWarpSize / warps);
  blocks = least(blocks, warps_by_registers(request.registers, device) / warps);
  const std::uint64_t unit = shared_unit(device);
  const std::uint64_t shared = (request.shared + reserved_shared(device) + unit - 1) / unit * unit;
  const auto whole = static_cast<std::uint64_t>(device.shared_per_sm);
  if (shared > whole) return 0;
  if (shared != 0 && whole / shared < static_cast<std::uint64_t>(blocks)) blocks = static_cast<int>(whole / shared);
  return blocks;
}

std::uint64_t shared_for_blocks(int blocks, const device::Description& device) {
  const std::uint64_t unit = shared_unit(device);
  const std::uint64_t each =
      static_cast<std::uint64_t>(device.shared_per_sm) / static_cast<std::uint64_t>(blocks) / unit * unit;
  return each > reserved_shared(device) ? each - reserved_shared(device) : 0;
}

}  // namespace vgpu::cuda::occupancy

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Description;
using vgpu::device::Function;

namespace {

constexpr unsigned kDisableCachingOverride = 1;

// Blocks of the kernel on one multiprocessor, 0 for a block that could not be launched at all.
int blocks(const Function& function, const Description& device, int block_size, std::size_t dynamic) {
  if (block_size > max_threads(function, device)) return 0;
  if (dynamic > static_cast<std::size_t>(dynamic_shared_limit(function, device))) return 0;
  const auto shared = static_cast<std::uint64_t>(function.static_shared) + dynamic;
  return occupancy::blocks_per_multiprocessor({block_size, function.registers, shared}, device);
}

CUresult max_active(int* out, CUfunction handle, int block_size, std::size_t dynamic, unsigned flags) {
  return with_function(handle, [&](const Context& context, const Function& function) {
    if (out == nullptr || block_size <= 0 || flags > kDisableCachingOverride) return CUDA_ERROR_INVALID_VALUE;
    *out = blocks(function, vgpu::device::description(context.device), block_size, dynamic);
    return CUDA_SUCCESS;
  });
}

// The block size that keeps most threads of a multiprocessor busy; the largest of several.
CUresult best_block(int* grid, int* block, CUfunction handle, CUoccupancyB2DSize dynamic_of, std::size_t dynamic,
                    int limit, unsigned flags) {
  return with_function(handle, [&](const Context& context, const Function& function) {
    if (grid == nullptr || block == nullptr || limit < 0 || flags > kDisableCachingOverride)
      return CUDA_ERROR_INVALID_VALUE;
    const Description& device = vgpu::device::description(context.device);
    int most = max_threads(function, device);
    if (limit != 0 && limit < most) most = limit;
    int best_threads = 0;
    for (int size = most; size > 0; size = (size - 1) / kWarpSize * kWarpSize) {
      const int count = blocks(function, device, size, dynamic_of != nullptr ? dynamic_of(size) : dynamic);
      if (count * size <= best_threads) continue;
      best_threads = count * size;
      *block = size;
      *grid = count * device.sms;
      if (best_threads == device.threads_per_sm) break;
    }
    return best_threads != 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

// Clusters of blocks: not there, as CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH says.
CUresult no_clusters(const int* out, CUfunction handle, const CUlaunchConfig* config) {
  return with_function(handle, [&](const Context&, const Function&) {
    return out == nullptr || config == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_NOT_SUPPORTED;
  });
}

}  // namespace

VGPU_CUDA cuOccupancyMaxActiveBlocksPerMultiprocessor(int* out, CUfunction function, int block_size,
                                                      std::size_t dynamic) {
  return max_active(out, function, block_size, dynamic, 0);
}
VGPU_CUDA cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* out, CUfunction function, int block_size,
                                                               std::size_t dynamic, unsigned flags) {
  return max_active(out, function, block_size, dynamic, flags);
}

VGPU_CUDA cuOccupancyMaxPotentialBlockSize(int* grid, int* block, CUfunction function, CUoccupancyB2DSize dynamic_of,
                                           std::size_t dynamic, int limit) {
  return best_block(grid, block, function, dynamic_of, dynamic, limit, 0);
}
VGPU_CUDA cuOccupancyMaxPotentialBlockSizeWithFlags(int* grid, int* block, CUfunction function,
                                                    CUoccupancyB2DSize dynamic_of, std::size_t dynamic, int limit,
                                                    unsigned flags) {
  return best_block(grid, block, function, dynamic_of, dynamic, limit, flags);
}

VGPU_CUDA cuOccupancyAvailableDynamicSMemPerBlock(std::size_t* out, CUfunction handle, int count, int block_size) {
  return with_function(handle, [&](const Context& context, const Function& function) {
    if (out == nullptr || count <= 0 || block_size <= 0) return CUDA_ERROR_INVALID_VALUE;
    const Description& device = vgpu::device::description(context.device);
    if (blocks(function, device, block_size, 0) < count) return CUDA_ERROR_INVALID_VALUE;
    const auto fixed = static_cast<std::uint64_t>(function.static_shared);
    const auto most = static_cast<std::uint64_t>(device.shared_per_block_optin);
    std::uint64_t each = occupancy::shared_for_blocks(count, device);
    if (each > most) each = most;
    *out = each > fixed ? each - fixed : 0;
    return CUDA_SUCCESS;
  });
}

VGPU_CUDA cuOccupancyMaxPotentialClusterSize(int* out, CUfunction function, const CUlaunchConfig* config) {
  return no_clusters(out, function, config);
}
VGPU_CUDA cuOccupancyMaxActiveClusters(int* out, CUfunction function, const CUlaunchConfig* config) {
  return no_clusters(out, function, config);
}
