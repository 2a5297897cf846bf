// The default streams: the legacy one of a context, and each thread's own. What is held here was seen on a real driver
// (580.159.04, H200, 30 November 2026).
#include <memory>
#include <thread>

#include "tests/gpu/driver_work.h"

using namespace vgpu::cuda;
using namespace vgpu::test;

namespace {

const CUstream kLegacy = reinterpret_cast<CUstream>(kStreamLegacy);
const CUstream kOwn = reinterpret_cast<CUstream>(kStreamPerThread);

unsigned long long number(CUstream stream) {
  unsigned long long id = 0;
  CHECK_OK("cuStreamGetId", stream, &id);
  return id;
}

// body() in another thread, in which the context is current, to its end.
template <class Body>
void in_thread(const CurrentContext& context, Body body) {
  std::thread([&] {
    CHECK_OK("cuCtxSetCurrent", context.get());
    body();
  }).join();
}

}  // namespace

TEST_CASE("each thread has a stream of its own in each context, under a number that no other ever had") {
  const CurrentContext outer;
  const unsigned long long mine = number(kOwn);
  CHECK(mine != number(kLegacy));
  CHECK(number(kDefault) == number(kLegacy));
  unsigned long long id = 0;
  CHECK_OK("cuStreamGetId_ptsz", kDefault, &id);
  CHECK(id == mine);
  unsigned long long first = 0;
  unsigned long long second = 0;
  in_thread(outer, [&] {
    first = number(kOwn);
    CHECK(number(kOwn) == first);
    in_thread(outer, [&] { second = number(kOwn); });
    CHECK(number(kLegacy) == number(kDefault));
  });
  CHECK(first != mine);
  CHECK(second != mine);
  CHECK(second != first);
  unsigned long long later = 0;
  in_thread(outer, [&] { later = number(kOwn); });
  CHECK(later > second);
  // More contexts than the thread has seen before, then fewer.
  for (int depth = 0; depth < 3; ++depth) {
    std::vector<std::unique_ptr<CurrentContext>> contexts;
    for (int i = 0; i < 9; ++i) {
      contexts.push_back(std::make_unique<CurrentContext>());
      const unsigned long long there = number(kOwn);
      CHECK(there > later);
      CHECK(number(kOwn) == there);
      CUcontext of = nullptr;
      CHECK_OK("cuStreamGetCtx", kOwn, &of);
      CHECK(of == contexts.back()->get());
      later = there;
    }
    while (!contexts.empty()) contexts.pop_back();
  }
  CHECK_OK("cuCtxSetCurrent", outer.get());
  CHECK(number(kOwn) == mine);
}

TEST_CASE("what holds a thread's stream up holds the legacy one up, and no other thread's") {
  const CurrentContext context;
  const Pinned memory;
  Gate gate(kOwn);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", kOwn);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery_ptsz", kDefault);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", kLegacy);
  in_thread(context, [&] {
    CHECK_OK("cuStreamQuery", kOwn);
    fill(memory.number(), 1, kOwn);
    CHECK_OK("cuStreamSynchronize", kOwn);
    CHECK(memory.first() == 1);
    CHECK_OK("cuMemsetD8_v2_ptds", memory.number(), static_cast<unsigned char>(2), kSize);
    CHECK_OK("cuStreamSynchronize_ptsz", kDefault);
    CHECK(memory.first() == 2);
  });
}

TEST_CASE("work of a blocking stream waits for the legacy one; without any the stream has nothing to wait for") {
  const CurrentContext context;
  const Stream made(0);
  for (const CUstream stream : {kOwn, made.handle}) {
    const Pinned memory;
    const Event event;
    Gate gate(kLegacy);
    REQUIRE(call("cuStreamQuery", stream) == CUDA_SUCCESS);  // else this would not end:
    CHECK_OK("cuStreamSynchronize", stream);
    fill(memory.number(), 1, stream);
    CHECK_OK("cuEventRecord", event.handle, stream);
    CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", stream);
    CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuEventQuery", event.handle);
    settle();
    CHECK(memory.first() == 0);
    gate.release();
    CHECK_OK("cuStreamSynchronize", stream);
    CHECK(memory.first() == 1);
  }
}

TEST_CASE("a thread that ends waits for nothing, and what it asked for is still done") {
  const CurrentContext context;
  const Pinned memory;
  const Event event;
  std::unique_ptr<Gate> gate;
  in_thread(context, [&] {
    gate = std::make_unique<Gate>(kOwn);
    fill(memory.number(), 1, kOwn);
    CHECK_OK("cuEventRecord", event.handle, kOwn);
  });
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuEventQuery", event.handle);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", kLegacy);
  in_thread(context, [] { CHECK_OK("cuStreamQuery", kOwn); });
  settle();
  CHECK(memory.first() == 0);
  gate->release();
  CHECK_OK("cuCtxSynchronize");
  CHECK(memory.first() == 1);
  CHECK_OK("cuEventQuery", event.handle);
}

TEST_CASE("threads that come and go leave no stream behind") {
  const CurrentContext context;
  // Its place in the table of objects, which are used again (shims/device/handles.h).
  const auto place = [] {
    const Stream stream;
    return reinterpret_cast<std::uintptr_t>(stream.handle) >> 4 & 0xffffff;
  };
  const auto before = place();
  for (int i = 0; i < 500; ++i) {
    in_thread(context, [] { number(kOwn); });
  }
  CHECK(place() < before + 100);
}

TEST_CASE("no default stream can be destroyed") {
  const CurrentContext context;
  for (const CUstream stream : {kDefault, kLegacy, kOwn}) {
    CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuStreamDestroy_v2", stream);
    CHECK_OK("cuStreamQuery", stream);
  }
}
