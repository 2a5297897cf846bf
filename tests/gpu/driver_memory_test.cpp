// Device, host and managed memory of the driver: the books, the edges, many threads.
#include <atomic>
#include <cstring>
#include <thread>

#include "tests/gpu/driver_test.h"

using namespace vgpu::cuda;
using namespace vgpu::test;

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

std::size_t free_bytes() {
  std::size_t free = 0;
  std::size_t total = 0;
  call("cuMemGetInfo_v2", &free, &total);
  return free;
}

std::size_t total_bytes() {
  std::size_t free = 0;
  std::size_t total = 0;
  call("cuMemGetInfo_v2", &free, &total);
  return total;
}

CUdeviceptr allocate(std::size_t bytes) {
  CUdeviceptr pointer = 0;
  CHECK_OK("cuMemAlloc_v2", &pointer, bytes);
  return pointer;
}

CUdeviceptr number(const void* pointer) { return reinterpret_cast<CUdeviceptr>(pointer); }

}  // namespace

TEST_CASE("a device holds exactly its size") {
  const CurrentContext context;
  const std::size_t total = total_bytes();
  REQUIRE(free_bytes() == total);
  CUdeviceptr pointer = 0;
  CHECK_RESULT(CUDA_ERROR_OUT_OF_MEMORY, "cuMemAlloc_v2", &pointer, total + 1);
  CHECK(free_bytes() == total);
  pointer = allocate(total);
  CHECK(free_bytes() == 0);
  CUdeviceptr more = 0;
  CHECK_RESULT(CUDA_ERROR_OUT_OF_MEMORY, "cuMemAlloc_v2", &more, std::size_t{1});
  CHECK_RESULT(CUDA_ERROR_OUT_OF_MEMORY, "cuMemAllocManaged", &more, std::size_t{1}, 1U);
  CHECK_RESULT(CUDA_ERROR_OUT_OF_MEMORY, "cuMemAllocAsync", &more, std::size_t{1}, CUstream{nullptr});
  void* host = nullptr;
  CHECK_OK("cuMemHostAlloc", &host, kMiB, 0U);  // not the device's
  CHECK_OK("cuMemFreeHost", host);
  CHECK_OK("cuMemFree_v2", pointer);
  CHECK(free_bytes() == total);
}

TEST_CASE("every kind of allocation is charged and given back") {
  const CurrentContext context;
  const std::size_t before = free_bytes();
  CUdeviceptr pointers[4] = {};
  std::size_t pitch = 0;
  CHECK_OK("cuMemAlloc_v2", &pointers[0], kMiB);
  CHECK_OK("cuMemAllocPitch_v2", &pointers[1], &pitch, std::size_t{100}, std::size_t{8}, 4U);
  CHECK_OK("cuMemAllocManaged", &pointers[2], kMiB, 1U);
  CHECK_OK("cuMemAllocAsync", &pointers[3], kMiB, CUstream{nullptr});
  CHECK(pitch == 512);
  CHECK(free_bytes() == before - 3 * kMiB - 8 * 512);
  for (const CUdeviceptr pointer : pointers) CHECK_OK("cuMemFree_v2", pointer);
  CHECK(free_bytes() == before);
  for (const CUdeviceptr pointer : pointers) CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemFree_v2", pointer);
}

TEST_CASE("what a context leaves behind goes with it") {
  const CurrentContext outer;
  const std::size_t before = free_bytes();
  CUdeviceptr left = 0;
  {
    const CurrentContext inner;
    left = allocate(kMiB);
    CHECK(free_bytes() == before - kMiB);
  }
  CHECK(free_bytes() == before);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemFree_v2", left);
}

TEST_CASE("a thousand threads allocate and free, and the books end where they began") {
  const CurrentContext context;
  const std::size_t before = free_bytes();
  std::atomic<int> wrong = 0;
  const auto work = [&](unsigned seed) {
    CUdeviceptr held[4] = {};
    bool good = call("cuCtxSetCurrent", context.get()) == CUDA_SUCCESS;
    for (unsigned round = 0; round < 20; ++round) {
      CUdeviceptr& slot = held[round % 4];
      if (slot != 0) good = call("cuMemFree_v2", slot) == CUDA_SUCCESS && good;
      seed = seed * 1664525 + 1013904223;
      const std::size_t bytes = 1 + seed % (kMiB + kMiB / 2);
      const char* const how = round % 3 == 0 ? "cuMemAllocManaged" : "cuMemAlloc_v2";
      good = (round % 3 == 0 ? call(how, &slot, bytes, 1U) : call(how, &slot, bytes)) == CUDA_SUCCESS && good;
      const unsigned mark = seed;
      unsigned read = 0;
      if (bytes >= sizeof mark) {
        good = call("cuMemsetD32_v2", slot, mark, std::size_t{1}) == CUDA_SUCCESS && good;
        good = call("cuMemcpyDtoH_v2", static_cast<void*>(&read), slot, sizeof read) == CUDA_SUCCESS && read == mark &&
               good;
      }
    }
    for (const CUdeviceptr pointer : held) good = call("cuMemFree_v2", pointer) == CUDA_SUCCESS && good;
    if (!good) ++wrong;
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 1000; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(free_bytes() == before);
}

TEST_CASE("two threads free one pointer: one of them is told") {
  const CurrentContext context;
  for (int round = 0; round < 200; ++round) {
    const CUdeviceptr pointer = allocate(4096);
    std::atomic<int> done = 0;
    const auto release = [&] {
      call("cuCtxSetCurrent", context.get());
      if (call("cuMemFree_v2", pointer) == CUDA_SUCCESS) ++done;
    };
    std::thread one(release);
    std::thread two(release);
    one.join();
    two.join();
    REQUIRE(done == 1);
  }
}

TEST_CASE("registered memory: no byte twice, and it stays the program's") {
  const CurrentContext context;
  std::vector<char> plain(8192);
  void* const low = plain.data();
  void* const high = plain.data() + 4096;
  CHECK_OK("cuMemHostRegister_v2", high, std::size_t{4096}, 0U);
  CHECK_RESULT(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "cuMemHostRegister_v2", low, std::size_t{4097}, 0U);
  CHECK_OK("cuMemHostRegister_v2", low, std::size_t{4096}, 0U);
  CHECK_RESULT(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "cuMemHostRegister_v2", low, std::size_t{1}, 0U);
  CHECK_OK("cuMemsetD8_v2", number(low), static_cast<unsigned char>(7), std::size_t{4096});
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemsetD8_v2", number(low), static_cast<unsigned char>(7),
               std::size_t{4097});
  CHECK(plain[4095] == 7);
  CHECK(plain[4096] == 0);
  CHECK_OK("cuMemHostUnregister", low);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemsetD8_v2", number(low), static_cast<unsigned char>(7), std::size_t{1});
  CHECK_OK("cuMemHostUnregister", high);
}

TEST_CASE("advice about managed memory is told again") {
  const CurrentContext context;
  CUdeviceptr pointer = 0;
  CHECK_OK("cuMemAllocManaged", &pointer, kMiB, 1U);
  const CUmemLocation here = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
  const CUmemLocation numa = {CU_MEM_LOCATION_TYPE_HOST_NUMA, 1};
  CHECK_OK("cuMemAdvise_v2", pointer, kMiB, int{CU_MEM_ADVISE_SET_ACCESSED_BY}, here);
  CHECK_OK("cuMemAdvise_v2", pointer, kMiB, int{CU_MEM_ADVISE_SET_READ_MOSTLY}, here);
  CHECK_OK("cuMemPrefetchAsync_v2", pointer, kMiB, numa, 0U, CUstream{nullptr});
  int read_mostly = -7;
  int accessed[2] = {-7, -7};
  int prefetched = -7;
  void* data[] = {&read_mostly, accessed, &prefetched};
  std::size_t sizes[] = {4, 8, 4};
  int attributes[] = {CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY, CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY,
                      CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID};
  CHECK_OK("cuMemRangeGetAttributes", &data[0], &sizes[0], &attributes[0], std::size_t{3}, pointer, kMiB);
  CHECK(read_mostly == 1);
  CHECK(accessed[0] == 0);
  CHECK(accessed[1] == -2);
  CHECK(prefetched == 1);
  CHECK_OK("cuMemAdvise_v2", pointer, kMiB, int{CU_MEM_ADVISE_UNSET_ACCESSED_BY}, here);
  CHECK_OK("cuMemRangeGetAttributes", &data[0], &sizes[0], &attributes[0], std::size_t{2}, pointer, kMiB);
  CHECK(accessed[0] == -2);
  CHECK_OK("cuMemFree_v2", pointer);
}

TEST_CASE("a pool keeps its books, its limit and, after its end, its memory") {
  const CurrentContext context;
  CUmemPoolProps properties = {};
  properties.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
  properties.maxSize = 4 * kMiB;
  CUmemoryPool pool = nullptr;
  CHECK_OK("cuMemPoolCreate", &pool, static_cast<const CUmemPoolProps*>(&properties));
  const auto attribute = [&](int which) {
    std::uint64_t value = 77;
    CHECK_OK("cuMemPoolGetAttribute", pool, which, static_cast<void*>(&value));
    return value;
  };
  const std::size_t before = free_bytes();
  const CUstream stream = nullptr;
  CUdeviceptr one = 0;
  CUdeviceptr two = 0;
  CHECK_OK("cuMemAllocFromPoolAsync", &one, 3 * kMiB, pool, stream);
  CHECK_RESULT(CUDA_ERROR_OUT_OF_MEMORY, "cuMemAllocFromPoolAsync", &two, 2 * kMiB, pool, stream);
  CHECK_OK("cuMemAllocFromPoolAsync", &two, kMiB, pool, stream);
  CHECK(attribute(CU_MEMPOOL_ATTR_USED_MEM_CURRENT) == 4 * kMiB);
  CHECK(free_bytes() == before - 4 * kMiB);
  CHECK_OK("cuMemFreeAsync", two, stream);
  CHECK(attribute(CU_MEMPOOL_ATTR_USED_MEM_CURRENT) == 3 * kMiB);
  CHECK(attribute(CU_MEMPOOL_ATTR_USED_MEM_HIGH) == 4 * kMiB);
  std::uint64_t zero = 0;
  CHECK_OK("cuMemPoolSetAttribute", pool, int{CU_MEMPOOL_ATTR_USED_MEM_HIGH}, static_cast<void*>(&zero));
  CHECK(attribute(CU_MEMPOOL_ATTR_USED_MEM_HIGH) == 3 * kMiB);
  CHECK_OK("cuMemPoolDestroy", pool);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuMemPoolDestroy", pool);
  CHECK_OK("cuMemsetD8_v2", one, static_cast<unsigned char>(1), 3 * kMiB);
  CHECK_OK("cuMemFree_v2", one);
  CHECK(free_bytes() == before);
}

TEST_CASE("sharing is refused, after the question was looked at") {
  const CurrentContext context;
  const CUdeviceptr pointer = allocate(kMiB);
  struct IpcHandle {
    char reserved[64];
  } handle = {};
  int on_host = 0;
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuIpcGetMemHandle", &handle, pointer);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuIpcGetMemHandle", static_cast<IpcHandle*>(nullptr), pointer);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuIpcGetMemHandle", &handle, number(&on_host));
  CUdeviceptr opened = 0;
  CHECK_RESULT(CUDA_ERROR_NOT_SUPPORTED, "cuIpcOpenMemHandle_v2", &opened, handle, 1U);
  CHECK_RESULT(CUDA_ERROR_INVALID_VALUE, "cuIpcOpenMemHandle_v2", &opened, handle, 0U);
  CHECK_OK("cuMemFree_v2", pointer);
}
