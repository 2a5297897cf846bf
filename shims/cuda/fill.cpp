// Fills with 8, 16 or 32 bits, in one or two dimensions.
#include "shims/cuda/memory_call.h"
#include "shims/cuda/range.h"
#include "shims/cuda/stream.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Stream;
namespace backend = vgpu::device::backend;
namespace work = vgpu::device::work;

namespace {

struct Fill {
  std::uint64_t to;
  std::size_t pitch;
  std::uint32_t value;
  unsigned element;  // bytes
  std::size_t count;
  std::size_t height;

  bool empty() const { return count == 0 || height == 0; }
  void run() const { backend::fill(to, pitch, value, element, count, height); }
};

CUresult check(const Fill& fill) {
  if (fill.empty()) return CUDA_SUCCESS;
  if (fill.to % fill.element != 0 || fill.pitch % fill.element != 0 || fill.pitch > kMaxRow)
    return CUDA_ERROR_INVALID_VALUE;
  std::size_t width = 0;
  if (__builtin_mul_overflow(fill.count, std::size_t{fill.element}, &width)) return CUDA_ERROR_INVALID_VALUE;
  // Rows of a rectangle do not follow each other by themselves: a pitch of 0 is too small for any.
  if (fill.height > 1 && fill.pitch == 0) return CUDA_ERROR_INVALID_VALUE;
  const Box box = {.side = Side::device, .address = fill.to, .x = 0, .y = 0, .z = 0, .pitch = fill.pitch, .rows = 0};
  backend::Place place = {};
  return locate(box, {.width = width, .height = fill.height, .depth = 1}, place);
}

CUresult now(Default zero, const Fill& fill) {
  return with_stream(nullptr, zero, [&](const Context& context, const Stream& stream) {
    const CUresult result = check(fill);
    if (result != CUDA_SUCCESS || fill.empty()) return result;
    work::wait(context, stream);
    fill.run();
    return CUDA_SUCCESS;
  });
}

CUresult later(CUstream handle, Default zero, const Fill& fill) {
  return with_stream(handle, zero, [&](const Context& context, Stream& stream) {
    const CUresult result = check(fill);
    if (result != CUDA_SUCCESS || fill.empty()) return result;
    return result_of(work::submit(context, stream, [fill] { fill.run(); }));
  });
}

Fill row(CUdeviceptr to, std::uint32_t value, unsigned element, std::size_t count) {
  return {.to = to, .pitch = 0, .value = value, .element = element, .count = count, .height = 1};
}

// The pitch of a single row says nothing.
Fill rectangle(CUdeviceptr to, std::size_t pitch, std::uint32_t value, unsigned element, std::size_t width,
               std::size_t height) {
  return {
      .to = to, .pitch = height == 1 ? 0 : pitch, .value = value, .element = element, .count = width, .height = height};
}

}  // namespace

#define VGPU_CUDA_FILL(bits, type)                                                                                     \
  VGPU_CUDA_STREAM(cuMemsetD##bits##_v2, _ptds, (CUdeviceptr to, type value, std::size_t count), (to, value, count)) { \
    return now(zero, row(to, value, bits / 8, count));                                                                 \
  }                                                                                                                    \
  VGPU_CUDA_STREAM(cuMemsetD##bits##Async, _ptsz, (CUdeviceptr to, type value, std::size_t count, CUstream stream),    \
                   (to, value, count, stream)) {                                                                       \
    return later(stream, zero, row(to, value, bits / 8, count));                                                       \
  }                                                                                                                    \
  VGPU_CUDA_STREAM(cuMemsetD2D##bits##_v2, _ptds,                                                                      \
                   (CUdeviceptr to, std::size_t pitch, type value, std::size_t width, std::size_t height),             \
                   (to, pitch, value, width, height)) {                                                                \
    return now(zero, rectangle(to, pitch, value, bits / 8, width, height));                                            \
  }                                                                                                                    \
  VGPU_CUDA_STREAM(                                                                                                    \
      cuMemsetD2D##bits##Async, _ptsz,                                                                                 \
      (CUdeviceptr to, std::size_t pitch, type value, std::size_t width, std::size_t height, CUstream stream),         \
      (to, pitch, value, width, height, stream)) {                                                                     \
    return later(stream, zero, rectangle(to, pitch, value, bits / 8, width, height));                                  \
  }

VGPU_CUDA_FILL(8, unsigned char)
VGPU_CUDA_FILL(16, unsigned short)
VGPU_CUDA_FILL(32, unsigned)
