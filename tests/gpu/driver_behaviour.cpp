// What a driver answers at the edges of streams, events and memory. Prints one line for each question.
// driver_behaviour.expected is what the real driver 580.159.04 printed on an H100 with
//   driver_behaviour libcuda.so.1
// so the shim is held against a real one, not against what we believe of it. Nothing that depends on the kind of device
// is printed, and nothing is asked that crashes a real driver: it believes in handles and in most pointers to answers.
#include <atomic>
#include <thread>

#include "tests/gpu/driver_questions.h"

namespace vgpu::questions {

void* library = nullptr;

void no_context() {
  CUdeviceptr pointer = 0;
  std::size_t size = 0;
  CUstream stream = nullptr;
  CUevent event = nullptr;
  void* host = nullptr;
  SHOW("without a context: cuMemAlloc", "cuMemAlloc_v2", &pointer, kMiB);
  SHOW("without a context: cuMemFree null", "cuMemFree_v2", CUdeviceptr{0});
  SHOW("without a context: cuMemGetInfo", "cuMemGetInfo_v2", &size, &size);
  SHOW("without a context: cuStreamCreate", "cuStreamCreate", &stream, 0U);
  SHOW("without a context: cuStreamSynchronize", "cuStreamSynchronize", kDefault);
  SHOW("without a context: cuEventCreate", "cuEventCreate", &event, 0U);
  SHOW("without a context: cuMemHostAlloc", "cuMemHostAlloc", &host, kMiB, 0U);
  SHOW("without a context: cuMemcpy", "cuMemcpy", number(&pointer), number(&size), std::size_t{4});
  SHOW("without a context: cuPointerGetAttribute", "cuPointerGetAttribute", &size, 2, number(&size));
}

void streams() {
  CUstream stream = nullptr;
  SHOW("cuStreamCreate null", "cuStreamCreate", static_cast<CUstream*>(nullptr), 0U);
  SHOW("cuStreamCreate with flags 2", "cuStreamCreate", &stream, 2U);
  SHOW("cuStreamCreate", "cuStreamCreate", &stream, 1U);
  SHOW("cuStreamQuery", "cuStreamQuery", stream);
  SHOW("cuStreamSynchronize", "cuStreamSynchronize", stream);
  int priority = 99;
  unsigned flags = 99;
  unsigned long long id = 0;
  CUcontext context = nullptr;
  CUcontext current = nullptr;
  SHOW("cuStreamGetPriority null", "cuStreamGetPriority", stream, static_cast<int*>(nullptr));
  SHOW("cuStreamGetFlags null", "cuStreamGetFlags", stream, static_cast<unsigned*>(nullptr));
  SHOW("cuStreamGetFlags", "cuStreamGetFlags", stream, &flags);
  print("flags", flags);
  SHOW("cuStreamGetFlags of the per-thread stream", "cuStreamGetFlags", pointer_stream(kStreamPerThread), &flags);
  print("flags", flags);
  SHOW("cuStreamGetId null", "cuStreamGetId", stream, static_cast<unsigned long long*>(nullptr));
  SHOW("cuStreamGetId", "cuStreamGetId", stream, &id);
  SHOW("cuStreamGetCtx null", "cuStreamGetCtx", stream, static_cast<CUcontext*>(nullptr));
  SHOW("cuStreamGetCtx", "cuStreamGetCtx", stream, &context);
  call("cuCtxGetCurrent", &current);
  print("is the current one", context == current);
  SHOW("cuStreamCreateWithPriority 99", "cuStreamCreateWithPriority", &stream, 1U, 99);
  call("cuStreamGetPriority", stream, &priority);
  print("priority", priority);
  call("cuStreamDestroy_v2", stream);
  SHOW("cuStreamCreateWithPriority -99", "cuStreamCreateWithPriority", &stream, 1U, -99);
  call("cuStreamGetPriority", stream, &priority);
  print("priority", priority);
  CUlaunchAttributeValue value = {};
  for (int attribute = 0; attribute < 12; ++attribute) {
    char what[64];
    std::snprintf(what, sizeof what, "cuStreamGetAttribute %d", attribute);
    std::memset(&value, 0x55, sizeof value);
    SHOW(what, "cuStreamGetAttribute", stream, attribute, &value);
    int first = 0;
    std::memcpy(&first, &value, sizeof first);
    if (first != 0x55555555) print("first", first);
  }
  value = {};
  value.syncPolicy = 2;
  SHOW("cuStreamSetAttribute synchronisation 2", "cuStreamSetAttribute", stream, 3, &value);
  value.syncPolicy = 9;
  SHOW("cuStreamSetAttribute synchronisation 9", "cuStreamSetAttribute", stream, 3, &value);
  value.priority = -3;
  SHOW("cuStreamSetAttribute priority -3", "cuStreamSetAttribute", stream, 8, &value);
  call("cuStreamGetPriority", stream, &priority);
  print("priority", priority);
  SHOW("cuStreamSetAttribute 99", "cuStreamSetAttribute", stream, 99, &value);
  SHOW("cuStreamCopyAttributes from the default stream", "cuStreamCopyAttributes", stream, kDefault);
  SHOW("cuStreamAddCallback without a function", "cuStreamAddCallback", stream, kNothing, kNothing, 0U);
  SHOW("cuLaunchHostFunc without a function", "cuLaunchHostFunc", stream, kNothing, kNothing);
  int status = -1;
  SHOW("cuStreamIsCapturing", "cuStreamIsCapturing", stream, &status);
  print("status", status);
  SHOW("cuStreamIsCapturing null", "cuStreamIsCapturing", stream, static_cast<int*>(nullptr));
  CUgraph graph = nullptr;
  SHOW("cuStreamEndCapture of none", "cuStreamEndCapture", stream, &graph);
  SHOW("cuStreamBeginCapture with mode 7", "cuStreamBeginCapture_v2", stream, 7);
  SHOW("cuStreamBeginCapture of the default stream", "cuStreamBeginCapture_v2", kDefault, 0);
  int mode = 9;
  SHOW("cuThreadExchangeStreamCaptureMode 9", "cuThreadExchangeStreamCaptureMode", &mode);
  SHOW("cuStreamDestroy", "cuStreamDestroy_v2", stream);
  SHOW("cuStreamDestroy of the default stream", "cuStreamDestroy_v2", kDefault);
  SHOW("cuStreamDestroy of CU_STREAM_LEGACY", "cuStreamDestroy_v2", pointer_stream(kStreamLegacy));
}

void events() {
  CUstream stream = nullptr;
  CUevent event = nullptr;
  CUevent other = nullptr;
  float milliseconds = -1;
  call("cuStreamCreate", &stream, 1U);
  SHOW("cuEventCreate null", "cuEventCreate", static_cast<CUevent*>(nullptr), 0U);
  SHOW("cuEventCreate with flags 0x80", "cuEventCreate", &event, 0x80U);
  SHOW("cuEventCreate", "cuEventCreate", &event, 0U);
  SHOW("cuEventCreate", "cuEventCreate", &other, 0U);
  SHOW("cuEventQuery before a record", "cuEventQuery", event);
  SHOW("cuEventSynchronize before a record", "cuEventSynchronize", event);
  SHOW("cuStreamWaitEvent before a record", "cuStreamWaitEvent", stream, event, 0U);
  SHOW("cuEventElapsedTime before a record", "cuEventElapsedTime", &milliseconds, event, other);
  SHOW("cuEventRecordWithFlags external", "cuEventRecordWithFlags", event, stream, 1U);
  SHOW("cuEventRecordWithFlags 2", "cuEventRecordWithFlags", event, stream, 2U);
  SHOW("cuEventRecord", "cuEventRecord", event, stream);
  SHOW("cuEventRecord on the default stream", "cuEventRecord", other, kDefault);
  SHOW("cuStreamWaitEvent external", "cuStreamWaitEvent", stream, event, 1U);
  SHOW("cuStreamWaitEvent with flags 2", "cuStreamWaitEvent", stream, event, 2U);
  SHOW("cuStreamWaitEvent null", "cuStreamWaitEvent", stream, kNoEvent, 0U);
  SHOW("cuEventRecord null", "cuEventRecord", kNoEvent, stream);
  SHOW("cuEventQuery null", "cuEventQuery", kNoEvent);
  SHOW("cuEventSynchronize null", "cuEventSynchronize", kNoEvent);
  SHOW("cuEventElapsedTime without an answer", "cuEventElapsedTime", static_cast<float*>(nullptr), event, other);
  SHOW("cuEventElapsedTime null", "cuEventElapsedTime", &milliseconds, kNoEvent, other);
  SHOW("cuEventSynchronize", "cuEventSynchronize", event);
  SHOW("cuEventSynchronize", "cuEventSynchronize", other);
  SHOW("cuEventElapsedTime", "cuEventElapsedTime", &milliseconds, event, other);
  SHOW("cuEventDestroy null", "cuEventDestroy_v2", kNoEvent);
  SHOW("cuEventDestroy", "cuEventDestroy_v2", event);
  SHOW("cuEventDestroy", "cuEventDestroy_v2", other);
  SHOW("cuStreamDestroy", "cuStreamDestroy_v2", stream);
  CUcontext context = nullptr;
  CUcontext popped = nullptr;
  call("cuStreamCreate", &stream, 0U);
  call("cuEventCreate", &event, 0U);
  call("cuEventRecord", event, stream);
  call("cuCtxCreate_v2", &context, 0U, 0);
  call("cuEventCreate", &other, 0U);
  call("cuEventRecord", other, kDefault);
  call("cuCtxSynchronize");
  SHOW("in another context: cuEventRecord of its event here", "cuEventRecord", event, kDefault);
  SHOW("in another context: cuEventRecord of its event there", "cuEventRecord", event, stream);
  SHOW("in another context: cuEventRecord of ours there", "cuEventRecord", other, stream);
  SHOW("in another context: cuStreamWaitEvent", "cuStreamWaitEvent", kDefault, event, 0U);
  SHOW("in another context: cuEventElapsedTime", "cuEventElapsedTime", &milliseconds, event, other);
  SHOW("in another context: cuStreamSynchronize", "cuStreamSynchronize", stream);
  SHOW("in another context: cuStreamDestroy", "cuStreamDestroy_v2", stream);
  SHOW("in another context: cuEventDestroy", "cuEventDestroy_v2", event);
  call("cuEventDestroy_v2", other);
  call("cuCtxPopCurrent_v2", &popped);
  call("cuCtxDestroy_v2", context);
}

// A host function that waits for the host, and what the stream answers meanwhile.
std::atomic<bool> let_go = false;
std::atomic<int> inside = -1;
void wait_for_host(void*) {
  CUdeviceptr pointer = 0;
  inside = call("cuMemAlloc_v2", &pointer, kMiB);
  while (!let_go) std::this_thread::yield();
}

void busy() {
  CUstream stream = nullptr;
  CUstream blocking = nullptr;
  CUevent event = nullptr;
  void* host = nullptr;
  const CUdeviceptr device = allocate(4096);
  call("cuStreamCreate", &stream, 1U);
  call("cuStreamCreate", &blocking, 0U);
  call("cuEventCreate", &event, 0U);
  call("cuMemHostAlloc", &host, std::size_t{4096}, 0U);
  SHOW("cuMemsetD8", "cuMemsetD8_v2", device, static_cast<unsigned char>(3), std::size_t{4096});
  std::memset(host, 1, 4096);
  SHOW("cuLaunchHostFunc", "cuLaunchHostFunc", stream, &wait_for_host, kNothing);
  SHOW("busy: cuMemcpyDtoHAsync to pinned memory", "cuMemcpyDtoHAsync_v2", host, device, std::size_t{4096}, stream);
  SHOW("busy: cuEventRecord", "cuEventRecord", event, stream);
  SHOW("busy: cuStreamQuery", "cuStreamQuery", stream);
  SHOW("busy: cuEventQuery", "cuEventQuery", event);
  SHOW("busy: cuStreamQuery of another stream", "cuStreamQuery", blocking);
  SHOW("busy: cuStreamQuery of the default stream", "cuStreamQuery", kDefault);
  SHOW("busy: cuStreamWaitEvent of another stream", "cuStreamWaitEvent", blocking, event, 0U);
  SHOW("busy: cuMemsetD8Async behind it", "cuMemsetD8Async", device, static_cast<unsigned char>(4), std::size_t{4096},
       blocking);
  SHOW("busy: cuStreamQuery of that", "cuStreamQuery", blocking);
  print("first byte", static_cast<unsigned char*>(host)[0]);
  let_go = true;
  SHOW("cuStreamSynchronize", "cuStreamSynchronize", stream);
  SHOW("in the host function: cuMemAlloc", "cuStreamQuery", stream);
  std::printf("  %-60s %s\n", "answered", name_of(inside));
  print("first byte", static_cast<unsigned char*>(host)[0]);
  SHOW("cuStreamSynchronize of the other", "cuStreamSynchronize", blocking);
  call("cuMemcpyDtoH_v2", host, device, std::size_t{4096});
  print("first byte", static_cast<unsigned char*>(host)[0]);
  SHOW("cuMemFreeHost", "cuMemFreeHost", host);
  call("cuEventDestroy_v2", event);
  call("cuStreamDestroy_v2", stream);
  call("cuStreamDestroy_v2", blocking);
  release(device);
}

}  // namespace vgpu::questions

int main(int count, char** arguments) {
  using namespace vgpu::questions;
  library = dlopen(count > 1 ? arguments[1] : "libcuda.so.1", RTLD_NOW);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  // So that what a crash leaves behind says where.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (call("cuInit", 0U) != CUDA_SUCCESS) return 2;
  no_context();
  CUcontext context = nullptr;
  if (call("cuDevicePrimaryCtxRetain", &context, 0) != CUDA_SUCCESS || call("cuCtxSetCurrent", context) != CUDA_SUCCESS)
    return 2;
  streams();
  events();
  busy();
  plain_memory();
  host_memory();
  pointers();
  copies();
  fills();
  managed();
  pools();
  values();
  batches();
  call("cuDevicePrimaryCtxRelease_v2", 0);
}
