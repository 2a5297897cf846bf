// Streams, events and callbacks of the runtime.
#include <cstdint>
#include <string>
#include <thread>

#include "tests/gpu/runtime_test.h"

using namespace vgpu::cudart;
using namespace vgpu::test;

namespace {

struct Notes {
  std::string order;
  cudaStream_t stream = nullptr;
  int status = -1;
};

void host_function(void* data) { static_cast<Notes*>(data)->order += 'h'; }

void callback(cudaStream_t stream, int status, void* data) {
  auto* notes = static_cast<Notes*>(data);
  notes->order += 'c';
  notes->stream = stream;
  notes->status = status;
}

}  // namespace

TEST_CASE("host functions and callbacks run in the order of their stream") {
  cudaStream_t stream = nullptr;
  Notes notes;
  CHECK_OK("cudaStreamCreate", &stream);
  void* data = &notes;
  CHECK_OK("cudaLaunchHostFunc", stream, &host_function, data);
  CHECK_OK("cudaStreamAddCallback", stream, &callback, data, 0U);
  CHECK_OK("cudaLaunchHostFunc", stream, &host_function, data);
  CHECK_OK("cudaStreamSynchronize", stream);
  CHECK(notes.order == "hch");
  CHECK(notes.stream == stream);
  CHECK(notes.status == 0);
  CHECK_OK("cudaStreamDestroy", stream);
}

TEST_CASE("an event that another stream waits for, and the time between two") {
  cudaStream_t one = nullptr;
  cudaStream_t two = nullptr;
  cudaEvent_t start = nullptr;
  cudaEvent_t end = nullptr;
  CHECK_OK("cudaStreamCreate", &one);
  CHECK_OK("cudaStreamCreateWithPriority", &two, 1U, 0);
  CHECK_OK("cudaEventCreate", &start);
  CHECK_OK("cudaEventCreateWithFlags", &end, 0U);
  CHECK_OK("cudaEventRecord", start, one);
  CHECK_OK("cudaStreamWaitEvent", two, start, 0U);
  CHECK_OK("cudaEventRecordWithFlags", end, two, 0U);
  CHECK_OK("cudaEventSynchronize", end);
  CHECK_OK("cudaEventQuery", end);
  float milliseconds = -1;
  CHECK_OK("cudaEventElapsedTime", &milliseconds, start, end);
  CHECK(milliseconds >= 0);
  CHECK_OK("cudaEventDestroy", start);
  CHECK_OK("cudaEventDestroy", end);
  CHECK_OK("cudaStreamDestroy", one);
  CHECK_OK("cudaStreamDestroy", two);
}

TEST_CASE("each thread has a default stream of its own") {
  const auto own = reinterpret_cast<cudaStream_t>(std::uintptr_t{2});  // cudaStreamPerThread
  const auto number = [](const char* function, cudaStream_t stream) {
    unsigned long long id = 0;
    CHECK_OK(function, stream, &id);
    return id;
  };
  const unsigned long long mine = number("cudaStreamGetId", own);
  unsigned long long other = mine;
  std::thread([&] {
    other = number("cudaStreamGetId", own);
    CHECK(number("cudaStreamGetId_ptsz", nullptr) == other);
    CHECK(number("cudaStreamGetId", nullptr) != other);
  }).join();
  CHECK(other != mine);
  CHECK(number("cudaStreamGetId_ptsz", nullptr) == mine);
}

TEST_CASE("no stream captures") {
  cudaStream_t stream = nullptr;
  int status = -1;
  CHECK_OK("cudaStreamCreate", &stream);
  CHECK_OK("cudaStreamIsCapturing", stream, &status);
  CHECK(status == 0);
  unsigned long long id = 77;
  void* graph = nullptr;
  void* dependencies = nullptr;
  void* edges = nullptr;
  std::size_t count = 0;
  status = -1;
  CHECK_OK(VGPU_CUDART_MAJOR == 12 ? "cudaStreamGetCaptureInfo_v3" : "cudaStreamGetCaptureInfo", stream, &status, &id,
           &graph, &dependencies, &edges, &count);
  CHECK(status == 0);
  CHECK(id == 77);
  CHECK_CUDA(cudaErrorNotSupported, "cudaStreamBeginCapture", stream, 0);
  CHECK_OK("cudaStreamDestroy", stream);
  CHECK_CUDA(cudaErrorNotSupported, "cudaGetLastError");
}

TEST_CASE("a device that was reset can be used again") {
  void* pointer = nullptr;
  CHECK_OK("cudaMalloc", &pointer, std::size_t{1024});
  CHECK_OK("cudaDeviceReset");
  CHECK_CUDA(cudaErrorInvalidValue, "cudaFree", pointer);
  CHECK_OK("cudaMalloc", &pointer, std::size_t{1024});
  CHECK_OK("cudaFree", pointer);
  call("cudaGetLastError");
}
