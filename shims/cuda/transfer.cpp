#include "shims/cuda/transfer.h"

#include <stdlib.h>

namespace vgpu::cuda {
namespace {

namespace backend = device::backend;
using backend::Place;

bool pageable(const Place& place) {
  device::Memory memory = {};
  return place.host && !device::memory::find(place.address, memory);
}

void run(const Transfer& transfer) { backend::copy(transfer.to, transfer.from, transfer.extent); }

// Reads the source now, so that the program may change it as soon as the call is back.
CUresult copy_staged(const device::Context& context, device::Stream& stream, const Transfer& transfer) {
  const backend::Extent& extent = transfer.extent;
  void* staging = malloc(extent.width * extent.height * extent.depth);
  if (staging == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
  Transfer second = transfer;
  second.from = {.host = true,
                 .address = reinterpret_cast<std::uint64_t>(staging),
                 .pitch = extent.width,
                 .plane = extent.width * extent.height};
  backend::copy(second.from, transfer.from, extent);
  const CUresult result = result_of(device::work::submit(context, stream, [second, staging] {
    run(second);
    free(staging);
  }));
  if (result != CUDA_SUCCESS) free(staging);
  return result;
}

}  // namespace

CUresult prepare(const Box& to, const Box& from, const backend::Extent& extent, Transfer& transfer) {
  Place target = {};
  Place source = {};
  if (const CUresult result = locate(to, extent, target); result != CUDA_SUCCESS) return result;
  if (const CUresult result = locate(from, extent, source); result != CUDA_SUCCESS) return result;
  transfer = {.to = target,
              .from = source,
              .extent = extent,
              .pageable_source = pageable(source),
              .pageable_target = pageable(target)};
  return CUDA_SUCCESS;
}

CUresult prepare(Side to_side, std::uint64_t to, Side from_side, std::uint64_t from, std::size_t bytes,
                 Transfer& transfer) {
  if (bytes == 0) return CUDA_SUCCESS;
  const Box target = {.side = to_side, .address = to, .x = 0, .y = 0, .z = 0, .pitch = 0, .rows = 0};
  const Box source = {.side = from_side, .address = from, .x = 0, .y = 0, .z = 0, .pitch = 0, .rows = 0};
  return prepare(target, source, {.width = bytes, .height = 1, .depth = 1}, transfer);
}

void copy_now(const device::Context& context, const device::Stream& stream, const Transfer& transfer) {
  device::work::wait(context, stream);
  run(transfer);
}

CUresult copy_on(const device::Context& context, device::Stream& stream, const Transfer& transfer) {
  if (transfer.pageable_target) return copy_now(context, stream, transfer), CUDA_SUCCESS;
  if (transfer.pageable_source && device::work::any()) return copy_staged(context, stream, transfer);
  return result_of(device::work::submit(context, stream, [transfer] { run(transfer); }));
}

}  // namespace vgpu::cuda
