// What a driver answers at the edges of streams, events and memory. Prints one line for each question.
// driver_behaviour.expected is what the real driver 580.159.04 printed on an H100 with
//   driver_behaviour libcuda.so.1
// so the shim is held against a real one, not against what we believe of it. Nothing that depends on the kind of device is
// printed, and nothing is asked that crashes a real driver: it believes in handles and in most pointers to answers.
#include <dlfcn.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "shims/cuda/types.h"

using namespace vgpu::cuda;

namespace {

void* library = nullptr;

void* address(const char* name) {
  void* function = dlsym(library, name);
  if (function == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    std::exit(2);
  }
  return function;
}

template <class... Arguments>
int call(const char* name, Arguments... arguments) {
  return reinterpret_cast<int (*)(Arguments...)>(address(name))(arguments...);
}

const char* name_of(int result) {
  switch (result) {
#define VGPU_CUDA_RESULT(name, value, message) \
  case value:                                  \
    return #name;
    VGPU_CUDA_RESULTS(VGPU_CUDA_RESULT)
#undef VGPU_CUDA_RESULT
    default: return "?";
  }
}

void show(const char* what, int result) { std::printf("%-62s %s\n", what, name_of(result)); }
#define SHOW(what, ...) show(what, call(__VA_ARGS__))
template <class Value>
void print(const char* what, Value value) {
  std::printf("  %-60s %lld\n", what, static_cast<long long>(value));
}

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr CUdeviceptr kNowhere = 0x10;
const CUstream kDefault = nullptr;
const CUevent kNoEvent = nullptr;
void* const kNothing = nullptr;

CUstream pointer_stream(std::uintptr_t number) { return reinterpret_cast<CUstream>(number); }

CUdeviceptr allocate(std::size_t bytes) {
  CUdeviceptr pointer = 0;
  call("cuMemAlloc_v2", &pointer, bytes);
  return pointer;
}
void release(CUdeviceptr pointer) { call("cuMemFree_v2", pointer); }

CUdeviceptr number(const void* pointer) { return reinterpret_cast<CUdeviceptr>(pointer); }

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
  SHOW("busy: cuMemsetD8Async behind it", "cuMemsetD8Async", device, static_cast<unsigned char>(4), std::size_t{4096}, blocking);
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

void plain_memory() {
  CUdeviceptr pointer = 0;
  std::size_t pitch = 0;
  std::size_t size = 0;
  SHOW("cuMemAlloc of 0", "cuMemAlloc_v2", &pointer, std::size_t{0});
  SHOW("cuMemAlloc null", "cuMemAlloc_v2", static_cast<CUdeviceptr*>(nullptr), kMiB);
  SHOW("cuMemAlloc of SIZE_MAX", "cuMemAlloc_v2", &pointer, SIZE_MAX);
  SHOW("cuMemAllocPitch of 0", "cuMemAllocPitch_v2", &pointer, &pitch, std::size_t{0}, std::size_t{4}, 4U);
  SHOW("cuMemAllocPitch with element 3", "cuMemAllocPitch_v2", &pointer, &pitch, std::size_t{100}, std::size_t{4}, 3U);
  SHOW("cuMemAllocManaged with flags 0", "cuMemAllocManaged", &pointer, kMiB, 0U);
  SHOW("cuMemAllocManaged with flags 4", "cuMemAllocManaged", &pointer, kMiB, 4U);
  SHOW("cuMemAllocManaged of 0", "cuMemAllocManaged", &pointer, std::size_t{0}, 1U);
  SHOW("cuMemFree null", "cuMemFree_v2", CUdeviceptr{0});
  SHOW("cuMemFree nowhere", "cuMemFree_v2", kNowhere);
  pointer = allocate(1000);
  SHOW("cuMemFree of the middle", "cuMemFree_v2", pointer + 512);
  SHOW("cuMemGetAddressRange", "cuMemGetAddressRange_v2", kNothing, &size, pointer + 999);
  print("size", size);
  SHOW("cuMemGetAddressRange nowhere", "cuMemGetAddressRange_v2", kNothing, &size, kNowhere);
  SHOW("cuMemGetInfo null", "cuMemGetInfo_v2", kNothing, &size);
  SHOW("cuMemFree", "cuMemFree_v2", pointer);
  SHOW("cuMemFree again", "cuMemFree_v2", pointer);
}

void host_memory() {
  void* host = nullptr;
  unsigned flags = 0;
  CUdeviceptr device = 0;
  host = &flags;
  SHOW("cuMemHostAlloc of 0", "cuMemHostAlloc", &host, std::size_t{0}, 0U);
  print("null", host == nullptr);
  SHOW("cuMemHostAlloc null", "cuMemHostAlloc", kNothing, kMiB, 0U);
  SHOW("cuMemHostAlloc with flags 8", "cuMemHostAlloc", &host, kMiB, 8U);
  SHOW("cuMemAllocHost of 0", "cuMemAllocHost_v2", &host, std::size_t{0});
  for (const unsigned wanted : {0U, 1U, 4U}) {
    SHOW("cuMemHostAlloc", "cuMemHostAlloc", &host, kMiB, wanted);
    SHOW("cuMemHostGetFlags", "cuMemHostGetFlags", &flags, host);
    print("flags", flags);
    SHOW("cuMemFreeHost", "cuMemFreeHost", host);
  }
  SHOW("cuMemAllocHost", "cuMemAllocHost_v2", &host, kMiB);
  SHOW("cuMemHostGetFlags", "cuMemHostGetFlags", &flags, host);
  print("flags", flags);
  SHOW("cuMemHostGetFlags null", "cuMemHostGetFlags", kNothing, host);
  SHOW("cuMemHostGetDevicePointer null", "cuMemHostGetDevicePointer_v2", kNothing, host, 0U);
  SHOW("cuMemHostGetDevicePointer with flags 1", "cuMemHostGetDevicePointer_v2", &device, host, 1U);
  SHOW("cuMemHostGetDevicePointer", "cuMemHostGetDevicePointer_v2", &device, host, 0U);
  SHOW("cuMemHostUnregister of allocated memory", "cuMemHostUnregister", host);
  SHOW("cuMemFree of host memory", "cuMemFree_v2", number(host));
  SHOW("cuMemFreeHost", "cuMemFreeHost", host);
  SHOW("cuMemFreeHost again", "cuMemFreeHost", host);
  SHOW("cuMemFreeHost null", "cuMemFreeHost", kNothing);
  std::vector<char> plain(4 * kMiB);
  void* const at = plain.data();
  SHOW("cuMemHostRegister null", "cuMemHostRegister_v2", kNothing, kMiB, 0U);
  SHOW("cuMemHostRegister of 0", "cuMemHostRegister_v2", at, std::size_t{0}, 0U);
  SHOW("cuMemHostRegister with flags 0x80", "cuMemHostRegister_v2", at, kMiB, 0x80U);
  SHOW("cuMemHostRegister of what is not mapped", "cuMemHostRegister_v2", reinterpret_cast<void*>(std::uintptr_t{0x10000}), kMiB, 0U);
  SHOW("cuMemHostRegister", "cuMemHostRegister_v2", at, kMiB, 1U);
  SHOW("cuMemHostGetFlags", "cuMemHostGetFlags", &flags, at);
  print("flags", flags);
  SHOW("cuMemHostGetDevicePointer", "cuMemHostGetDevicePointer_v2", &device, at, 0U);
  SHOW("cuMemHostRegister again", "cuMemHostRegister_v2", at, kMiB, 0U);
  SHOW("cuMemFreeHost of registered memory", "cuMemFreeHost", at);
  SHOW("cuMemHostUnregister null", "cuMemHostUnregister", kNothing);
  SHOW("cuMemHostUnregister of the middle", "cuMemHostUnregister", static_cast<void*>(plain.data() + 4096));
  SHOW("cuMemHostUnregister", "cuMemHostUnregister", at);
  SHOW("cuMemHostUnregister again", "cuMemHostUnregister", at);
}

void attributes_of(const char* kind, CUdeviceptr pointer) {
  for (int attribute = 0; attribute <= 22; ++attribute) {
    if (attribute == CU_POINTER_ATTRIBUTE_P2P_TOKENS || attribute == CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE) continue;
    // What depends on the device or its driver's options.
    const bool told = attribute == CU_POINTER_ATTRIBUTE_MEMORY_TYPE || attribute == CU_POINTER_ATTRIBUTE_IS_MANAGED ||
                      attribute == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL || attribute == CU_POINTER_ATTRIBUTE_RANGE_SIZE ||
                      attribute == CU_POINTER_ATTRIBUTE_MAPPED || attribute == CU_POINTER_ATTRIBUTE_ACCESS_FLAGS ||
                      attribute == CU_POINTER_ATTRIBUTE_SYNC_MEMOPS;
    unsigned char answer[64];
    std::memset(answer, 0x55, sizeof answer);
    char what[80];
    std::snprintf(what, sizeof what, "cuPointerGetAttribute %d of %s", attribute, kind);
    SHOW(what, "cuPointerGetAttribute", static_cast<void*>(answer), attribute, pointer);
    std::size_t written = sizeof answer;
    while (written > 0 && answer[written - 1] == 0x55) --written;
    std::uint64_t value = 0;
    std::memcpy(&value, answer, written < 8 ? written : 8);
    if (written != 0) print("bytes", written);
    if (told && written != 0) print("value", value);
    unsigned char several[64];
    std::memset(several, 0x55, sizeof several);
    void* values[] = {several};
    std::snprintf(what, sizeof what, "cuPointerGetAttributes %d of %s", attribute, kind);
    SHOW(what, "cuPointerGetAttributes", 1U, &attribute, &values[0], pointer);
    std::size_t several_written = sizeof several;
    while (several_written > 0 && several[several_written - 1] == 0x55) --several_written;
    if (several_written != written) print("bytes", several_written);
    if (written == 0 && several_written != 0) {
      value = 0;
      std::memcpy(&value, several, several_written < 8 ? several_written : 8);
      print("value", attribute == CU_POINTER_ATTRIBUTE_HOST_POINTER ? std::uint64_t{value == pointer} : value);
    }
  }
}

void pointers() {
  CUdeviceptr pointer = allocate(kMiB);
  void* host = nullptr;
  int local = 0;
  attributes_of("device memory", pointer + 100);
  int on = 1;
  SHOW("cuPointerSetAttribute", "cuPointerSetAttribute", &on, 6, pointer);
  SHOW("cuPointerSetAttribute null", "cuPointerSetAttribute", kNothing, 6, pointer);
  SHOW("cuPointerSetAttribute 2", "cuPointerSetAttribute", &on, 2, pointer);
  SHOW("cuPointerSetAttribute of plain memory", "cuPointerSetAttribute", &on, 6, number(&local));
  SHOW("cuPointerGetAttribute null", "cuPointerGetAttribute", kNothing, 2, pointer);
  SHOW("cuPointerGetAttributes of none", "cuPointerGetAttributes", 0U, kNothing, kNothing, pointer);
  release(pointer);
  call("cuMemHostAlloc", &host, kMiB, 0U);
  attributes_of("host memory", number(host));
  SHOW("cuPointerSetAttribute of host memory", "cuPointerSetAttribute", &on, 6, number(host));
  call("cuMemFreeHost", host);
  call("cuMemAllocManaged", &pointer, kMiB, 1U);
  attributes_of("managed memory", pointer);
  release(pointer);
  call("cuMemAllocAsync", &pointer, kMiB, kDefault);
  call("cuStreamSynchronize", kDefault);
  attributes_of("pooled memory", pointer);
  release(pointer);
  std::vector<char> plain(2 * kMiB);
  call("cuMemHostRegister_v2", static_cast<void*>(plain.data()), kMiB, 0U);
  attributes_of("registered memory", number(plain.data()));
  call("cuMemHostUnregister", static_cast<void*>(plain.data()));
  attributes_of("plain memory", number(&local));
}

void copies() {
  constexpr std::size_t kSize = 4096;
  const CUdeviceptr device = allocate(kSize);
  const CUdeviceptr other = allocate(kSize);
  std::vector<char> plain(2 * kSize, 1);
  const CUdeviceptr host = number(plain.data());
  void* const at = plain.data();
  SHOW("cuMemcpy host to device", "cuMemcpy", device, host, kSize);
  SHOW("cuMemcpy host to host", "cuMemcpy", host, host + kSize, kSize);
  SHOW("cuMemcpy of 0 nowhere", "cuMemcpy", kNowhere, kNowhere, std::size_t{0});
  SHOW("cuMemcpy to null", "cuMemcpy", CUdeviceptr{0}, host, kSize);
  SHOW("cuMemcpyHtoD", "cuMemcpyHtoD_v2", device, at, kSize);
  SHOW("cuMemcpyHtoD to plain memory", "cuMemcpyHtoD_v2", host + kSize, at, kSize);
  SHOW("cuMemcpyHtoD from device memory", "cuMemcpyHtoD_v2", other, reinterpret_cast<void*>(device), kSize);
  SHOW("cuMemcpyHtoD from null", "cuMemcpyHtoD_v2", device, kNothing, kSize);
  SHOW("cuMemcpyDtoH", "cuMemcpyDtoH_v2", at, device, kSize);
  SHOW("cuMemcpyDtoH from plain memory", "cuMemcpyDtoH_v2", at, host + kSize, kSize);
  SHOW("cuMemcpyDtoH to device memory", "cuMemcpyDtoH_v2", reinterpret_cast<void*>(other), device, kSize);
  SHOW("cuMemcpyDtoH to null", "cuMemcpyDtoH_v2", kNothing, device, kSize);
  SHOW("cuMemcpyDtoD", "cuMemcpyDtoD_v2", other, device, kSize);
  SHOW("cuMemcpyDtoD from plain memory", "cuMemcpyDtoD_v2", other, host, kSize);
  SHOW("cuMemcpyDtoD of 0 nowhere", "cuMemcpyDtoD_v2", kNowhere, kNowhere, std::size_t{0});
  CUcontext context = nullptr;
  const CUcontext no_context = nullptr;
  call("cuCtxGetCurrent", &context);
  SHOW("cuMemcpyPeer", "cuMemcpyPeer", other, context, device, context, kSize);
  SHOW("cuMemcpyPeer without a context", "cuMemcpyPeer", other, no_context, device, context, kSize);
  CUDA_MEMCPY2D flat = {};
  SHOW("cuMemcpy2D null", "cuMemcpy2D_v2", static_cast<const CUDA_MEMCPY2D*>(nullptr));
  SHOW("cuMemcpy2D of nothing", "cuMemcpy2D_v2", static_cast<const CUDA_MEMCPY2D*>(&flat));
  flat.srcMemoryType = CU_MEMORYTYPE_HOST;
  flat.srcHost = at;
  flat.srcPitch = 64;
  flat.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  flat.dstDevice = device;
  flat.dstPitch = 128;
  SHOW("cuMemcpy2D of size 0", "cuMemcpy2D_v2", static_cast<const CUDA_MEMCPY2D*>(&flat));
  const auto copy2d = [&](const char* what, const CUDA_MEMCPY2D& copy) {
    show(what, call("cuMemcpy2D_v2", &copy));
    char unaligned[80];
    std::snprintf(unaligned, sizeof unaligned, "%s, unaligned", what);
    show(unaligned, call("cuMemcpy2DUnaligned_v2", &copy));
  };
  flat.WidthInBytes = 60;
  flat.Height = 8;
  copy2d("cuMemcpy2D", flat);
  flat.dstPitch = 32;
  copy2d("cuMemcpy2D wider than the target's pitch", flat);
  flat.Height = 1;
  copy2d("cuMemcpy2D wider than the target's pitch, one row", flat);
  flat.dstPitch = 0;
  copy2d("cuMemcpy2D with pitch 0, one row", flat);
  flat.Height = 8;
  copy2d("cuMemcpy2D with pitch 0", flat);
  flat.dstPitch = 128;
  flat.dstXInBytes = 100;
  copy2d("cuMemcpy2D over the end of the rows", flat);
  flat.dstXInBytes = 0;
  flat.srcMemoryType = static_cast<CUmemorytype>(9);
  copy2d("cuMemcpy2D with memory type 9", flat);
  flat.srcMemoryType = CU_MEMORYTYPE_ARRAY;
  copy2d("cuMemcpy2D from an array that is null", flat);
  flat.srcMemoryType = CU_MEMORYTYPE_UNIFIED;
  flat.srcDevice = host;
  copy2d("cuMemcpy2D from a unified address", flat);
  CUDA_MEMCPY3D box = {};
  SHOW("cuMemcpy3D null", "cuMemcpy3D_v2", static_cast<const CUDA_MEMCPY3D*>(nullptr));
  box.srcMemoryType = CU_MEMORYTYPE_HOST;
  box.srcHost = at;
  box.srcPitch = 64;
  box.srcHeight = 4;
  box.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  box.dstDevice = device;
  box.dstPitch = 64;
  box.dstHeight = 4;
  const auto copy3d = [&](const char* what) { show(what, call("cuMemcpy3D_v2", &box)); };
  copy3d("cuMemcpy3D of size 0");
  box.WidthInBytes = 32;
  box.Height = 4;
  box.Depth = 4;
  copy3d("cuMemcpy3D");
  box.dstHeight = 3;
  copy3d("cuMemcpy3D higher than its layers");
  box.dstHeight = 0;
  copy3d("cuMemcpy3D with layers of height 0");
  box.dstHeight = 4;
  box.srcLOD = 1;
  copy3d("cuMemcpy3D with a level");
  box.srcLOD = 0;
  box.dstPitch = 16;
  copy3d("cuMemcpy3D wider than the pitch");
  call("cuMemFree_v2", device);
  call("cuMemFree_v2", other);
}

void fills() {
  const CUdeviceptr device = allocate(4096);
  std::vector<unsigned char> plain(4096);
  const auto byte = static_cast<unsigned char>(1);
  const auto word = static_cast<unsigned short>(1);
  SHOW("cuMemsetD8", "cuMemsetD8_v2", device, byte, std::size_t{4096});
  SHOW("cuMemsetD8 of 0", "cuMemsetD8_v2", device, byte, std::size_t{0});
  SHOW("cuMemsetD8 of 0 nowhere", "cuMemsetD8_v2", kNowhere, byte, std::size_t{0});
  SHOW("cuMemsetD8 at null", "cuMemsetD8_v2", CUdeviceptr{0}, byte, std::size_t{1});
  SHOW("cuMemsetD8 of plain memory", "cuMemsetD8_v2", number(plain.data()), byte, std::size_t{1});
  SHOW("cuMemsetD16 at an odd address", "cuMemsetD16_v2", device + 1, word, std::size_t{1});
  SHOW("cuMemsetD32 at an odd address", "cuMemsetD32_v2", device + 2, 1U, std::size_t{1});
  SHOW("cuMemsetD2D8", "cuMemsetD2D8_v2", device, std::size_t{128}, byte, std::size_t{60}, std::size_t{8});
  SHOW("cuMemsetD2D8 wider than the pitch", "cuMemsetD2D8_v2", device, std::size_t{32}, byte, std::size_t{60}, std::size_t{8});
  SHOW("cuMemsetD2D8 wider than the pitch, one row", "cuMemsetD2D8_v2", device, std::size_t{32}, byte, std::size_t{60}, std::size_t{1});
  SHOW("cuMemsetD2D8 with pitch 0, one row", "cuMemsetD2D8_v2", device, std::size_t{0}, byte, std::size_t{60}, std::size_t{1});
  SHOW("cuMemsetD2D8 of width 0", "cuMemsetD2D8_v2", device, std::size_t{32}, byte, std::size_t{0}, std::size_t{8});
  SHOW("cuMemsetD2D16 with an odd pitch", "cuMemsetD2D16_v2", device, std::size_t{129}, word, std::size_t{4}, std::size_t{8});
  SHOW("cuMemsetD2D32 with pitch 130", "cuMemsetD2D32_v2", device, std::size_t{130}, 1U, std::size_t{4}, std::size_t{8});
  release(device);
}

void managed() {
  CUdeviceptr pointer = 0;
  int answer[3] = {77, 77, 77};
  void* const out = answer;
  call("cuMemAllocManaged", &pointer, kMiB, 1U);
  for (int attribute = 0; attribute <= 9; ++attribute) {
    char what[80];
    std::snprintf(what, sizeof what, "cuMemRangeGetAttribute %d", attribute);
    answer[0] = 77;
    SHOW(what, "cuMemRangeGetAttribute", out, std::size_t{4}, attribute, pointer, kMiB);
    print("value", answer[0]);
  }
  SHOW("cuMemAdvise 0", "cuMemAdvise", pointer, kMiB, 0, 0);
  SHOW("cuMemAdvise 7", "cuMemAdvise", pointer, kMiB, 7, 0);
  SHOW("cuMemAdvise read mostly", "cuMemAdvise", pointer, kMiB, 1, 0);
  SHOW("cuMemAdvise preferred location device 64", "cuMemAdvise", pointer, kMiB, 3, 64);
  SHOW("cuMemAdvise preferred location", "cuMemAdvise", pointer, kMiB, 3, 0);
  SHOW("cuMemAdvise accessed by the host", "cuMemAdvise", pointer, kMiB, 5, -1);
  SHOW("cuMemAdvise of 0 bytes", "cuMemAdvise", pointer, std::size_t{0}, 1, 0);
  SHOW("cuMemAdvise over the end", "cuMemAdvise", pointer, 4 * kMiB, 1, 0);
  SHOW("cuMemAdvise nowhere", "cuMemAdvise", kNowhere, kMiB, 1, 0);
  SHOW("cuMemPrefetchAsync", "cuMemPrefetchAsync", pointer, kMiB, 0, kDefault);
  SHOW("cuMemPrefetchAsync to the host", "cuMemPrefetchAsync", pointer, kMiB, -1, kDefault);
  SHOW("cuMemPrefetchAsync to device 64", "cuMemPrefetchAsync", pointer, kMiB, 64, kDefault);
  SHOW("cuMemPrefetchAsync of 0 bytes", "cuMemPrefetchAsync", pointer, std::size_t{0}, 0, kDefault);
  SHOW("cuMemPrefetchAsync nowhere", "cuMemPrefetchAsync", kNowhere, kMiB, 0, kDefault);
  for (int attribute = 1; attribute <= 8; ++attribute) {
    char what[80];
    std::snprintf(what, sizeof what, "cuMemRangeGetAttribute %d after advice", attribute);
    SHOW(what, "cuMemRangeGetAttribute", out, std::size_t{4}, attribute, pointer, kMiB);
    print("value", answer[0]);
  }
  SHOW("cuMemRangeGetAttribute accessed by, into 12 bytes", "cuMemRangeGetAttribute", out, std::size_t{12}, 3, pointer, kMiB);
  for (const int one : answer) print("value", one);
  SHOW("cuMemRangeGetAttribute into 8 bytes", "cuMemRangeGetAttribute", out, std::size_t{8}, 1, pointer, kMiB);
  SHOW("cuMemRangeGetAttribute accessed by, into 6 bytes", "cuMemRangeGetAttribute", out, std::size_t{6}, 3, pointer, kMiB);
  SHOW("cuMemRangeGetAttribute null", "cuMemRangeGetAttribute", kNothing, std::size_t{4}, 1, pointer, kMiB);
  SHOW("cuStreamAttachMemAsync", "cuStreamAttachMemAsync", kDefault, pointer, std::size_t{0}, 1U);
  SHOW("cuStreamAttachMemAsync single to the default stream", "cuStreamAttachMemAsync", kDefault, pointer, std::size_t{0}, 4U);
  SHOW("cuStreamAttachMemAsync with flags 8", "cuStreamAttachMemAsync", kDefault, pointer, std::size_t{0}, 8U);
  SHOW("cuStreamAttachMemAsync of a part", "cuStreamAttachMemAsync", kDefault, pointer, std::size_t{4096}, 1U);
  release(pointer);
  pointer = allocate(kMiB);
  SHOW("cuMemAdvise of device memory", "cuMemAdvise", pointer, kMiB, 1, 0);
  SHOW("cuMemPrefetchAsync of device memory", "cuMemPrefetchAsync", pointer, kMiB, 0, kDefault);
  SHOW("cuMemRangeGetAttribute of device memory", "cuMemRangeGetAttribute", out, std::size_t{4}, 1, pointer, kMiB);
  SHOW("cuStreamAttachMemAsync of device memory", "cuStreamAttachMemAsync", kDefault, pointer, std::size_t{0}, 1U);
  release(pointer);
}

void pools() {
  CUmemoryPool pool = nullptr;
  CUmemoryPool made = nullptr;
  const CUmemoryPool no_pool = nullptr;
  CUdeviceptr pointer = 0;
  std::uint64_t value = 77;
  int flags = 77;
  void* const out = &value;
  pointer = 77;
  SHOW("cuMemAllocAsync of 0", "cuMemAllocAsync", &pointer, std::size_t{0}, kDefault);
  print("pointer", pointer);
  SHOW("cuMemAllocAsync null", "cuMemAllocAsync", static_cast<CUdeviceptr*>(nullptr), kMiB, kDefault);
  SHOW("cuMemAllocFromPoolAsync of no pool", "cuMemAllocFromPoolAsync", &pointer, kMiB, no_pool, kDefault);
  SHOW("cuMemFreeAsync null", "cuMemFreeAsync", CUdeviceptr{0}, kDefault);
  SHOW("cuMemFreeAsync nowhere", "cuMemFreeAsync", kNowhere, kDefault);
  SHOW("cuDeviceGetDefaultMemPool null", "cuDeviceGetDefaultMemPool", static_cast<CUmemoryPool*>(nullptr), 0);
  SHOW("cuDeviceGetDefaultMemPool of device 64", "cuDeviceGetDefaultMemPool", &pool, 64);
  SHOW("cuDeviceGetDefaultMemPool", "cuDeviceGetDefaultMemPool", &pool, 0);
  SHOW("cuDeviceGetMemPool", "cuDeviceGetMemPool", &made, 0);
  print("is the default", pool == made);
  for (int attribute = 0; attribute <= 5; ++attribute) {
    char what[80];
    std::snprintf(what, sizeof what, "cuMemPoolGetAttribute %d", attribute);
    value = 0x5555555555555555;
    SHOW(what, "cuMemPoolGetAttribute", pool, attribute, out);
    if (attribute < 5) print("value", value);
  }
  SHOW("cuMemPoolGetAttribute null", "cuMemPoolGetAttribute", pool, 4, kNothing);
  SHOW("cuMemPoolGetAttribute of no pool", "cuMemPoolGetAttribute", no_pool, 4, out);
  value = 1;
  for (int attribute = 0; attribute <= 9; ++attribute) {
    char what[80];
    std::snprintf(what, sizeof what, "cuMemPoolSetAttribute %d to 1", attribute);
    SHOW(what, "cuMemPoolSetAttribute", pool, attribute, out);
  }
  value = 0;
  SHOW("cuMemPoolSetAttribute used high to 0", "cuMemPoolSetAttribute", pool, 8, out);
  SHOW("cuMemPoolSetAttribute release threshold to 0", "cuMemPoolSetAttribute", pool, 4, out);
  SHOW("cuMemPoolDestroy of the default pool", "cuMemPoolDestroy", pool);
  SHOW("cuMemPoolDestroy of no pool", "cuMemPoolDestroy", no_pool);
  SHOW("cuMemPoolTrimTo", "cuMemPoolTrimTo", pool, std::size_t{0});
  CUmemLocation location = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
  CUmemAccessDesc access = {location, 0};
  SHOW("cuMemPoolGetAccess", "cuMemPoolGetAccess", &flags, pool, &location);
  print("flags", flags);
  SHOW("cuMemPoolSetAccess none for its own device", "cuMemPoolSetAccess", pool, static_cast<const CUmemAccessDesc*>(&access), std::size_t{1});
  access.flags = 3;
  SHOW("cuMemPoolSetAccess all for its own device", "cuMemPoolSetAccess", pool, static_cast<const CUmemAccessDesc*>(&access), std::size_t{1});
  SHOW("cuMemPoolSetAccess of none", "cuMemPoolSetAccess", pool, static_cast<const CUmemAccessDesc*>(&access), std::size_t{0});
  location.id = 64;
  SHOW("cuMemPoolGetAccess of device 64", "cuMemPoolGetAccess", &flags, pool, &location);
  CUmemPoolProps properties = {};
  const CUmemPoolProps* const wanted = &properties;
  SHOW("cuMemPoolCreate null", "cuMemPoolCreate", static_cast<CUmemoryPool*>(nullptr), wanted);
  SHOW("cuMemPoolCreate of nothing", "cuMemPoolCreate", &made, wanted);
  properties.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, 64};
  SHOW("cuMemPoolCreate on device 64", "cuMemPoolCreate", &made, wanted);
  properties.location.id = 0;
  properties.reserved[3] = 1;
  SHOW("cuMemPoolCreate with a reserved byte", "cuMemPoolCreate", &made, wanted);
  properties.reserved[3] = 0;
  properties.maxSize = 64 * kMiB;
  SHOW("cuMemPoolCreate of 64 MiB", "cuMemPoolCreate", &made, wanted);
  SHOW("cuMemAllocFromPoolAsync of 65 MiB", "cuMemAllocFromPoolAsync", &pointer, 65 * kMiB, made, kDefault);
  SHOW("cuMemAllocFromPoolAsync of 33 MiB", "cuMemAllocFromPoolAsync", &pointer, 33 * kMiB, made, kDefault);
  SHOW("cuDeviceSetMemPool", "cuDeviceSetMemPool", 0, made);
  SHOW("cuDeviceSetMemPool null", "cuDeviceSetMemPool", 0, no_pool);
  SHOW("cuMemPoolDestroy", "cuMemPoolDestroy", made);
  call("cuDeviceGetMemPool", &made, 0);
  print("is the default again", made == pool);
  SHOW("cuMemFreeAsync of its memory", "cuMemFreeAsync", pointer, kDefault);
  SHOW("cuMemFreeAsync again", "cuMemFreeAsync", pointer, kDefault);
  pointer = allocate(kMiB);
  SHOW("cuMemFreeAsync of the middle", "cuMemFreeAsync", pointer + 512, kDefault);
  SHOW("cuMemFreeAsync of memory of cuMemAlloc", "cuMemFreeAsync", pointer, kDefault);
  SHOW("cuStreamSynchronize", "cuStreamSynchronize", kDefault);
}

void values() {
  const CUdeviceptr device = allocate(64);
  std::uint32_t narrow = 0;
  std::vector<std::uint32_t> plain(4);
  call("cuMemsetD8_v2", device, static_cast<unsigned char>(0), std::size_t{64});
  SHOW("cuStreamWriteValue32", "cuStreamWriteValue32_v2", kDefault, device, std::uint32_t{5}, 0U);
  SHOW("cuStreamWriteValue32 without a barrier", "cuStreamWriteValue32_v2", kDefault, device, std::uint32_t{6}, 1U);
  SHOW("cuStreamWriteValue32 with flags 4", "cuStreamWriteValue32_v2", kDefault, device, std::uint32_t{6}, 4U);
  SHOW("cuStreamWriteValue32 at an odd address", "cuStreamWriteValue32_v2", kDefault, device + 2, std::uint32_t{6}, 0U);
  SHOW("cuStreamWriteValue64 at an odd address", "cuStreamWriteValue64_v2", kDefault, device + 4, std::uint64_t{6}, 0U);
  SHOW("cuStreamWriteValue32 at null", "cuStreamWriteValue32_v2", kDefault, CUdeviceptr{0}, std::uint32_t{6}, 0U);
  SHOW("cuStreamWriteValue32 of plain memory", "cuStreamWriteValue32_v2", kDefault, number(plain.data()), std::uint32_t{6}, 0U);
  SHOW("cuStreamWaitValue32 equal", "cuStreamWaitValue32_v2", kDefault, device, std::uint32_t{5}, 1U);
  SHOW("cuStreamWaitValue32 greater", "cuStreamWaitValue32_v2", kDefault, device, std::uint32_t{4}, 0U);
  SHOW("cuStreamWaitValue32 and", "cuStreamWaitValue32_v2", kDefault, device, std::uint32_t{4}, 2U);
  SHOW("cuStreamWaitValue32 nor", "cuStreamWaitValue32_v2", kDefault, device, std::uint32_t{1}, 3U);
  SHOW("cuStreamWaitValue32 with flags 4", "cuStreamWaitValue32_v2", kDefault, device, std::uint32_t{6}, 4U);
  SHOW("cuStreamSynchronize", "cuStreamSynchronize", kDefault);
  CUstreamBatchMemOpParams operations[2] = {};
  operations[0].writeValue = {CU_STREAM_MEM_OP_WRITE_VALUE_32, device, {9}, 0, 0};
  operations[1].waitValue = {CU_STREAM_MEM_OP_WAIT_VALUE_32, device, {9}, 1, 0};
  SHOW("cuStreamBatchMemOp", "cuStreamBatchMemOp_v2", kDefault, 2U, &operations[0], 0U);
  SHOW("cuStreamBatchMemOp of none", "cuStreamBatchMemOp_v2", kDefault, 0U, &operations[0], 0U);
  SHOW("cuStreamBatchMemOp with flags 1", "cuStreamBatchMemOp_v2", kDefault, 2U, &operations[0], 1U);
  SHOW("cuStreamBatchMemOp of 257", "cuStreamBatchMemOp_v2", kDefault, 257U, &operations[0], 0U);
  operations[1].operation = static_cast<CUstreamBatchMemOpType>(99);
  SHOW("cuStreamBatchMemOp with operation 99", "cuStreamBatchMemOp_v2", kDefault, 2U, &operations[0], 0U);
  call("cuMemcpyDtoH_v2", static_cast<void*>(&narrow), device, sizeof narrow);
  print("value", narrow);
  release(device);
}

void batches() {
  const CUdeviceptr device = allocate(4096);
  std::vector<char> plain(4096);
  CUstream stream = nullptr;
  call("cuStreamCreate", &stream, 1U);
  CUdeviceptr to[] = {device, device + 1024};
  CUdeviceptr from[] = {number(plain.data()), number(plain.data()) + 1024};
  std::size_t sizes[] = {512, 512};
  std::size_t starts[] = {0, 1};
  CUmemcpyAttributes attributes[2] = {};
  attributes[0].srcAccessOrder = attributes[1].srcAccessOrder = 1;
  const auto batch = [&](const char* what, std::size_t count, std::size_t attribute_count, CUstream on) {
    SHOW(what, "cuMemcpyBatchAsync_v2", &to[0], &from[0], &sizes[0], count, &attributes[0], &starts[0], attribute_count, on);
  };
  batch("cuMemcpyBatchAsync", 2, 2, stream);
  batch("cuMemcpyBatchAsync of none", 0, 1, stream);
  batch("cuMemcpyBatchAsync without attributes", 2, 0, stream);
  batch("cuMemcpyBatchAsync on the default stream", 2, 1, kDefault);
  batch("cuMemcpyBatchAsync with more attributes than copies", 1, 2, stream);
  starts[0] = 1;
  batch("cuMemcpyBatchAsync with no attributes for the first", 2, 1, stream);
  starts[0] = 0;
  attributes[0].srcAccessOrder = 0;
  batch("cuMemcpyBatchAsync without an order", 2, 1, stream);
  attributes[0].srcAccessOrder = 1;
  sizes[1] = 0;
  batch("cuMemcpyBatchAsync of 0 bytes", 2, 1, stream);
  sizes[1] = 512;
  to[1] = 0;
  batch("cuMemcpyBatchAsync to null", 2, 1, stream);
  CUDA_MEMCPY3D_BATCH_OP box = {};
  box.src.type = box.dst.type = 1;
  box.src.op.ptr = {from[0], 64, 4, {}};
  box.dst.op.ptr = {to[0], 64, 4, {}};
  box.extent.width = 32;
  box.extent.height = 4;
  box.extent.depth = 2;
  box.srcAccessOrder = 1;
  SHOW("cuMemcpy3DBatchAsync", "cuMemcpy3DBatchAsync_v2", std::size_t{1}, &box, 0ULL, stream);
  SHOW("cuMemcpy3DBatchAsync with flags 1", "cuMemcpy3DBatchAsync_v2", std::size_t{1}, &box, 1ULL, stream);
  SHOW("cuMemcpy3DBatchAsync of none", "cuMemcpy3DBatchAsync_v2", std::size_t{0}, &box, 0ULL, stream);
  box.extent.width = 0;
  SHOW("cuMemcpy3DBatchAsync of width 0", "cuMemcpy3DBatchAsync_v2", std::size_t{1}, &box, 0ULL, stream);
  box.extent.width = 65;
  SHOW("cuMemcpy3DBatchAsync wider than the rows", "cuMemcpy3DBatchAsync_v2", std::size_t{1}, &box, 0ULL, stream);
  SHOW("cuStreamSynchronize", "cuStreamSynchronize", stream);
  call("cuStreamDestroy_v2", stream);
  release(device);
}

}  // namespace

int main(int count, char** arguments) {
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
  if (call("cuDevicePrimaryCtxRetain", &context, 0) != CUDA_SUCCESS || call("cuCtxSetCurrent", context) != CUDA_SUCCESS) return 2;
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
