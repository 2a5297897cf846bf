// What a small CUDA program does, in the language of the toolkit: memory, copies, streams, events, and a
// kernel. The emulated device does all of it but the kernel, which it refuses with cudaErrorNotSupported.
// Status 0: everything as documented. On a real GPU (seen on an H200, driver 580) exactly the two checks of
// the kernel differ. Prints the device's name and memory.
#include <cstdio>
#include <cstring>
#include <vector>

namespace {

int failures = 0;

void check(const char* what, bool right) {
  if (right) return;
  std::printf("WRONG: %s\n", what);
  ++failures;
}

void expect(const char* what, cudaError_t got, cudaError_t wanted = cudaSuccess) {
  if (got == wanted) return;
  std::printf("WRONG: %s: %s (%d), expected %d\n", what, cudaGetErrorString(got), got, wanted);
  ++failures;
}

__global__ void twice(int* data, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) data[i] *= 2;
}

void memory() {
  std::vector<int> in(100000), out(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<int>(i);
  const std::size_t size = in.size() * sizeof(int);
  int *a = nullptr, *b = nullptr;
  std::size_t before = 0, during = 0, after = 0, total = 0;
  expect("cudaMemGetInfo", cudaMemGetInfo(&before, &total));
  expect("cudaMalloc", cudaMalloc(&a, size));
  expect("cudaMalloc", cudaMalloc(&b, size));
  expect("cudaMemGetInfo", cudaMemGetInfo(&during, &total));
  check("free memory fell by at least what was allocated", before - during >= 2 * size);
  expect("host to device", cudaMemcpy(a, in.data(), size, cudaMemcpyHostToDevice));
  expect("device to device", cudaMemcpy(b, a, size, cudaMemcpyDeviceToDevice));
  expect("cudaMemset", cudaMemset(a, 0xff, size));
  expect("device to host", cudaMemcpy(out.data(), b, size, cudaMemcpyDefault));
  check("what came back is what went in", in == out);
  expect("device to host", cudaMemcpy(out.data(), a, size, cudaMemcpyDeviceToHost));
  check("cudaMemset filled all of it", out.front() == -1 && out.back() == -1);

  cudaPointerAttributes attributes{};
  expect("cudaPointerGetAttributes", cudaPointerGetAttributes(&attributes, a + 17));
  check("a pointer into an allocation is device memory", attributes.type == cudaMemoryTypeDevice);
  expect("cudaFree", cudaFree(a));
  expect("cudaFree", cudaFree(b));
  expect("cudaFree of a null pointer", cudaFree(nullptr));
  expect("a second cudaFree", cudaFree(b), cudaErrorInvalidValue);
  expect("that error is the last error", cudaGetLastError(), cudaErrorInvalidValue);
  expect("which is then cleared", cudaGetLastError());
  expect("cudaMemGetInfo", cudaMemGetInfo(&after, &total));
  check("free memory is what it was", before == after);

  void* huge = nullptr;
  expect("more than there is", cudaMalloc(&huge, total + 1), cudaErrorMemoryAllocation);
  cudaGetLastError();
}

void streams_and_events() {
  cudaStream_t stream = nullptr;
  cudaEvent_t begin = nullptr, end = nullptr;
  expect("cudaStreamCreate", cudaStreamCreate(&stream));
  expect("cudaEventCreate", cudaEventCreate(&begin));
  expect("cudaEventCreate", cudaEventCreate(&end));

  const std::size_t size = 64 << 20;
  char *host = nullptr, *device = nullptr;
  expect("cudaMallocHost", cudaMallocHost(&host, size));
  expect("cudaMalloc", cudaMalloc(&device, size));
  std::memset(host, 42, size);
  expect("cudaEventRecord", cudaEventRecord(begin, stream));
  expect("cudaMemcpyAsync", cudaMemcpyAsync(device, host, size, cudaMemcpyHostToDevice, stream));
  expect("cudaMemsetAsync", cudaMemsetAsync(device, 7, size / 2, stream));
  expect("cudaMemcpyAsync", cudaMemcpyAsync(host, device, size, cudaMemcpyDeviceToHost, stream));
  expect("cudaEventRecord", cudaEventRecord(end, stream));
  expect("cudaStreamSynchronize", cudaStreamSynchronize(stream));
  check("a stream keeps its order",
        host[0] == 7 && host[size / 2 - 1] == 7 && host[size / 2] == 42 && host[size - 1] == 42);
  float milliseconds = -1;
  expect("cudaEventElapsedTime", cudaEventElapsedTime(&milliseconds, begin, end));
  check("time passed between two events", milliseconds > 0 && milliseconds < 60000);
  expect("cudaFree", cudaFree(device));
  expect("cudaFreeHost", cudaFreeHost(host));
  expect("cudaEventDestroy", cudaEventDestroy(begin));
  expect("cudaEventDestroy", cudaEventDestroy(end));
  expect("cudaStreamDestroy", cudaStreamDestroy(stream));
}

void kernel() {
  int one = 21, *device = nullptr;
  expect("cudaMalloc", cudaMalloc(&device, sizeof one));
  expect("cudaMemcpy", cudaMemcpy(device, &one, sizeof one, cudaMemcpyHostToDevice));
  twice<<<1, 32>>>(device, 1);
  expect("a kernel launch", cudaGetLastError(), cudaErrorNotSupported);
  expect("the error is not sticky", cudaDeviceSynchronize());
  expect("cudaMemcpy", cudaMemcpy(&one, device, sizeof one, cudaMemcpyDeviceToHost));
  check("nothing pretended to have computed", one == 21);
  expect("cudaFree", cudaFree(device));
}

}  // namespace

int main() {
  int count = 0;
  const cudaError_t first = cudaGetDeviceCount(&count);
  if (first != cudaSuccess || count == 0) {
    std::printf("no device: %s (%d)\n", cudaGetErrorString(first), first);
    return 3;
  }
  cudaDeviceProp properties{};
  expect("cudaGetDeviceProperties", cudaGetDeviceProperties(&properties, 0));
  std::printf("%d: %s, %zu bytes\n", count, properties.name, properties.totalGlobalMem);
  memory();
  streams_and_events();
  kernel();
  return failures == 0 ? 0 : 1;
}
