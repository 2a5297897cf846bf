// Operations of a stream on one value in memory: write it, or wait until it is there. Somebody else writes it: another
// stream, or the program, which sees the memory of the emulated device as its own.
#include <time.h>

#include "shims/cuda/range.h"
#include "shims/cuda/stream.h"

using namespace vgpu::cuda;
using vgpu::device::Context;
using vgpu::device::Handle;
using vgpu::device::Stream;
namespace work = vgpu::device::work;

namespace {

constexpr unsigned kMostOperations = 256;

struct Value {
  std::uint64_t address;
  std::uint64_t value;
  unsigned flags;
  bool wide;  // 64 bits

  void write() const {
    if (wide) {
      __atomic_store_n(reinterpret_cast<std::uint64_t*>(address), value, __ATOMIC_SEQ_CST);
    } else {
      __atomic_store_n(reinterpret_cast<std::uint32_t*>(address), static_cast<std::uint32_t>(value), __ATOMIC_SEQ_CST);
    }
  }

  template <typename Unsigned, typename Signed>
  bool holds() const {
    const auto there = __atomic_load_n(reinterpret_cast<const Unsigned*>(address), __ATOMIC_SEQ_CST);
    const auto wanted = static_cast<Unsigned>(value);
    switch (flags) {
      case kWaitValueGeq: return static_cast<Signed>(there - wanted) >= 0;
      case kWaitValueEq: return there == wanted;
      case kWaitValueAnd: return (there & wanted) != 0;
      default: return static_cast<Unsigned>(~(there | wanted)) != 0;
    }
  }
  bool holds() const { return wide ? holds<std::uint64_t, std::int64_t>() : holds<std::uint32_t, std::int32_t>(); }

  // Until it holds, or its context ends. Nobody tells when memory changes, so it looks, more and more rarely.
  void wait(Handle queue) const {
    timespec pause = {.tv_sec = 0, .tv_nsec = 1000};
    while (!holds() && !work::given_up(queue)) {
      nanosleep(&pause, nullptr);
      if (pause.tv_nsec < 1'000'000) pause.tv_nsec *= 2;
    }
  }
};

CUresult check(const Value& value) {
  const std::size_t bytes = value.wide ? 8 : 4;
  if (value.address % bytes != 0) return CUDA_ERROR_INVALID_VALUE;
  vgpu::device::backend::Place place = {};
  return locate(Side::device, value.address, bytes, place);
}

// No flag: to leave out the barrier was the first generation's.
CUresult check_write(const Value& value) { return value.flags != 0 ? CUDA_ERROR_INVALID_VALUE : check(value); }

// Flushing writes of other devices is not there, as CU_DEVICE_ATTRIBUTE_CAN_FLUSH_REMOTE_WRITES says.
CUresult check_wait(const Value& value) {
  if ((value.flags & ~kWaitValueFlush) > kWaitValueNor) return CUDA_ERROR_INVALID_VALUE;
  if ((value.flags & kWaitValueFlush) != 0) return CUDA_ERROR_NOT_SUPPORTED;
  return check(value);
}

CUresult do_write(const Context& context, Stream& stream, const Value& value) {
  return result_of(work::submit(context, stream, [value] { value.write(); }));
}

CUresult do_wait(const Context& context, Stream& stream, const Value& value) {
  // What holds already, with nothing in front, needs no thread.
  if (work::idle(context, stream) && value.holds()) return CUDA_SUCCESS;
  return result_of(work::submit_threaded(context, stream, [value](Handle queue) { value.wait(queue); }));
}

CUresult write_value(CUstream handle, Default zero, const Value& value) {
  return with_stream(handle, zero, [&](const Context& context, Stream& stream) {
    const CUresult result = check_write(value);
    return result == CUDA_SUCCESS ? do_write(context, stream, value) : result;
  });
}

CUresult wait_value(CUstream handle, Default zero, const Value& value) {
  return with_stream(handle, zero, [&](const Context& context, Stream& stream) {
    const CUresult result = check_wait(value);
    return result == CUDA_SUCCESS ? do_wait(context, stream, value) : result;
  });
}

Value value_of(const CUstreamBatchMemOpParams::Value& operation, bool wide) {
  return {.address = operation.address,
          .value = wide ? operation.value64 : operation.value,
          .flags = operation.flags,
          .wide = wide};
}

// One of a batch: only checked, or done as well.
CUresult batch_operation(const Context& context, Stream& stream, const CUstreamBatchMemOpParams& operation,
                         bool doing) {
  const bool wide =
      operation.operation == CU_STREAM_MEM_OP_WAIT_VALUE_64 || operation.operation == CU_STREAM_MEM_OP_WRITE_VALUE_64;
  switch (operation.operation) {
    case CU_STREAM_MEM_OP_WAIT_VALUE_32:
    case CU_STREAM_MEM_OP_WAIT_VALUE_64: {
      const Value value = value_of(operation.waitValue, wide);
      return doing ? do_wait(context, stream, value) : check_wait(value);
    }
    case CU_STREAM_MEM_OP_WRITE_VALUE_32:
    case CU_STREAM_MEM_OP_WRITE_VALUE_64: {
      const Value value = value_of(operation.writeValue, wide);
      return doing ? do_write(context, stream, value) : check_write(value);
    }
    case CU_STREAM_MEM_OP_BARRIER: return CUDA_SUCCESS;  // operations of a stream are in order here
    case CU_STREAM_MEM_OP_FLUSH_REMOTE_WRITES: return CUDA_ERROR_NOT_SUPPORTED;
    default: return CUDA_ERROR_INVALID_VALUE;
  }
}

CUresult batch(CUstream handle, Default zero, unsigned count, const CUstreamBatchMemOpParams* operations,
               unsigned flags) {
  return with_stream(handle, zero, [&](const Context& context, Stream& stream) {
    if (count > kMostOperations || flags != 0) return CUDA_ERROR_INVALID_VALUE;
    if (operations == nullptr && count != 0) return CUDA_ERROR_INVALID_VALUE;
    for (const bool doing : {false, true}) {
      for (unsigned i = 0; i < count; ++i) {
        const CUresult result = batch_operation(context, stream, operations[i], doing);
        if (result != CUDA_SUCCESS) return result;
      }
    }
    return CUDA_SUCCESS;
  });
}

}  // namespace

VGPU_CUDA_STREAM(cuStreamWriteValue32_v2, _ptsz,
                 (CUstream handle, CUdeviceptr address, std::uint32_t value, unsigned flags),
                 (handle, address, value, flags)) {
  return write_value(handle, zero, {.address = address, .value = value, .flags = flags, .wide = false});
}
VGPU_CUDA_STREAM(cuStreamWriteValue64_v2, _ptsz,
                 (CUstream handle, CUdeviceptr address, std::uint64_t value, unsigned flags),
                 (handle, address, value, flags)) {
  return write_value(handle, zero, {.address = address, .value = value, .flags = flags, .wide = true});
}
VGPU_CUDA_STREAM(cuStreamWaitValue32_v2, _ptsz,
                 (CUstream handle, CUdeviceptr address, std::uint32_t value, unsigned flags),
                 (handle, address, value, flags)) {
  return wait_value(handle, zero, {.address = address, .value = value, .flags = flags, .wide = false});
}
VGPU_CUDA_STREAM(cuStreamWaitValue64_v2, _ptsz,
                 (CUstream handle, CUdeviceptr address, std::uint64_t value, unsigned flags),
                 (handle, address, value, flags)) {
  return wait_value(handle, zero, {.address = address, .value = value, .flags = flags, .wide = true});
}
VGPU_CUDA_STREAM(cuStreamBatchMemOp_v2, _ptsz,
                 (CUstream handle, unsigned count, CUstreamBatchMemOpParams* operations, unsigned flags),
                 (handle, count, operations, flags)) {
  return batch(handle, zero, count, operations, flags);
}

// The first generation was a driver's option, off by default (CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_MEM_OPS_V1): left as
// it is.
