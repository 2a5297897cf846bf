// The quota, on each kind of allocation: charged what it takes, refused beyond the limit before the driver is asked,
// given back when the driver says no and when it is freed. The limit is 1 GiB, the fake has 16.
#include <string>
#include <vector>

#include "tests/gpu/slice_library.h"

using namespace vgpu::test;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kLimit = 1024 * kMiB;
constexpr int kOutOfMemory = 2;

struct Properties {
  int type = 1, handle_types = 0, location_type = 1, location = 0;
  char rest[64] = {};
};
struct Array {
  std::size_t width, height, depth;
  int format;
  unsigned channels, flags;
};
struct Flat {
  std::size_t width, height;
  int format;
  unsigned channels;
};

// A kind of allocation: make(bytes, it), free(it), and the driver's function that makes it.
struct Kind {
  const char* make_name;
  int (*make)(std::uint64_t bytes, std::uint64_t& it);
  const char* free_name;
  int (*free)(std::uint64_t it);
};

int free_plain(std::uint64_t it) { return cuda("cuMemFree_v2", it); }
// And waits, so that the pool keeps nothing.
int free_async(std::uint64_t it) {
  const int status = cuda("cuMemFreeAsync", it, static_cast<void*>(nullptr));
  CHECK(cuda("cuStreamSynchronize", static_cast<void*>(nullptr)) == 0);
  return status;
}
int free_async_per_thread(std::uint64_t it) {
  const int status = cuda("cuMemFreeAsync_ptsz", it, static_cast<void*>(nullptr));
  CHECK(cuda("cuCtxSynchronize") == 0);
  return status;
}
int destroy_array(std::uint64_t it) { return cuda("cuArrayDestroy", it); }

std::uint64_t pool() {
  static const std::uint64_t made = [] {
    Properties properties;
    std::uint64_t made_pool = 0;
    REQUIRE(cuda("cuMemPoolCreate", &made_pool, static_cast<const Properties*>(&properties)) == 0);
    return made_pool;
  }();
  return made;
}

const Kind kKinds[] = {
    {"cuMemAlloc_v2", [](std::uint64_t bytes, std::uint64_t& it) { return cuda("cuMemAlloc_v2", &it, bytes); },
     "cuMemFree_v2", free_plain},
    {"cuMemAllocManaged",
     [](std::uint64_t bytes, std::uint64_t& it) { return cuda("cuMemAllocManaged", &it, bytes, 1U); }, "cuMemFree_v2",
     free_plain},
    {"cuMemAllocPitch_v2",
     [](std::uint64_t bytes, std::uint64_t& it) {
       std::size_t pitch = 0;
       return cuda("cuMemAllocPitch_v2", &it, &pitch, std::size_t{4096}, static_cast<std::size_t>(bytes / 4096), 4U);
     },
     "cuMemFree_v2", free_plain},
    {"cuMemAllocAsync",
     [](std::uint64_t bytes, std::uint64_t& it) {
       return cuda("cuMemAllocAsync", &it, bytes, static_cast<void*>(nullptr));
     },
     "cuMemFreeAsync", free_async},
    {"cuMemAllocAsync_ptsz",
     [](std::uint64_t bytes, std::uint64_t& it) {
       return cuda("cuMemAllocAsync_ptsz", &it, bytes, static_cast<void*>(nullptr));
     },
     "cuMemFreeAsync_ptsz", free_async_per_thread},
    {"cuMemAllocFromPoolAsync",
     [](std::uint64_t bytes, std::uint64_t& it) {
       return cuda("cuMemAllocFromPoolAsync", &it, bytes, pool(), static_cast<void*>(nullptr));
     },
     "cuMemFreeAsync", free_async},
    {"cuMemCreate",
     [](std::uint64_t bytes, std::uint64_t& it) {
       Properties properties;
       return cuda("cuMemCreate", &it, bytes, static_cast<const Properties*>(&properties), std::uint64_t{0});
     },
     "cuMemRelease", [](std::uint64_t it) { return cuda("cuMemRelease", it); }},
    {"cuImportExternalMemory",
     [](std::uint64_t bytes, std::uint64_t& it) {
       const std::uint64_t description[5] = {1, 0, 0, bytes, 0};
       return cuda("cuImportExternalMemory", &it, static_cast<const std::uint64_t*>(description));
     },
     "cuDestroyExternalMemory", [](std::uint64_t it) { return cuda("cuDestroyExternalMemory", it); }},
};

}  // namespace

TEST_SUITE("quota") {

TEST_CASE("the device is the limit") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  CHECK(info().total == kLimit);
  CHECK(info().free == kLimit);
  std::size_t total = 0;
  CHECK(cuda("cuDeviceTotalMem_v2", &total, 0) == 0);
  CHECK(total == kLimit);
}

TEST_CASE("each kind: charged, refused, rolled back, freed") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  for (const Kind& kind : kKinds) {
    CAPTURE(std::string(kind.make_name));
    CHECK(booked() == 0);
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    CHECK(kind.make(768 * kMiB, first) == 0);
    CHECK(booked() == 768 * kMiB);
    CHECK(taken() == 768 * kMiB);
    // Beyond the limit: the driver is not even asked.
    const auto calls = fake<unsigned long>("fake_calls", kind.make_name);
    CHECK(calls != 0);
    CHECK(kind.make(257 * kMiB, second) == kOutOfMemory);
    CHECK(fake<unsigned long>("fake_calls", kind.make_name) == calls);
    CHECK(booked() == 768 * kMiB);
    // The driver says no: nothing stays charged.
    fail(kind.make_name);
    CHECK(kind.make(256 * kMiB, second) == 999);
    CHECK(booked() == 768 * kMiB);
    // To the byte up to the limit.
    CHECK(kind.make(256 * kMiB, second) == 0);
    CHECK(info().free == 0);
    CHECK(info().total == kLimit);
    // A free that fails frees nothing, one that works frees all.
    fail(kind.free_name);
    CHECK(kind.free(second) == 999);
    CHECK(booked() == kLimit);
    CHECK(kind.free(second) == 0);
    CHECK(booked() == 768 * kMiB);
    CHECK(kind.free(first) == 0);
    CHECK(booked() == 0);
    CHECK(taken() == 0);
  }
  CHECK(fake<std::uint64_t>("fake_most_used", 0) <= kLimit);
}

TEST_CASE("a free of something unknown is the driver's affair") {
  CHECK(cuda("cuMemFree_v2", std::uint64_t{0x1234}) == 1);
  CHECK(cuda("cuMemFree_v2", std::uint64_t{0}) == 0);
  CHECK(cuda("cuMemRelease", std::uint64_t{0x1234}) == 1);
  CHECK(cuda("cuArrayDestroy", std::uint64_t{0x1234}) == 1);
  CHECK(booked() == 0);
}

TEST_CASE("what was allocated behind our back is nothing of ours") {
  std::uint64_t at = 0;
  REQUIRE(fake("cuMemAlloc_v2", &at, std::size_t{4096}) == 0);
  CHECK(booked() == 0);
  CHECK(cuda("cuMemFree_v2", at) == 0);
  CHECK(booked() == 0);
}

TEST_CASE("plain memory may be freed by the stream, and the other way round") {
  std::uint64_t at = 0;
  REQUIRE(cuda("cuMemAlloc_v2", &at, std::size_t{kMiB}) == 0);
  CHECK(free_async(at) == 0);
  CHECK(booked() == 0);
  REQUIRE(cuda("cuMemAllocAsync", &at, std::size_t{kMiB}, static_cast<void*>(nullptr)) == 0);
  CHECK(free_plain(at) == 0);
  CHECK(booked() == 0);
}

TEST_CASE("released memory counts as long as it is mapped") {
  const Kind& create = kKinds[6];
  constexpr std::uint64_t kAt = 0x600000000000;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  REQUIRE(create.make(2 * kMiB, a) == 0);
  REQUIRE(create.make(4 * kMiB, b) == 0);
  REQUIRE(cuda("cuMemMap", kAt, 2 * kMiB, std::uint64_t{0}, a, std::uint64_t{0}) == 0);
  REQUIRE(cuda("cuMemMap", kAt + 2 * kMiB, 4 * kMiB, std::uint64_t{0}, b, std::uint64_t{0}) == 0);
  CHECK(create.free(a) == 0);
  CHECK(create.free(b) == 0);
  CHECK(booked() == 6 * kMiB);
  CHECK(taken() == 6 * kMiB);
  std::uint64_t retained = 0;
  REQUIRE(cuda("cuMemRetainAllocationHandle", &retained, kAt + 3 * kMiB) == 0);
  fail("cuMemUnmap");
  CHECK(cuda("cuMemUnmap", kAt, 6 * kMiB) == 999);
  CHECK(booked() == 6 * kMiB);
  CHECK(cuda("cuMemUnmap", kAt, 6 * kMiB) == 0);  // both mappings in one call
  CHECK(booked() == 4 * kMiB);                    // one is retained
  CHECK(taken() == 4 * kMiB);
  CHECK(create.free(retained) == 0);
  CHECK(booked() == 0);
  CHECK(taken() == 0);
}

TEST_CASE("memory on the host costs the device nothing") {
  Properties properties;
  properties.location_type = 3;  // CU_MEM_LOCATION_TYPE_HOST_NUMA
  std::uint64_t handle = 0;
  REQUIRE(cuda("cuMemCreate", &handle, std::size_t{64 * kMiB}, static_cast<const Properties*>(&properties),
               std::uint64_t{0}) == 0);
  CHECK(booked() == 0);
  CHECK(cuda("cuMemRelease", handle) == 0);
}

TEST_CASE("arrays count as the driver lays them out") {
  std::uint64_t array = 0;
  const Array deep = {1000, 1000, 10, 1, 1, 0};
  REQUIRE(cuda("cuArray3DCreate_v2", &array, &deep) == 0);
  const std::uint64_t units = (10'000'000 + kMiB + 511) / 512 * 512;
  CHECK(booked() == units);
  CHECK(destroy_array(array) == 0);
  CHECK(booked() == 0);
  const Flat flat = {1000, 1000, 1, 4};
  REQUIRE(cuda("cuArrayCreate_v2", &array, &flat) == 0);
  CHECK(booked() == (4'000'000 + kMiB + 511) / 512 * 512);
  CHECK(destroy_array(array) == 0);
  REQUIRE(cuda("cuMipmappedArrayCreate", &array, &deep, 3U) == 0);
  CHECK(booked() == (3 * (10'000'000 + kMiB) + 511) / 512 * 512);
  CHECK(cuda("cuMipmappedArrayDestroy", array) == 0);
  CHECK(booked() == 0);
  const Array sparse = {1000, 1000, 10, 1, 1, 0x40};
  REQUIRE(cuda("cuArray3DCreate_v2", &array, &sparse) == 0);
  CHECK(booked() == 0);
  CHECK(destroy_array(array) == 0);
  const Array huge = {1024, 1024, 1024, 1, 1, 0};  // and one MiB
  CHECK(cuda("cuArray3DCreate_v2", &array, &huge) == kOutOfMemory);
  CHECK(booked() == 0);
  CHECK(taken() == 0);
}

TEST_CASE("without a context the driver answers for itself") {
  std::uint64_t at = 0;
  fail("cuCtxGetDevice", 201);
  CHECK(cuda("cuMemAlloc_v2", &at, std::size_t{4096}) == 0);  // the fake takes it
  CHECK(booked() == 0);
  CHECK(free_plain(at) == 0);
}

TEST_CASE("ten thousand pieces, freed in another order") {
  std::vector<std::uint64_t> all(10'000);
  for (std::uint64_t& at : all) REQUIRE(cuda("cuMemAlloc_v2", &at, std::size_t{1000}) == 0);
  CHECK(booked() == 10'000 * 1024);
  for (std::size_t i = 0; i < all.size(); ++i) REQUIRE(free_plain(all[i * 7919 % all.size()]) == 0);
  CHECK(booked() == 0);
}

}  // TEST_SUITE("quota")

TEST_SUITE("old") {

TEST_CASE("a driver that does not tell what arrays take: reckoned, and never less than it is") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  std::uint64_t array = 0;
  const Array deep = {4096, 4096, 4, 0x20, 4, 0};
  REQUIRE(cuda("cuArray3DCreate_v2", &array, &deep) == 0);
  CHECK(booked() >= std::uint64_t{4096} * 4096 * 4 * 4 * 4);
  CHECK(destroy_array(array) == 0);
  CHECK(booked() == 0);
}

TEST_CASE("rows further apart than was taken for granted are settled afterwards") {
  std::uint64_t at = 0;
  std::size_t pitch = 0;
  REQUIRE(cuda("cuMemAllocPitch_v2", &at, &pitch, std::size_t{100}, std::size_t{1000}, 4U) == 0);
  CHECK(pitch == 4096);
  CHECK(booked() == 4096 * 1000);
  CHECK(free_plain(at) == 0);
  CHECK(booked() == 0);
  // 512 a row would fit, 4096 do not.
  CHECK(cuda("cuMemAllocPitch_v2", &at, &pitch, std::size_t{100}, std::size_t{1'000'000}, 4U) == kOutOfMemory);
  CHECK(booked() == 0);
  CHECK(taken() == 0);
}

}  // TEST_SUITE("old")

TEST_SUITE("free") {

TEST_CASE("without a quota everything is the driver's") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  CHECK(info().total == std::uint64_t{16} << 30);
  std::uint64_t at = 0;
  REQUIRE(cuda("cuMemAlloc_v2", &at, std::size_t{4096}) == 0);
  CHECK(info().free == (std::uint64_t{16} << 30) - 4096);
  CHECK(free_plain(at) == 0);
}

}  // TEST_SUITE("free")
