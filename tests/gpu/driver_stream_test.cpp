// Streams and events of the driver: what is ordered with what while a host function holds a stream up.
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>

#include "tests/gpu/driver_work.h"

using namespace vgpu::cuda;
using namespace vgpu::test;

TEST_CASE("what comes behind a host function waits for it, in order") {
  const CurrentContext context;
  const Stream stream;
  const Pinned memory;
  Gate gate(stream.handle);
  fill(memory.number(), 1, stream.handle);
  fill(memory.number(), 2, stream.handle);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", stream.handle);
  settle();
  CHECK(memory.first() == 0);
  gate.release();
  CHECK_OK("cuStreamSynchronize", stream.handle);
  CHECK(memory.first() == 2);
  CHECK_OK("cuStreamQuery", stream.handle);
}

TEST_CASE("non-blocking streams go on, the default stream waits for blocking ones") {
  const CurrentContext context;
  const Stream held(0);
  const Stream blocking(0);
  const Stream free(1);
  const Pinned one;
  const Pinned two;
  const Pinned three;
  Gate gate(held.handle);
  fill(one.number(), 1, blocking.handle);
  fill(two.number(), 1, free.handle);
  CHECK(one.first() == 1);
  CHECK(two.first() == 1);
  fill(three.number(), 1, kDefault);
  settle();
  CHECK(three.first() == 0);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", kDefault);
  // And from now on the blocking ones wait for the default stream.
  fill(one.number(), 2, blocking.handle);
  fill(two.number(), 2, free.handle);
  settle();
  CHECK(one.first() == 1);
  CHECK(two.first() == 2);
  gate.release();
  CHECK_OK("cuCtxSynchronize");
  CHECK(one.first() == 2);
  CHECK(three.first() == 1);
}

TEST_CASE("an event carries the order into another stream") {
  const CurrentContext context;
  const Stream held;
  const Stream other;
  const Pinned memory;
  const Event event;
  {
    Gate gate(held.handle);
    fill(memory.number(), 1, held.handle);
    CHECK_OK("cuEventRecord", event.handle, held.handle);
    CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuEventQuery", event.handle);
    CHECK_OK("cuStreamWaitEvent", other.handle, event.handle, 0U);
    fill(memory.number(), 2, other.handle);
    CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", other.handle);
    settle();
    CHECK(memory.first() == 0);
    gate.release();
    CHECK_OK("cuEventSynchronize", event.handle);
    CHECK(memory.first() >= 1);
    CHECK_OK("cuStreamSynchronize", other.handle);
  }
  CHECK(memory.first() == 2);
}

TEST_CASE("the time between two events is that of the work between them") {
  const CurrentContext context;
  const Stream stream;
  const Event start;
  const Event end;
  const Event untimed(2);
  float milliseconds = -1;
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuEventElapsedTime_v2", &milliseconds, start.handle, end.handle);
  CHECK_OK("cuEventRecord", start.handle, stream.handle);
  CHECK_OK(
      "cuLaunchHostFunc", stream.handle, +[](void*) { std::this_thread::sleep_for(std::chrono::milliseconds(30)); },
      static_cast<void*>(nullptr));
  CHECK_OK("cuEventRecord", end.handle, stream.handle);
  CHECK_OK("cuEventRecord", untimed.handle, stream.handle);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuEventElapsedTime_v2", &milliseconds, start.handle, end.handle);
  CHECK_OK("cuEventSynchronize", untimed.handle);
  CHECK_OK("cuEventElapsedTime_v2", &milliseconds, start.handle, end.handle);
  CHECK(milliseconds >= 30);
  CHECK(milliseconds < 30000);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuEventElapsedTime_v2", &milliseconds, start.handle, untimed.handle);
}

TEST_CASE("a source in plain memory is the program's again when the call is back; a target there is written") {
  const CurrentContext context;
  const Stream stream;
  CUdeviceptr device = 0;
  CHECK_OK("cuMemAlloc_v2", &device, kSize);
  std::vector<unsigned char> plain(kSize, 5);
  {
    Gate gate(stream.handle);
    CHECK_OK("cuMemcpyHtoDAsync_v2", device, static_cast<const void*>(plain.data()), kSize, stream.handle);
    std::memset(plain.data(), 6, kSize);
    gate.release();
    CHECK_OK("cuMemcpyDtoHAsync_v2", static_cast<void*>(plain.data()), device, kSize, stream.handle);
    CHECK(plain[0] == 5);
  }
  CHECK_OK("cuMemFree_v2", device);
}

TEST_CASE("the API is closed to a callback, and open to its thread again afterwards") {
  const CurrentContext context;
  const Stream stream;
  struct Notes {
    CUstream stream = nullptr;
    CUresult status = CUDA_ERROR_UNKNOWN;
    CUresult inside = CUDA_ERROR_UNKNOWN;
  } notes;
  const CUstreamCallback callback = [](CUstream given, CUresult status, void* data) {
    auto& out = *static_cast<Notes*>(data);
    CUdeviceptr pointer = 0;
    out = {given, status, call("cuMemAlloc_v2", &pointer, kSize)};
  };
  CHECK_OK("cuStreamAddCallback", stream.handle, callback, static_cast<void*>(&notes), 0U);
  CHECK_OK("cuStreamSynchronize", stream.handle);
  CHECK(notes.stream == stream.handle);
  CHECK(notes.status == CUDA_SUCCESS);
  CHECK(result_name(notes.inside) == "CUDA_ERROR_NOT_PERMITTED");
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuStreamAddCallback", stream.handle, callback, static_cast<void*>(&notes),
               1U);
}

TEST_CASE("a stream that is destroyed still does what it was asked for; its handle is dead at once") {
  const CurrentContext context;
  const Pinned memory;
  CUstream stream = nullptr;
  const Event event;
  CHECK_OK("cuStreamCreate", &stream, 1U);
  Gate gate(stream);
  fill(memory.number(), 3, stream);
  CHECK_OK("cuEventRecord", event.handle, stream);
  CHECK_OK("cuStreamDestroy_v2", stream);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuStreamQuery", stream);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuStreamDestroy_v2", stream);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuEventQuery", event.handle);
  settle();
  CHECK(memory.first() == 0);
  gate.release();
  CHECK_OK("cuEventSynchronize", event.handle);
  CHECK(memory.first() == 3);
}

TEST_CASE("memory freed in order lives until the stream gets there, and dies once") {
  const CurrentContext context;
  const Stream stream;
  const Pinned target;
  const Pinned source;
  CUdeviceptr pooled = 0;
  CHECK_OK("cuMemAllocAsync", &pooled, kSize, stream.handle);
  CHECK_OK("cuMemsetD8_v2", pooled, static_cast<unsigned char>(9), kSize);
  std::size_t before = 0;
  std::size_t now = 0;
  std::size_t total = 0;
  CHECK_OK("cuMemGetInfo_v2", &before, &total);
  Gate gate(stream.handle);
  CHECK_OK("cuMemcpyAsync", target.number(), pooled, kSize, stream.handle);
  CHECK_OK("cuMemFreeAsync", pooled, stream.handle);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemFreeAsync", pooled, stream.handle);
  settle();
  CHECK_OK("cuMemGetInfo_v2", &now, &total);
  CHECK(now == before);
  gate.release();
  CHECK_OK("cuStreamSynchronize", stream.handle);
  CHECK(target.first() == 9);
  CHECK_OK("cuMemGetInfo_v2", &now, &total);
  CHECK(now == before + kSize);
}

TEST_CASE("a wait for a value ends when another stream, or the program, writes it") {
  const CurrentContext context;
  const Stream waiting;
  const Stream writing;
  const Pinned flag;
  const Pinned memory;
  auto* value = static_cast<std::atomic<std::uint32_t>*>(flag.at);
  CHECK_OK("cuStreamWaitValue32_v2", waiting.handle, flag.number(), std::uint32_t{1}, 1U);
  fill(memory.number(), 1, waiting.handle);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", waiting.handle);
  settle();
  CHECK(memory.first() == 0);
  CHECK_OK("cuStreamWriteValue32_v2", writing.handle, flag.number(), std::uint32_t{1}, 0U);
  CHECK_OK("cuStreamSynchronize", waiting.handle);
  CHECK(memory.first() == 1);
  // Signed, around the end of the numbers: 0xffffffff is behind 1 by two.
  CHECK_OK("cuStreamWaitValue32_v2", waiting.handle, flag.number(), std::uint32_t{0xffffffff}, 0U);
  CHECK_OK("cuStreamQuery", waiting.handle);
  CHECK_OK("cuStreamWaitValue32_v2", waiting.handle, flag.number(), std::uint32_t{2}, 0U);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", waiting.handle);
  *value = 2;
  CHECK_OK("cuStreamSynchronize", waiting.handle);
  CUstreamBatchMemOpParams operations[2] = {};
  operations[0].writeValue = {CU_STREAM_MEM_OP_WRITE_VALUE_64, flag.number() + 8, {.value64 = 7}, 0, 0};
  operations[1].waitValue = {CU_STREAM_MEM_OP_WAIT_VALUE_64, flag.number() + 8, {.value64 = 7}, kWaitValueEq, 0};
  CHECK_OK("cuStreamBatchMemOp_v2", waiting.handle, 2U, &operations[0], 0U);
  CHECK_OK("cuStreamSynchronize", waiting.handle);
  operations[1].operation = CU_STREAM_MEM_OP_FLUSH_REMOTE_WRITES;
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuStreamBatchMemOp_v2", waiting.handle, 2U, &operations[0], 0U);
}

TEST_CASE("a context ends although a stream of it waits for what nobody will write") {
  const CurrentContext outer;
  const Pinned flag;
  const CurrentContext inner;
  CUstream stream = nullptr;
  CHECK_OK("cuStreamCreate", &stream, 1U);
  CHECK_OK("cuStreamWaitValue32_v2", stream, flag.number(), std::uint32_t{1}, 1U);
  CHECK_RESULT(CUDA_ERROR_NOT_READY, "cuStreamQuery", stream);
}

TEST_CASE("many threads, many streams: each sees its own order") {
  const CurrentContext context;
  std::atomic<int> wrong = 0;
  const auto work = [&](int) {
    call("cuCtxSetCurrent", context.get());
    CUstream stream = nullptr;
    bool good = call("cuStreamCreate", &stream, 1U) == CUDA_SUCCESS;
    struct Counter {
      int next = 0;
      bool good = true;
    } counter;
    struct Step {
      Counter* counter;
      int number;
    } steps[50];
    for (int i = 0; i < 50; ++i) {
      steps[i] = {&counter, i};
      good = call(
                 "cuLaunchHostFunc", stream,
                 +[](void* data) {
                   const Step& step = *static_cast<Step*>(data);
                   step.counter->good = step.counter->next == step.number && step.counter->good;
                   ++step.counter->next;
                 },
                 static_cast<void*>(&steps[i])) == CUDA_SUCCESS &&
             good;
    }
    good = call("cuStreamSynchronize", stream) == CUDA_SUCCESS && good;
    if (!good || !counter.good || counter.next != 50) ++wrong;
    call("cuStreamDestroy_v2", stream);
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("no thread outlives the work it was made for") {
  const CurrentContext context;
  const auto threads = [] {
    std::ifstream status("/proc/self/status");
    std::string word;
    int count = 0;
    while (status >> word) {
      if (word == "Threads:") status >> count;
    }
    return count;
  };
  int before = threads();
  for (int still = 0; still < 50; ++still) {  // those of the tests before this one may still be ending
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (const int now = threads(); now != before) before = now, still = 0;
  }
  {
    const Stream stream;
    Gate gate(stream.handle);
    CHECK(threads() == before + 1);
  }
  for (int i = 0; i < 1000 && threads() != before; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CHECK(threads() == before);
}

TEST_CASE("no stream captures") {
  const CurrentContext context;
  const Stream stream;
  int status = -1;
  for (const char* question :
       {"cuStreamIsCapturing", "cuStreamGetCaptureInfo", "cuStreamGetCaptureInfo_v2", "cuStreamGetCaptureInfo_v3"}) {
    status = -1;
    CHECK_OK(question, stream.handle, &status);
    CHECK(status == 0);
  }
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuStreamBeginCapture_v2", stream.handle, 0);
  CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuStreamBeginCapture_v2",
               reinterpret_cast<CUstream>(std::uintptr_t{0x123450}), 0);
  int mode = 2;
  CHECK_OK("cuThreadExchangeStreamCaptureMode", &mode);
  CHECK(mode == 0);
  CHECK_OK("cuThreadExchangeStreamCaptureMode", &mode);
  CHECK(mode == 2);
}

TEST_CASE("handles of nothing, of another kind and of the dead are refused") {
  const CurrentContext context;
  Event event;
  CUstream dead = nullptr;
  CHECK_OK("cuStreamCreate", &dead, 0U);
  CHECK_OK("cuStreamDestroy_v2", dead);
  for (const CUstream stream :
       {dead, reinterpret_cast<CUstream>(event.handle), reinterpret_cast<CUstream>(std::uintptr_t{0xdeadbeef}),
        reinterpret_cast<CUstream>(~std::uintptr_t{0})}) {
    CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuStreamQuery", stream);
    CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuStreamSynchronize", stream);
    CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuEventRecord", event.handle, stream);
    CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuMemcpyAsync", CUdeviceptr{0}, CUdeviceptr{0}, std::size_t{0}, stream);
    CHECK_RESULT(CUDA_ERROR_INVALID_HANDLE, "cuStreamDestroy_v2", stream);
  }
}

TEST_CASE("every argument null: an answer, never a crash") {
  std::ifstream list(VGPU_LIBCUDA_LIST);
  REQUIRE(list.good());
  const CurrentContext context;
  int asked = 0;
  for (std::string line; std::getline(list, line);) {
    const std::string name = line.substr(0, line.find(' '));
    bool ours = false;
    for (const char* start :
         {"cuStream", "cuEvent", "cuMem", "cuPointer", "cuIpc", "cuLaunchHostFunc", "cuDeviceGetMemPool",
          "cuDeviceGetDefaultMemPool", "cuDeviceSetMemPool", "cuThreadExchange"}) {
      ours = ours || name.rfind(start, 0) == 0;
    }
    if (!ours) continue;
    ++asked;
    const std::uint64_t z = 0;
    INFO(name);
    const int result = call(name.c_str(), z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z);
    CHECK(result >= 0);
    CHECK(result <= CUDA_ERROR_UNKNOWN);
  }
  CHECK(asked > 200);
}
