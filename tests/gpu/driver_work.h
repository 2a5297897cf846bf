// For the tests of what is ordered with what: something that holds a stream up, streams, events and memory that a test can watch.
#pragma once

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>

#include "tests/gpu/driver_test.h"

namespace vgpu::test {

using namespace vgpu::cuda;

inline constexpr std::size_t kSize = 4096;
inline const CUstream kDefault = nullptr;

// Holds a stream up until release() or the end of the scope, however a test ends.
class Gate {
 public:
  explicit Gate(CUstream stream) {
    CHECK_OK(
        "cuLaunchHostFunc", stream,
        +[](void* data) {
          auto& open = *static_cast<std::atomic<bool>*>(data);
          while (!open) std::this_thread::yield();
        },
        static_cast<void*>(&open_));
  }
  ~Gate() {
    release();
    call("cuCtxSynchronize");
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  void release() { open_ = true; }

 private:
  std::atomic<bool> open_ = false;
};

struct Stream {
  explicit Stream(unsigned flags = 1) { CHECK_OK("cuStreamCreate", &handle, flags); }
  ~Stream() { CHECK_OK("cuStreamDestroy_v2", handle); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  CUstream handle = nullptr;
};

struct Event {
  explicit Event(unsigned flags = 0) { CHECK_OK("cuEventCreate", &handle, flags); }
  ~Event() { CHECK_OK("cuEventDestroy_v2", handle); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  CUevent handle = nullptr;
};

// Pinned, so that copies need not wait.
struct Pinned {
  Pinned() {
    CHECK_OK("cuMemHostAlloc", &at, kSize, 0U);
    std::memset(at, 0, kSize);
  }
  ~Pinned() { CHECK_OK("cuMemFreeHost", at); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  CUdeviceptr number() const { return reinterpret_cast<CUdeviceptr>(at); }
  unsigned char first() const { return *static_cast<volatile unsigned char*>(at); }
  void* at = nullptr;
};

inline void fill(CUdeviceptr to, int value, CUstream stream) {
  CHECK_OK("cuMemsetD8Async", to, static_cast<unsigned char>(value), kSize, stream);
}

// Long enough for a thread that should wait and does not.
inline void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(30)); }

}  // namespace vgpu::test
