// Pools and graphs: charged for what the driver keeps reserved. The limit is 1 GiB; the fake's blocks have 32 MiB.
#include "tests/gpu/slice_library.h"

using namespace vgpu::test;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kBlock = 32 * kMiB;
constexpr std::uint64_t kLimit = 1024 * kMiB;
constexpr int kOutOfMemory = 2;

struct Properties {
  int type = 1, handle_types = 0, location_type = 1, location = 0;
  char rest[72] = {};
};
struct Allocation {
  Properties pool;
  const void* access = nullptr;
  std::size_t access_count = 0;
  std::size_t bytes = 0;
  std::uint64_t at = 0;
};

void* const kStream = nullptr;

std::uint64_t make_pool(int location_type = 1) {
  Properties properties;
  properties.location_type = location_type;
  std::uint64_t pool = 0;
  REQUIRE(cuda("cuMemPoolCreate", &pool, static_cast<const Properties*>(&properties)) == 0);
  return pool;
}
int take(std::uint64_t pool, std::uint64_t bytes, std::uint64_t& at) {
  return cuda("cuMemAllocFromPoolAsync", &at, bytes, pool, kStream);
}
int drop(std::uint64_t at) { return cuda("cuMemFreeAsync", at, kStream); }
void wait() { REQUIRE(cuda("cuStreamSynchronize", kStream) == 0); }
void keep(std::uint64_t pool, std::uint64_t threshold) {
  REQUIRE(cuda("cuMemPoolSetAttribute", pool, 4, &threshold) == 0);
}

std::uint64_t make_graph(std::uint64_t number, std::uint64_t bytes) {
  Allocation allocation;
  allocation.bytes = bytes;
  std::uint64_t node = 0;
  REQUIRE(cuda("cuGraphAddMemAllocNode", &node, number, static_cast<const void*>(nullptr), std::size_t{0},
               &allocation) == 0);
  std::uint64_t executable = 0;
  REQUIRE(cuda("cuGraphInstantiateWithFlags", &executable, number, 0ULL) == 0);
  return executable;
}

}  // namespace

TEST_SUITE("pools") {

TEST_CASE("a pool costs what it keeps reserved, until it gives that back") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  const std::uint64_t pool = make_pool();
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  REQUIRE(take(pool, 1000, a) == 0);
  CHECK(booked() == kBlock);
  CHECK(booked() == taken());
  REQUIRE(take(pool, 40 * kMiB, b) == 0);
  CHECK(booked() == 2 * kBlock);
  // Freed, and still the pool's; behind a synchronisation it is nobody's.
  CHECK(drop(b) == 0);
  CHECK(booked() == 2 * kBlock);
  CHECK(booked() == taken());
  wait();
  CHECK(booked() == kBlock);
  CHECK(booked() == taken());
  // Up to its threshold it keeps it, until it is trimmed.
  keep(pool, UINT64_MAX);
  REQUIRE(take(pool, 100 * kMiB, b) == 0);
  CHECK(drop(b) == 0);
  wait();
  CHECK(booked() == 4 * kBlock);
  CHECK(booked() == taken());
  CHECK(cuda("cuMemPoolTrimTo", pool, 2 * kBlock) == 0);
  CHECK(booked() == 2 * kBlock);
  CHECK(cuda("cuMemPoolTrimTo", pool, std::uint64_t{0}) == 0);
  CHECK(booked() == kBlock);
  CHECK(drop(a) == 0);
  CHECK(cuda("cuMemPoolDestroy", pool) == 0);
  CHECK(booked() == 0);
  CHECK(taken() == 0);
}

TEST_CASE("what a pool keeps is released before anybody is refused, and used before more is taken") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  const std::uint64_t pool = make_pool();
  keep(pool, UINT64_MAX);
  std::uint64_t at = 0;
  std::uint64_t other = 0;
  REQUIRE(take(pool, 800 * kMiB, at) == 0);
  CHECK(drop(at) == 0);
  REQUIRE(take(pool, 700 * kMiB, at) == 0);  // from what it has
  CHECK(booked() == 800 * kMiB);
  CHECK(drop(at) == 0);
  REQUIRE(cuda("cuMemAlloc_v2", &other, std::size_t{600 * kMiB}) == 0);
  CHECK(booked() == 600 * kMiB);
  CHECK(booked() == taken());
  CHECK(take(pool, 500 * kMiB, at) == kOutOfMemory);
  CHECK(booked() == 600 * kMiB);
  const std::uint64_t second = make_pool();
  keep(second, UINT64_MAX);
  REQUIRE(take(second, 400 * kMiB, at) == 0);
  CHECK(drop(at) == 0);
  REQUIRE(take(pool, 400 * kMiB, at) == 0);  // what the other keeps
  CHECK(drop(at) == 0);
  CHECK(cuda("cuMemFree_v2", other) == 0);
  CHECK(cuda("cuMemPoolDestroy", pool) == 0);
  CHECK(cuda("cuMemPoolDestroy", second) == 0);
  CHECK(booked() == 0);
  CHECK(taken() == 0);
}

TEST_CASE("a pool that takes more than the quota has left: the allocation is undone") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  const std::uint64_t pool = make_pool();
  std::uint64_t rest = 0;
  std::uint64_t at = 0;
  REQUIRE(cuda("cuMemAlloc_v2", &rest, std::size_t{kLimit - 20 * kMiB}) == 0);
  CHECK(take(pool, kMiB, at) == kOutOfMemory);  // of 20 MiB; but it would keep 32
  CHECK(booked() == kLimit - 20 * kMiB);
  CHECK(booked() == taken());
  CHECK(cuda("cuMemFree_v2", rest) == 0);
  CHECK(take(pool, kMiB, at) == 0);
  CHECK(drop(at) == 0);
  // The driver refuses: nothing stays.
  fail("cuMemAllocFromPoolAsync");
  CHECK(take(pool, 100 * kMiB, at) == 999);
  wait();
  CHECK(booked() == 0);
  CHECK(cuda("cuMemPoolDestroy", pool) == 0);
}

TEST_CASE("a pool that is destroyed while something of it is in use") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  const std::uint64_t pool = make_pool();
  std::uint64_t at = 0;
  REQUIRE(take(pool, kBlock, at) == 0);
  fail("cuMemPoolDestroy");
  CHECK(cuda("cuMemPoolDestroy", pool) == 999);
  CHECK(cuda("cuMemPoolDestroy", pool) == 0);
  CHECK(booked() == kBlock);
  CHECK(drop(at) == 0);
  CHECK(booked() == 0);
  wait();
  CHECK(taken() == 0);
}

TEST_CASE("thousands of pools, one after another") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  std::uint64_t at = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t pool = make_pool(i % 2 + 1);
    if (i % 2 == 0) {
      REQUIRE(take(pool, 1, at) == 0);
      REQUIRE(booked() == kBlock);
      REQUIRE(drop(at) == 0);
    }
    REQUIRE(cuda("cuMemPoolDestroy", pool) == 0);
    REQUIRE(booked() == 0);
  }
}

TEST_CASE("the device's own pool, and another in its place") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  std::uint64_t at = 0;
  REQUIRE(cuda("cuMemAllocAsync", &at, std::size_t{kMiB}, kStream) == 0);
  CHECK(booked() == kBlock);
  CHECK(drop(at) == 0);
  wait();
  CHECK(booked() == 0);
  const std::uint64_t pool = make_pool();
  keep(pool, UINT64_MAX);
  REQUIRE(cuda("cuDeviceSetMemPool", 0, pool) == 0);
  REQUIRE(cuda("cuMemAllocAsync", &at, std::size_t{kMiB}, kStream) == 0);
  CHECK(cuda("cuMemFree_v2", at) == 0);
  CHECK(booked() == kBlock);  // it keeps that
  std::uint64_t standard = 0;
  REQUIRE(cuda("cuDeviceGetDefaultMemPool", &standard, 0) == 0);
  REQUIRE(cuda("cuDeviceSetMemPool", 0, standard) == 0);
  CHECK(cuda("cuMemPoolDestroy", pool) == 0);
  CHECK(booked() == 0);
}

TEST_CASE("a pool on the host costs the device nothing") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  const std::uint64_t pool = make_pool(2);  // CU_MEM_LOCATION_TYPE_HOST
  std::uint64_t at = 0;
  REQUIRE(take(pool, 100 * kMiB, at) == 0);
  CHECK(booked() == 0);
  CHECK(drop(at) == 0);
  CHECK(cuda("cuMemPoolDestroy", pool) == 0);
}

TEST_CASE("a graph costs what it needs from its first run until it is trimmed") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  const std::uint64_t graph = make_graph(0x10, 100 * kMiB);
  CHECK(booked() == 0);
  std::uint64_t most = 0;
  REQUIRE(cuda("cuMemAlloc_v2", &most, std::size_t{kLimit - 6 * kBlock}) == 0);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(cuda("cuGraphLaunch", graph, kStream) == 0);
    CHECK(booked() == kLimit - 2 * kBlock);
    CHECK(booked() == taken());
  }
  CHECK(cuda("cuMemFree_v2", most) == 0);
  CHECK(fake<unsigned long>("fake_calls", "cuDeviceGraphMemTrim") == 0);  // there was room, once it had run
  // One that does not fit is refused before it runs; the driver's own refusal leaves nothing.
  std::uint64_t rest = 0;
  REQUIRE(cuda("cuMemAlloc_v2", &rest, std::size_t{500 * kMiB}) == 0);
  const std::uint64_t large = make_graph(0x20, 500 * kMiB);
  CHECK(booked() == 500 * kMiB);  // to see whether there is room for it, what the other kept was released
  REQUIRE(cuda("cuGraphLaunch", graph, kStream) == 0);
  const auto launches = fake<unsigned long>("fake_calls", "cuGraphLaunch");
  std::uint64_t more = 0;
  REQUIRE(cuda("cuMemAlloc_v2", &more, std::size_t{100 * kMiB}) == 0);
  CHECK(cuda("cuGraphLaunch", large, kStream) == kOutOfMemory);
  CHECK(fake<unsigned long>("fake_calls", "cuGraphLaunch") == launches);
  CHECK(cuda("cuMemFree_v2", more) == 0);
  fail("cuGraphLaunch");
  CHECK(cuda("cuGraphLaunch", large, kStream) == 999);
  CHECK(booked() == taken());
  CHECK(cuda("cuMemFree_v2", rest) == 0);
  REQUIRE(cuda("cuGraphLaunch", large, kStream) == 0);
  CHECK(booked() == 16 * kBlock);
  CHECK(cuda("cuGraphExecDestroy", large) == 0);
  CHECK(cuda("cuGraphExecDestroy", graph) == 0);
  CHECK(booked() == 16 * kBlock);  // the driver keeps it
  CHECK(cuda("cuDeviceGraphMemTrim", 0) == 0);
  CHECK(booked() == 0);
  CHECK(taken() == 0);
}

TEST_CASE("what is captured from a stream costs nothing before it runs") {
  REQUIRE(cuda("cuInit", 0U) == 0);
  fake<void>("fake_capture", 1);
  std::uint64_t at = 0;
  REQUIRE(cuda("cuMemAllocAsync", &at, std::size_t{2 * kLimit}, kStream) == 0);
  REQUIRE(cuda("cuMemAllocAsync", &at, std::size_t{kMiB}, kStream) == 0);
  fake<void>("fake_capture", 0);
  CHECK(booked() == 0);
  std::uint64_t executable = 0;
  CHECK(cuda("cuGraphInstantiateWithFlags", &executable, std::uint64_t{0x600}, 0ULL) == kOutOfMemory);
  CHECK(booked() == 0);
}

}  // TEST_SUITE("pools")
