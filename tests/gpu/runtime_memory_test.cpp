// Memory and copies of the runtime: the bytes arrive, and nothing goes past an end.
#include <numeric>
#include <string>

#include "tests/gpu/runtime_test.h"

using namespace vgpu::cudart;
using namespace vgpu::test;

namespace {

constexpr std::size_t kSize = 64 * 1024;

struct DeviceMemory {
  explicit DeviceMemory(std::size_t size = kSize) { CHECK_OK("cudaMalloc", &pointer, size); }
  ~DeviceMemory() { CHECK_OK("cudaFree", pointer); }
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  char* at(std::size_t offset) const { return static_cast<char*>(pointer) + offset; }
  void* pointer = nullptr;
};

std::vector<unsigned char> pattern(std::size_t size, unsigned seed = 1) {
  std::vector<unsigned char> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(i * 7 + seed + (i >> 8));
  return bytes;
}

std::vector<unsigned char> read_back(const void* from, std::size_t size) {
  std::vector<unsigned char> bytes(size);
  CHECK_OK("cudaMemcpy", static_cast<void*>(bytes.data()), from, size, int{cudaMemcpyDeviceToHost});
  return bytes;
}

cudaStream_t own_stream() {
  static cudaStream_t stream = nullptr;
  if (stream == nullptr) CHECK_OK("cudaStreamCreateWithFlags", &stream, 1U);
  return stream;
}

std::size_t free_memory() {
  std::size_t free_bytes = 0;
  std::size_t total = 0;
  CHECK_OK("cudaMemGetInfo", &free_bytes, &total);
  return free_bytes;
}

}  // namespace

TEST_CASE("bytes travel in every direction") {
  const auto bytes = pattern(kSize);
  const void* host = bytes.data();
  const DeviceMemory one;
  const DeviceMemory two;
  for (const int kind : {int{cudaMemcpyHostToDevice}, int{cudaMemcpyDefault}}) {
    CHECK_OK("cudaMemset", one.pointer, 0, kSize);
    CHECK_OK("cudaMemcpy", one.pointer, host, kSize, kind);
    CHECK(read_back(one.pointer, kSize) == bytes);
  }
  for (const int kind : {int{cudaMemcpyDeviceToDevice}, int{cudaMemcpyDefault}}) {
    CHECK_OK("cudaMemset", two.pointer, 0, kSize);
    CHECK_OK("cudaMemcpy", two.pointer, static_cast<const void*>(one.pointer), kSize, kind);
    CHECK(read_back(two.pointer, kSize) == bytes);
  }
  std::vector<unsigned char> plain(kSize);
  CHECK_OK("cudaMemcpy", static_cast<void*>(plain.data()), host, kSize, int{cudaMemcpyHostToHost});
  CHECK(plain == bytes);
  CHECK_OK("cudaMemset", two.pointer, 0, kSize);
  CHECK_OK("cudaMemcpyPeer", two.pointer, 0, static_cast<const void*>(one.pointer), 0, kSize);
  CHECK(read_back(two.pointer, kSize) == bytes);
}

TEST_CASE("bytes travel on streams, and the variants for a thread's own default stream do the same") {
  const auto bytes = pattern(kSize, 5);
  const void* host = bytes.data();
  const DeviceMemory device;
  for (const char* name : {"cudaMemcpyAsync", "cudaMemcpyAsync_ptsz"}) {
    CHECK_OK("cudaMemset", device.pointer, 0, kSize);
    CHECK_OK(name, device.pointer, host, kSize, int{cudaMemcpyHostToDevice}, own_stream());
    CHECK_OK("cudaStreamSynchronize", own_stream());
    CHECK(read_back(device.pointer, kSize) == bytes);
  }
  CHECK_OK("cudaMemset_ptds", device.pointer, 9, kSize);
  CHECK(read_back(device.pointer, kSize) == std::vector<unsigned char>(kSize, 9));
  CHECK_OK("cudaMemcpy_ptds", device.pointer, host, kSize, int{cudaMemcpyHostToDevice});
  CHECK(read_back(device.pointer, kSize) == bytes);
}

TEST_CASE("a copy past either end copies nothing") {
  const auto bytes = pattern(kSize);
  const DeviceMemory device(4096);
  CHECK_OK("cudaMemset", device.pointer, 3, std::size_t{4096});
  const void* host = bytes.data();
  CHECK_CUDA(cudaErrorInvalidValue, "cudaMemcpy", device.pointer, host, std::size_t{1} << 30,
             int{cudaMemcpyHostToDevice});
  CHECK_CUDA(cudaErrorInvalidValue, "cudaMemset", device.pointer, 1, std::size_t{1} << 30);
  CHECK(read_back(device.pointer, 4096) == std::vector<unsigned char>(4096, 3));
}

TEST_CASE("a rectangle keeps the bytes beside it") {
  constexpr std::size_t kPitch = 128;
  constexpr std::size_t kWidth = 100;
  constexpr std::size_t kHeight = 8;
  const auto bytes = pattern(kPitch * kHeight);
  const DeviceMemory device;
  for (const char* name : {"cudaMemcpy2D", "cudaMemcpy2D_ptds"}) {
    CHECK_OK("cudaMemset", device.pointer, 0xee, kSize);
    CHECK_OK(name, device.pointer, std::size_t{256}, static_cast<const void*>(bytes.data()), kPitch, kWidth, kHeight,
             int{cudaMemcpyHostToDevice});
    const auto got = read_back(device.pointer, 256 * kHeight);
    for (std::size_t y = 0; y < kHeight; ++y) {
      CHECK(std::memcmp(&got[y * 256], &bytes[y * kPitch], kWidth) == 0);
      CHECK(got[y * 256 + kWidth] == 0xee);
    }
  }
  CHECK_OK("cudaMemset2DAsync", device.pointer, std::size_t{256}, 5, kWidth, kHeight, own_stream());
  CHECK_OK("cudaStreamSynchronize", own_stream());
  const auto got = read_back(device.pointer, 256 * kHeight);
  CHECK(got[256 * 3 + kWidth - 1] == 5);
  CHECK(got[256 * 3 + kWidth] == 0xee);
}

TEST_CASE("a box goes to its place in a larger one") {
  const DeviceMemory device;
  CHECK_OK("cudaMemset", device.pointer, 0, kSize);
  auto bytes = pattern(16 * 4 * 3);
  cudaMemcpy3DParms parms = {};
  parms.srcPtr = {bytes.data(), 16, 16, 4};
  parms.dstPtr = {device.pointer, 64, 64, 10};
  parms.dstPos = {8, 2, 1};
  parms.extent = {16, 4, 3};
  parms.kind = cudaMemcpyHostToDevice;
  CHECK_OK("cudaMemcpy3D", static_cast<const cudaMemcpy3DParms*>(&parms));
  const auto got = read_back(device.pointer, 64 * 10 * 4);
  for (std::size_t z = 0; z < 3; ++z) {
    for (std::size_t y = 0; y < 4; ++y) {
      CHECK(std::memcmp(&got[(z + 1) * 640 + (y + 2) * 64 + 8], &bytes[z * 64 + y * 16], 16) == 0);
    }
  }
  CHECK(std::accumulate(got.begin(), got.begin() + 640, 0) == 0);
  const cudaPitchedPtr box = {device.pointer, 64, 64, 10};
  CHECK_OK("cudaMemset3D", box, 7, cudaExtent{20, 5, 2});
  const auto filled = read_back(device.pointer, 64 * 10 * 2);
  CHECK(filled[640 + 4 * 64 + 19] == 7);
  CHECK(filled[640 + 5 * 64] != 7);
  CHECK(filled[4 * 64 + 20] != 7);
}

TEST_CASE("a batch copies every part, on a stream of its own") {
  const DeviceMemory device;
  const auto bytes = pattern(512);
  void* to[] = {device.at(0), device.at(1024)};
  const void* from[] = {bytes.data(), bytes.data() + 256};
  std::size_t sizes[] = {256, 256};
  cudaMemcpyAttributes attributes = {};
  attributes.srcAccessOrder = 1;
  std::size_t starts[] = {0};
  CHECK_OK("cudaMemset", device.pointer, 0, kSize);
#if VGPU_CUDART_MAJOR == 12
  std::size_t failed = 0;
  CHECK_OK("cudaMemcpyBatchAsync", &to[0], &from[0], &sizes[0], std::size_t{2}, &attributes, &starts[0], std::size_t{1},
           &failed, own_stream());
#else
  CHECK_OK("cudaMemcpyBatchAsync", &to[0], &from[0], &sizes[0], std::size_t{2}, &attributes, &starts[0], std::size_t{1},
           own_stream());
#endif
  CHECK_OK("cudaStreamSynchronize", own_stream());
  CHECK(std::memcmp(read_back(device.at(1024), 256).data(), &bytes[256], 256) == 0);
}

TEST_CASE("memory is reserved against the device's size, and comes back") {
  const std::size_t before = free_memory();
  void* large = nullptr;
  CHECK_CUDA(cudaErrorMemoryAllocation, "cudaMalloc", &large, before + (std::size_t{1} << 30));
  CHECK_CUDA(cudaErrorMemoryAllocation, "cudaGetLastError");
  CHECK_OK("cudaMalloc", &large, before / 2);
  CHECK(free_memory() <= before - before / 2);
  void* second = nullptr;
  CHECK_CUDA(cudaErrorMemoryAllocation, "cudaMalloc", &second, before / 2 + (std::size_t{1} << 30));
  call("cudaGetLastError");
  CHECK_OK("cudaFree", large);
  CHECK_CUDA(cudaErrorInvalidValue, "cudaFree", large);
  call("cudaGetLastError");
  CHECK(free_memory() == before);
}

TEST_CASE("host memory and managed memory are ordinary memory to the program") {
  void* pinned = nullptr;
  CHECK_OK("cudaHostAlloc", &pinned, kSize, 2U);
  std::memset(pinned, 4, kSize);
  const DeviceMemory device;
  CHECK_OK("cudaMemcpy", device.pointer, static_cast<const void*>(pinned), kSize, int{cudaMemcpyDefault});
  CHECK(read_back(device.pointer, kSize)[kSize - 1] == 4);
  CHECK_OK("cudaFreeHost", pinned);
  void* managed = nullptr;
  CHECK_OK("cudaMallocManaged", &managed, kSize, 1U);
  CHECK_OK("cudaMemset", managed, 6, kSize);
  CHECK_OK("cudaDeviceSynchronize");
  CHECK(static_cast<unsigned char*>(managed)[kSize - 1] == 6);
  CHECK_OK("cudaFree", managed);
}

TEST_CASE("memory of a pool belongs to the stream's order and to the ledger") {
  const std::size_t before = free_memory();
  void* pointer = nullptr;
  CHECK_OK("cudaMallocAsync", &pointer, std::size_t{1} << 30, own_stream());
  CHECK_OK("cudaMemsetAsync", pointer, 8, kSize, own_stream());
  CHECK_OK("cudaStreamSynchronize", own_stream());
  CHECK(read_back(pointer, kSize)[0] == 8);
  CHECK(free_memory() < before);
  CHECK_OK("cudaFreeAsync", pointer, own_stream());
  CHECK_OK("cudaStreamSynchronize", own_stream());
}
