// Copies and fills of the driver: every direction, overlap, bounds.
#include <cstring>
#include <numeric>

#include "tests/gpu/driver_test.h"

using namespace vgpu::cuda;
using namespace vgpu::test;

namespace {

constexpr std::size_t kSize = 4096;
using Bytes = std::vector<unsigned char>;

CUdeviceptr number(const void* pointer) { return reinterpret_cast<CUdeviceptr>(pointer); }

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(i * 7 + i / 256);
  return bytes;
}

struct Device {
  explicit Device(std::size_t bytes = kSize) : size(bytes) { CHECK_OK("cuMemAlloc_v2", &at, bytes); }
  ~Device() { CHECK_OK("cuMemFree_v2", at); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  void put(const Bytes& bytes) const {
    CHECK_OK("cuMemcpyHtoD_v2", at, static_cast<const void*>(bytes.data()), bytes.size());
  }
  Bytes get() const {
    Bytes bytes(size);
    CHECK_OK("cuMemcpyDtoH_v2", static_cast<void*>(bytes.data()), at, size);
    return bytes;
  }
  CUdeviceptr at = 0;
  std::size_t size;
};

CUDA_MEMCPY2D flat(CUdeviceptr to, std::size_t to_pitch, CUdeviceptr from, std::size_t from_pitch, std::size_t width,
                   std::size_t height) {
  CUDA_MEMCPY2D copy = {};
  copy.srcMemoryType = copy.dstMemoryType = CU_MEMORYTYPE_UNIFIED;
  copy.srcDevice = from;
  copy.srcPitch = from_pitch;
  copy.dstDevice = to;
  copy.dstPitch = to_pitch;
  copy.WidthInBytes = width;
  copy.Height = height;
  return copy;
}

int copy2d(const CUDA_MEMCPY2D& copy) { return call("cuMemcpy2D_v2", &copy); }

}  // namespace

TEST_CASE("bytes arrive in every direction") {
  const CurrentContext context;
  const Device one;
  const Device two;
  const Bytes bytes = pattern(kSize);
  Bytes back(kSize);
  CUstream stream = nullptr;
  CHECK_OK("cuStreamCreate", &stream, 0U);
  one.put(bytes);
  CHECK_OK("cuMemcpyDtoD_v2", two.at, one.at, kSize);
  CHECK(two.get() == bytes);
  CHECK_OK("cuMemsetD8_v2", two.at, static_cast<unsigned char>(0), kSize);
  CHECK_OK("cuMemcpyAsync", two.at, number(bytes.data()), kSize, stream);
  CHECK_OK("cuMemcpyAsync_ptsz", number(back.data()), two.at, kSize, CUstream{nullptr});
  CHECK(back == bytes);
  CHECK_OK("cuMemsetD8_v2", two.at, static_cast<unsigned char>(0), kSize);
  CHECK_OK("cuMemcpyPeer", two.at, context.get(), one.at, context.get(), kSize);
  CHECK(two.get() == bytes);
  CHECK_OK("cuStreamDestroy_v2", stream);
}

TEST_CASE("an overlapping copy is as if the source had been read first") {
  const CurrentContext context;
  const Device device;
  const Bytes bytes = pattern(kSize);
  for (const bool forwards : {true, false}) {
    device.put(bytes);
    const std::size_t from = forwards ? 0 : 100;
    const std::size_t to = forwards ? 100 : 0;
    CHECK_OK("cuMemcpyDtoD_v2", device.at + to, device.at + from, kSize - 100);
    CHECK(std::memcmp(device.get().data() + to, bytes.data() + from, kSize - 100) == 0);
    device.put(bytes);
    const CUDA_MEMCPY2D box = flat(device.at + to, 64, device.at + from, 64, 32, 60);
    CHECK(copy2d(box) == CUDA_SUCCESS);
    const Bytes got = device.get();
    for (std::size_t y = 0; y < 60; ++y) {
      REQUIRE(std::memcmp(&got[to + y * 64], &bytes[from + y * 64], 32) == 0);
    }
  }
}

TEST_CASE("not one byte over the end of an allocation, whatever the form") {
  const CurrentContext context;
  const Device device;
  const Device other;
  Bytes host(2 * kSize);
  void* const at = host.data();
  const auto byte = static_cast<unsigned char>(1);
  const CUstream stream = nullptr;
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemcpyHtoD_v2", device.at + 1, static_cast<const void*>(at), kSize);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemcpyDtoH_v2", at, device.at + 1, kSize);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemcpyDtoD_v2", other.at, device.at + 1, kSize);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemcpyDtoDAsync_v2", other.at + 1, device.at, kSize, stream);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemcpy", other.at + 1, number(at), kSize);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemsetD8_v2", device.at, byte, kSize + 1);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemsetD32_v2", device.at, 1U, kSize / 4 + 1);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemsetD32_v2", device.at, 1U, SIZE_MAX);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemsetD2D8_v2", device.at, std::size_t{64}, byte, std::size_t{64},
               std::size_t{65});
  CHECK_OK("cuMemsetD2D8_v2", device.at, std::size_t{64}, byte, std::size_t{64}, std::size_t{64});
  // The last row needs no more than its width.
  CHECK_OK("cuMemsetD2D8_v2", device.at + 32, std::size_t{64}, byte, std::size_t{32}, std::size_t{64});
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemsetD2D8_v2", device.at + 33, std::size_t{64}, byte, std::size_t{32},
               std::size_t{64});
  CHECK(copy2d(flat(device.at, 64, number(at), 64, 64, 64)) == CUDA_SUCCESS);
  CHECK(copy2d(flat(device.at, 64, number(at), 64, 64, 65)) == CUDA_ERROR_INVALID_VALUE);
  CUDA_MEMCPY2D moved = flat(device.at, 64, number(at), 64, 64, 64);
  moved.dstY = 1;
  CHECK(copy2d(moved) == CUDA_ERROR_INVALID_VALUE);
  moved.dstY = SIZE_MAX;
  CHECK(copy2d(moved) == CUDA_ERROR_INVALID_VALUE);
}

TEST_CASE("a stale pointer is an error, not a crash") {
  const CurrentContext context;
  CUdeviceptr pointer = 0;
  Bytes host(kSize);
  CHECK_OK("cuMemAlloc_v2", &pointer, std::size_t{64} << 20);
  CHECK_OK("cuMemFree_v2", pointer);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemcpy", pointer, number(host.data()), kSize);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemcpy", number(host.data()), pointer, kSize);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemcpyDtoH_v2", static_cast<void*>(host.data()), pointer, kSize);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemsetD8_v2", pointer, static_cast<unsigned char>(1), std::size_t{1});
}

TEST_CASE("a box arrives where it was sent, and nothing else is touched") {
  const CurrentContext context;
  const Device device(64 * 10 * 4);
  const Bytes bytes = pattern(64 * 10 * 4);
  CHECK_OK("cuMemsetD8_v2", device.at, static_cast<unsigned char>(0xee), device.size);
  CUDA_MEMCPY3D box = {};
  box.srcMemoryType = CU_MEMORYTYPE_HOST;
  box.srcHost = bytes.data();
  box.srcPitch = 16;
  box.srcHeight = 5;
  box.srcY = 1;
  box.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  box.dstDevice = device.at;
  box.dstPitch = 64;
  box.dstHeight = 10;
  box.dstXInBytes = 8;
  box.dstY = 2;
  box.dstZ = 1;
  box.WidthInBytes = 16;
  box.Height = 4;
  box.Depth = 3;
  CHECK_OK("cuMemcpy3D_v2", static_cast<const CUDA_MEMCPY3D*>(&box));
  Bytes expected(device.size, 0xee);
  for (std::size_t z = 0; z < 3; ++z) {
    for (std::size_t y = 0; y < 4; ++y) {
      std::memcpy(&expected[(z + 1) * 640 + (y + 2) * 64 + 8], &bytes[z * 80 + (y + 1) * 16], 16);
    }
  }
  CHECK(device.get() == expected);
}

TEST_CASE("fills of every width repeat their value") {
  const CurrentContext context;
  const Device device;
  const CUstream stream = nullptr;
  CHECK_OK("cuMemsetD32_v2", device.at, 0x04030201U, kSize / 4);
  Bytes bytes = device.get();
  for (std::size_t i = 0; i < kSize; ++i) REQUIRE(bytes[i] == i % 4 + 1);
  CHECK_OK("cuMemsetD2D16Async", device.at + 2, std::size_t{8}, static_cast<unsigned short>(0x0a09), std::size_t{2},
           std::size_t{4}, stream);
  bytes = device.get();
  const unsigned char row[] = {1, 2, 9, 10, 9, 10, 3, 4};
  for (std::size_t i = 0; i < 32; ++i) REQUIRE(bytes[i] == row[i % 8]);
  CHECK(bytes[34] == 3);
}

TEST_CASE("a wrong part stops a batch before anything is done") {
  const CurrentContext context;
  const Device device;
  const Bytes bytes = pattern(512);
  CHECK_OK("cuMemsetD8_v2", device.at, static_cast<unsigned char>(0), kSize);
  CUstream stream = nullptr;
  CHECK_OK("cuStreamCreate", &stream, 1U);
  CUdeviceptr to[] = {device.at, device.at + kSize};
  CUdeviceptr from[] = {number(bytes.data()), number(bytes.data()) + 256};
  std::size_t sizes[] = {256, 256};
  std::size_t starts[] = {0};
  CUmemcpyAttributes attributes = {};
  attributes.srcAccessOrder = 1;
  std::size_t failed = 77;
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemcpyBatchAsync", &to[0], &from[0], &sizes[0], std::size_t{2}, &attributes,
               &starts[0], std::size_t{1}, &failed, stream);
  CHECK(failed == 1);
  CHECK(device.get() == Bytes(kSize, 0));
  to[1] = device.at + 256;
  CHECK_OK("cuMemcpyBatchAsync", &to[0], &from[0], &sizes[0], std::size_t{2}, &attributes, &starts[0], std::size_t{1},
           &failed, stream);
  CHECK(std::memcmp(device.get().data(), bytes.data(), 512) == 0);
  CHECK_OK("cuStreamDestroy_v2", stream);
}
