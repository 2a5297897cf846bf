// Copies and fills as jobs: checked when they are asked for, done when their stream gets to them.
#pragma once

#include "shims/cuda/range.h"
#include "shims/cuda/stream.h"

namespace vgpu::cuda {

struct Transfer {
  device::backend::Place to;
  device::backend::Place from;
  device::backend::Extent extent;
  // Sides in memory of the program that the driver does not know. Such a source is read before the call returns, and
  // such a target is written before it does.
  bool pageable_source;
  bool pageable_target;
};

// Checks both sides. `extent` has no 0.
CUresult prepare(const Box& to, const Box& from, const device::backend::Extent& extent, Transfer& transfer);
CUresult prepare(Side to_side, std::uint64_t to, Side from_side, std::uint64_t from, std::size_t bytes,
                 Transfer& transfer);

// When everything before it on `stream` is done, which it waits for.
void copy_now(const device::Context& context, const device::Stream& stream, const Transfer& transfer);

// In the order of `stream`.
CUresult copy_on(const device::Context& context, device::Stream& stream, const Transfer& transfer);

// Runs body(transfer), which says what is to be copied, and copies: on the default stream that `zero` names before the
// call returns, or on `handle`. A body that leaves the extent 0 has nothing to copy.
template <typename Body>
CUresult copy_on_default(Default zero, Body body) {
  return with_stream(nullptr, zero, [&](const device::Context& context, const device::Stream& stream) {
    Transfer transfer = {};
    const CUresult result = body(transfer);
    if (result == CUDA_SUCCESS && transfer.extent.width != 0) copy_now(context, stream, transfer);
    return result;
  });
}
template <typename Body>
CUresult copy_on_stream(CUstream handle, Default zero, Body body) {
  return with_stream(handle, zero, [&](const device::Context& context, device::Stream& stream) {
    Transfer transfer = {};
    const CUresult result = body(transfer);
    return result == CUDA_SUCCESS && transfer.extent.width != 0 ? copy_on(context, stream, transfer) : result;
  });
}

// Whether the handle is a context that lives, as both of a peer copy must, or null, for which the address says enough.
inline bool live_or_null(CUcontext context) {
  return context == nullptr || device::contexts::find(handle_of(context)) != nullptr;
}

}  // namespace vgpu::cuda
