// A program with the static CUDA runtime, which asks the driver for its export tables and checks them: what it is told
// of the device, a kernel's result, memory up to the limit, and memory again.
#include <cstdio>
#include <vector>

__global__ void twice(int* data, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) data[i] *= 2;
}

int main() {
  cudaDeviceProp device;
  if (cudaGetDeviceProperties(&device, 0) != cudaSuccess)
    return std::printf("no device: %s\n", cudaGetErrorString(cudaGetLastError())), 1;
  std::size_t free = 0, total = 0;
  cudaMemGetInfo(&free, &total);
  std::vector<int> numbers(1 << 20, 21);
  int* data = nullptr;
  cudaMalloc(&data, numbers.size() * sizeof(int));
  cudaMemcpy(data, numbers.data(), numbers.size() * sizeof(int), cudaMemcpyHostToDevice);
  twice<<<4096, 256>>>(data, 1 << 20);
  cudaMemcpy(numbers.data(), data, numbers.size() * sizeof(int), cudaMemcpyDeviceToHost);
  bool right = cudaGetLastError() == cudaSuccess;
  for (const int number : numbers) right = right && number == 42;
  std::vector<void*> pieces;
  for (void* piece = nullptr; pieces.size() < 64 && cudaMalloc(&piece, 512 << 20) == cudaSuccess;)
    pieces.push_back(piece);
  const cudaError_t error = cudaGetLastError();
  for (void* piece : pieces) cudaFree(piece);
  void* again = nullptr;
  const bool more = cudaMalloc(&again, std::size_t{7} << 30) == cudaSuccess;
  std::printf("%zu %zu MiB, kernel %s, %zu x 512 MiB, %s, then %s\n", device.totalGlobalMem >> 20, total >> 20,
              right ? "ok" : "WRONG", pieces.size(), cudaGetErrorName(error), more ? "7168 MiB" : "nothing");
  return 0;
}
