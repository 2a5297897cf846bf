// What a runtime answers at the edges: zero sizes, wrong pointers, wrong directions, wrong order. Prints one
// line for each question. runtime_behaviour.expected is what the real runtime 13.0.96 printed on an H200
// (driver 580.159.04) with
//   runtime_behaviour /usr/local/cuda/lib64/libcudart.so.13
// so the shim is held against a real one, not against what we believe of it. Nothing that depends on the kind
// of device is printed.
#include <pthread.h>

#include "tests/gpu/runtime_questions.h"

namespace vgpu::questions {

const vgpu::test::RuntimeLibrary* library = nullptr;

void streams_and_events() {
  Stream stream = nullptr;
  SHOW("cudaStreamCreateWithFlags 2", "cudaStreamCreateWithFlags", &stream, 2U);
  SHOW("cudaStreamCreate null", "cudaStreamCreate", static_cast<Stream*>(nullptr));
  SHOW("cudaStreamCreateWithPriority 99", "cudaStreamCreateWithPriority", &stream, 1U, 99);
  int priority = 99;
  SHOW("cudaStreamGetPriority", "cudaStreamGetPriority", stream, &priority);
  std::printf("%-58s %d\n", "  priority", priority);
  unsigned flags = 99;
  SHOW("cudaStreamGetFlags", "cudaStreamGetFlags", stream, &flags);
  std::printf("%-58s %u\n", "  flags", flags);
  SHOW("cudaStreamGetFlags of the legacy stream", "cudaStreamGetFlags", static_cast<Stream>(nullptr), &flags);
  std::printf("%-58s %u\n", "  flags", flags);
  int device = -7;
  SHOW("cudaStreamGetDevice", "cudaStreamGetDevice", stream, &device);
  std::printf("%-58s %d\n", "  device", device);
  SHOW("cudaStreamGetDevice of the legacy stream", "cudaStreamGetDevice", static_cast<Stream>(nullptr), &device);
  int capturing = -7;
  SHOW("cudaStreamIsCapturing", "cudaStreamIsCapturing", stream, &capturing);
  std::printf("%-58s %d\n", "  status", capturing);
  SHOW("cudaStreamIsCapturing of the legacy stream", "cudaStreamIsCapturing", static_cast<Stream>(nullptr), &capturing);
  SHOW("cudaStreamQuery", "cudaStreamQuery", stream);
  SHOW("cudaStreamSynchronize", "cudaStreamSynchronize", stream);
  SHOW("cudaStreamAddCallback without a function", "cudaStreamAddCallback", stream,
       static_cast<void (*)(Stream, int, void*)>(nullptr), static_cast<void*>(nullptr), 0U);
  SHOW("cudaLaunchHostFunc without a function", "cudaLaunchHostFunc", stream, static_cast<void (*)(void*)>(nullptr),
       static_cast<void*>(nullptr));
  Event first = nullptr;
  Event second = nullptr;
  SHOW("cudaEventCreate null", "cudaEventCreate", static_cast<Event*>(nullptr));
  SHOW("cudaEventCreateWithFlags 0x80", "cudaEventCreateWithFlags", &first, 0x80U);
  SHOW("cudaEventCreateWithFlags interprocess alone", "cudaEventCreateWithFlags", &first, 4U);
  SHOW("cudaEventCreate", "cudaEventCreate", &first);
  SHOW("cudaEventCreate", "cudaEventCreate", &second);
  SHOW("cudaEventQuery before a record", "cudaEventQuery", first);
  SHOW("cudaEventSynchronize before a record", "cudaEventSynchronize", first);
  float milliseconds = -1;
  SHOW("cudaEventElapsedTime before a record", "cudaEventElapsedTime", &milliseconds, first, second);
  SHOW("cudaEventRecord", "cudaEventRecord", first, stream);
  SHOW("cudaStreamWaitEvent", "cudaStreamWaitEvent", stream, first, 0U);
  SHOW("cudaStreamWaitEvent with flags 2", "cudaStreamWaitEvent", stream, first, 2U);
  SHOW("cudaEventRecord", "cudaEventRecord", second, stream);
  SHOW("cudaEventSynchronize", "cudaEventSynchronize", second);
  SHOW("cudaEventQuery", "cudaEventQuery", first);
  SHOW("cudaEventElapsedTime", "cudaEventElapsedTime", &milliseconds, first, second);
  std::printf("%-58s %s\n", "  0 <= milliseconds < 1000", milliseconds >= 0 && milliseconds < 1000 ? "yes" : "no");
  SHOW("cudaEventElapsedTime without an answer", "cudaEventElapsedTime", static_cast<float*>(nullptr), first, second);
  Event untimed = nullptr;
  SHOW("cudaEventCreateWithFlags without timing", "cudaEventCreateWithFlags", &untimed, 2U);
  SHOW("cudaEventRecord", "cudaEventRecord", untimed, stream);
  SHOW("cudaEventElapsedTime without timing", "cudaEventElapsedTime", &milliseconds, first, untimed);
  SHOW("cudaEventRecord null", "cudaEventRecord", static_cast<Event>(nullptr), stream);
  SHOW("cudaEventDestroy null", "cudaEventDestroy", static_cast<Event>(nullptr));
  SHOW("cudaEventDestroy", "cudaEventDestroy", first);
  SHOW("cudaEventDestroy", "cudaEventDestroy", second);
  SHOW("cudaEventDestroy", "cudaEventDestroy", untimed);
  SHOW("cudaStreamDestroy of the legacy stream", "cudaStreamDestroy", static_cast<Stream>(nullptr));
  SHOW("cudaStreamDestroy", "cudaStreamDestroy", stream);
  int mode = 2;
  SHOW("cudaThreadExchangeStreamCaptureMode", "cudaThreadExchangeStreamCaptureMode", &mode);
  std::printf("%-58s %d\n", "  mode", mode);
  SHOW("cudaThreadExchangeStreamCaptureMode", "cudaThreadExchangeStreamCaptureMode", &mode);
  std::printf("%-58s %d\n", "  mode", mode);
  mode = 3;
  SHOW("cudaThreadExchangeStreamCaptureMode 3", "cudaThreadExchangeStreamCaptureMode", &mode);
}

// A stream that is busy for as long as the host says.
volatile int release = 0;
void wait_for_release(void*) {
  while (release == 0) {
  }
}

void busy_stream() {
  Stream stream = nullptr;
  Event event = nullptr;
  Event second = nullptr;
  (*library)("cudaStreamCreateWithFlags", &stream, 1U);
  (*library)("cudaEventCreate", &event);
  (*library)("cudaEventCreate", &second);
  (*library)("cudaEventRecord", second, stream);
  SHOW("cudaLaunchHostFunc", "cudaLaunchHostFunc", stream, &wait_for_release, static_cast<void*>(nullptr));
  (*library)("cudaEventRecord", event, stream);
  SHOW("cudaStreamQuery of a busy stream", "cudaStreamQuery", stream);
  SHOW("cudaEventQuery of an event to come", "cudaEventQuery", event);
  float milliseconds = 0;
  SHOW("cudaEventElapsedTime of an event to come", "cudaEventElapsedTime", &milliseconds, second, event);
  release = 1;
  SHOW("cudaStreamSynchronize", "cudaStreamSynchronize", stream);
  SHOW("cudaEventQuery", "cudaEventQuery", event);
  (*library)("cudaEventDestroy", event);
  (*library)("cudaEventDestroy", second);
  (*library)("cudaStreamDestroy", stream);
}

void pools() {
  const Stream legacy = nullptr;
  void* pointer = nullptr;
  cudaMemPool_t pool = nullptr;
  SHOW("cudaMallocAsync of 0", "cudaMallocAsync", &pointer, std::size_t{0}, legacy);
  SHOW("cudaMallocAsync null", "cudaMallocAsync", static_cast<void**>(nullptr), kMiB, legacy);
  SHOW("cudaMallocAsync of 16 TiB", "cudaMallocAsync", &pointer, std::size_t{1} << 44, legacy);
  SHOW("cudaMallocAsync", "cudaMallocAsync", &pointer, kMiB, legacy);
  SHOW("cudaMemsetAsync", "cudaMemsetAsync", pointer, 1, kMiB, legacy);
  SHOW("cudaFreeAsync", "cudaFreeAsync", pointer, legacy);
  SHOW("cudaFreeAsync null", "cudaFreeAsync", static_cast<void*>(nullptr), legacy);
  SHOW("cudaFreeAsync nowhere", "cudaFreeAsync", kNowhere, legacy);
  SHOW("cudaMallocAsync", "cudaMallocAsync", &pointer, kMiB, legacy);
  SHOW("cudaFree of it", "cudaFree", pointer);
  SHOW("cudaMalloc", "cudaMalloc", &pointer, kMiB);
  SHOW("cudaFreeAsync of memory of cudaMalloc", "cudaFreeAsync", pointer, legacy);
  SHOW("cudaDeviceGetDefaultMemPool", "cudaDeviceGetDefaultMemPool", &pool, 0);
  SHOW("cudaDeviceGetDefaultMemPool of device 64", "cudaDeviceGetDefaultMemPool", &pool, 64);
  std::uint64_t value = 77;
  SHOW("cudaMemPoolGetAttribute release threshold", "cudaMemPoolGetAttribute", pool, 4, static_cast<void*>(&value));
  std::printf("%-58s %llu\n", "  threshold", static_cast<unsigned long long>(value));
  SHOW("cudaMemPoolGetAttribute 99", "cudaMemPoolGetAttribute", pool, 99, static_cast<void*>(&value));
  value = kMiB;
  SHOW("cudaMemPoolSetAttribute release threshold", "cudaMemPoolSetAttribute", pool, 4, static_cast<void*>(&value));
  SHOW("cudaMemPoolSetAttribute used memory", "cudaMemPoolSetAttribute", pool, 7, static_cast<void*>(&value));
  SHOW("cudaMemPoolDestroy of the default pool", "cudaMemPoolDestroy", pool);
  SHOW("cudaMemPoolTrimTo", "cudaMemPoolTrimTo", pool, std::size_t{0});
  vgpu::cuda::CUmemPoolProps properties = {};
  SHOW("cudaMemPoolCreate of nothing", "cudaMemPoolCreate", &pool,
       static_cast<const vgpu::cuda::CUmemPoolProps*>(&properties));
  properties.allocType = vgpu::cuda::CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = {vgpu::cuda::CU_MEM_LOCATION_TYPE_DEVICE, 0};
  SHOW("cudaMemPoolCreate", "cudaMemPoolCreate", &pool, static_cast<const vgpu::cuda::CUmemPoolProps*>(&properties));
  SHOW("cudaMallocFromPoolAsync", "cudaMallocFromPoolAsync", &pointer, kMiB, pool, legacy);
  SHOW("cudaFreeAsync", "cudaFreeAsync", pointer, legacy);
  SHOW("cudaDeviceSynchronize", "cudaDeviceSynchronize");
  SHOW("cudaMemPoolDestroy", "cudaMemPoolDestroy", pool);
}

void functions() {
  int value = 0;
  std::size_t size = 0;
  void* pointer = nullptr;
  static int unregistered = 0;
  const void* nobody = &unregistered;
  char attributes[256];
  SHOW("cudaFuncGetAttributes of nobody", "cudaFuncGetAttributes", static_cast<void*>(attributes), nobody);
  SHOW("cudaFuncSetAttribute of nobody", "cudaFuncSetAttribute", nobody, 8, 1024);
  SHOW("cudaFuncSetCacheConfig of nobody", "cudaFuncSetCacheConfig", nobody, 1);
  SHOW("cudaOccupancyMaxActiveBlocksPerMultiprocessor of nobody", "cudaOccupancyMaxActiveBlocksPerMultiprocessor",
       &value, nobody, 32, std::size_t{0});
  const dim3 one = {1, 1, 1};
  const dim3 none = {0, 1, 1};
  const Stream legacy = nullptr;
  SHOW("cudaLaunchKernel of nobody", "cudaLaunchKernel", nobody, one, one, static_cast<void**>(nullptr), std::size_t{0},
       legacy);
  SHOW("cudaLaunchKernel of nobody with grid 0", "cudaLaunchKernel", nobody, none, one, static_cast<void**>(nullptr),
       std::size_t{0}, legacy);
  SHOW("cudaLaunchKernel null", "cudaLaunchKernel", static_cast<const void*>(nullptr), one, one,
       static_cast<void**>(nullptr), std::size_t{0}, legacy);
  cudaKernel_t kernel = nullptr;
  SHOW("cudaGetKernel of nobody", "cudaGetKernel", &kernel, nobody);
  const char* name = nullptr;
  SHOW("cudaFuncGetName of nobody", "cudaFuncGetName", &name, nobody);
  cudaFunction_t function = nullptr;
  SHOW("cudaGetFuncBySymbol of nobody", "cudaGetFuncBySymbol", &function, nobody);
  SHOW("cudaGetSymbolAddress of nobody", "cudaGetSymbolAddress", &pointer, nobody);
  SHOW("cudaGetSymbolSize of nobody", "cudaGetSymbolSize", &size, nobody);
  SHOW("cudaMemcpyToSymbol of nobody", "cudaMemcpyToSymbol", nobody, static_cast<const void*>(&value), sizeof value,
       std::size_t{0}, 1);
  SHOW("cudaMemcpyToSymbol of nobody, device to host", "cudaMemcpyToSymbol", nobody, static_cast<const void*>(&value),
       sizeof value, std::size_t{0}, 2);
  dim3 grid = {};
  SHOW("__cudaPopCallConfiguration without a push", "__cudaPopCallConfiguration", &grid, &grid, &size,
       static_cast<void*>(&pointer));
}

void entry_points() {
  void* function = kNowhere;
  int status = -7;
  SHOW("cudaGetDriverEntryPointByVersion cuInit", "cudaGetDriverEntryPointByVersion", "cuInit", &function, 13000U, 0ULL,
       &status);
  std::printf("%-58s %s, status %d\n", "  function", function == nullptr ? "null" : "not null", status);
  function = kNowhere;
  status = -7;
  SHOW("cudaGetDriverEntryPointByVersion cuNothing", "cudaGetDriverEntryPointByVersion", "cuNothing", &function, 13000U,
       0ULL, &status);
  std::printf("%-58s %s, status %d\n", "  function",
              function == nullptr    ? "null"
              : function == kNowhere ? "as it was"
                                     : "other",
              status);
  function = kNowhere;
  status = -7;
  SHOW("cudaGetDriverEntryPointByVersion cuMemAllocAsync 10.0", "cudaGetDriverEntryPointByVersion", "cuMemAllocAsync",
       &function, 10000U, 0ULL, &status);
  std::printf("%-58s %s, status %d\n", "  function",
              function == nullptr    ? "null"
              : function == kNowhere ? "as it was"
                                     : "other",
              status);
  SHOW("cudaGetDriverEntryPointByVersion with flags 99", "cudaGetDriverEntryPointByVersion", "cuInit", &function,
       13000U, 99ULL, &status);
  SHOW("cudaGetDriverEntryPointByVersion without a status", "cudaGetDriverEntryPointByVersion", "cuInit", &function,
       13000U, 0ULL, static_cast<int*>(nullptr));
}

void* other_thread(void*) {
  std::printf("%-58s %s\n", "cudaPeekAtLastError in another thread",
              library->error_name((*library)("cudaPeekAtLastError")));
  int device = -7;
  SHOW("cudaGetDevice in another thread", "cudaGetDevice", &device);
  std::printf("%-58s %d\n", "  device", device);
  return nullptr;
}

void last_error() {
  const auto peek = [](const char* what) {
    std::printf("%-58s %s\n", what, library->error_name((*library)("cudaPeekAtLastError")));
  };
  (*library)("cudaSetDevice", 64);
  peek("cudaPeekAtLastError after an error");
  peek("cudaPeekAtLastError again");
  int device = 0;
  (*library)("cudaGetDevice", &device);
  peek("cudaPeekAtLastError after a success");
  (*library)("cudaMalloc", static_cast<void**>(nullptr), std::size_t{1});
  peek("cudaPeekAtLastError after another error");
  pthread_t thread;
  pthread_create(&thread, nullptr, other_thread, nullptr);
  pthread_join(thread, nullptr);
  show("cudaGetLastError", (*library)("cudaGetLastError"));
}

void reset() {
  void* pointer = nullptr;
  SHOW("cudaMalloc", "cudaMalloc", &pointer, kMiB);
  SHOW("cudaDeviceReset", "cudaDeviceReset");
  SHOW("cudaFree of what was before", "cudaFree", pointer);
  SHOW("cudaMalloc after the reset", "cudaMalloc", &pointer, kMiB);
  SHOW("cudaFree", "cudaFree", pointer);
  SHOW("cudaDeviceReset", "cudaDeviceReset");
  SHOW("cudaDeviceReset again", "cudaDeviceReset");
  SHOW("cudaDeviceSynchronize", "cudaDeviceSynchronize");
}

}  // namespace vgpu::questions

int main(int count, char** arguments) {
  using namespace vgpu::questions;
  if (count != 2) return 2;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // so that the last line before a crash is seen
  const vgpu::test::RuntimeLibrary opened(arguments[1]);
  library = &opened;
  devices();
  memory();
  host_memory();
  pointers();
  copies();
  streams_and_events();
  busy_stream();
  pools();
  functions();
  entry_points();
  last_error();
  reset();
  return 0;
}
