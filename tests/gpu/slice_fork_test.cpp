// A child of fork has its parent's memory and none of its parent's GPU: a real driver answers CUDA_ERROR_NOT_INITIALIZED to
// every call there (seen with 580.159.04). So nothing that the parent was charged is the child's to give back.
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

#include "shims/session/reader.h"
#include "tests/gpu/slice_library.h"

using namespace vgpu::test;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr int kNotInitialized = 3;
void* const kStream = nullptr;

// A session of 1 GiB in which this process has 512 MiB, and 32 in a pool.
struct Parent {
  Parent() {
    REQUIRE(mkdtemp(directory) != nullptr);
    path = std::string(directory) + "/session";
    setenv("VGPU_SESSION", path.c_str(), 1);
    setenv("VGPU_MEMORY", "1073741824", 1);
    REQUIRE(cuda("cuInit", 0U) == 0);
    REQUIRE(cuda("cuMemAlloc_v2", &plain, std::size_t{512 * kMiB}) == 0);
    REQUIRE(cuda("cuMemAllocAsync", &pooled, std::size_t{32 * kMiB}, kStream) == 0);
    REQUIRE(booked() == 544 * kMiB);
  }
  ~Parent() { std::filesystem::remove_all(directory); }
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;

  unsigned members() const {
    vgpu::session::Reader reader;
    vgpu::session::Failure failure;
    REQUIRE(reader.open(path.c_str(), failure));
    unsigned next = 0;
    unsigned count = 0;
    for (vgpu::session::Process one = {}; reader.next_process(next, one);) ++count;
    return count;
  }

  char directory[32] = "/dev/shm/slice-test-XXXXXX";
  std::string path;
  std::uint64_t plain = 0;
  std::uint64_t pooled = 0;
};

// body() in a child of fork; 0 when it said true. Where it hangs it is killed.
template <class Body>
int in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(10);
    _exit(body() ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

TEST_SUITE("fork") {

TEST_CASE("what a child of fork frees of its parent's stays the parent's, whatever the driver says") {
  const Parent parent;
  // As a real driver does it. The child is not even in the session.
  CHECK(in_child([&] {
          fail("cu", kNotInitialized, 1'000'000);
          std::uint64_t at = 0;
          return cuda("cuInit", 0U) == kNotInitialized && cuda("cuMemFree_v2", parent.plain) == kNotInitialized &&
                 cuda("cuMemFreeAsync", parent.pooled, kStream) == kNotInitialized &&
                 cuda("cuMemAlloc_v2", &at, std::size_t{kMiB}) == kNotInitialized && parent.members() == 1;
        }) == 0);
  CHECK(booked() == 544 * kMiB);
  // Where a driver would free it all the same: the child's books have what the child has taken, and no more goes off them.
  CHECK(in_child([&] {
          std::uint64_t mine = 0;
          if (cuda("cuMemAlloc_v2", &mine, std::size_t{128 * kMiB}) != 0 || booked() != 672 * kMiB) return false;
          if (cuda("cuMemFree_v2", parent.plain) != 0 || booked() != 672 * kMiB) return false;
          if (cuda("cuMemFreeAsync", parent.pooled, kStream) != 0 || booked() != 672 * kMiB) return false;
          return cuda("cuMemFree_v2", mine) == 0 && booked() == 544 * kMiB;
        }) == 0);
  CHECK(booked() == 544 * kMiB);

  // Another thread holds the lock of the books of pools when the process forks: it is free in the child.
  std::uint64_t more = 0;
  int result = -1;
  fake<void>("fake_keep");
  std::thread holder([&] { result = cuda("cuMemAllocAsync", &more, std::size_t{kMiB}, kStream); });
  while (fake<int>("fake_kept") == 0) std::this_thread::yield();
  CHECK(in_child([] {
          std::uint64_t mine = 0;
          return cuda("cuMemAllocAsync", &mine, std::size_t{kMiB}, kStream) == 0;
        }) == 0);
  fake<void>("fake_let_go");
  holder.join();
  CHECK(result == 0);
  CHECK(cuda("cuMemFreeAsync", more, kStream) == 0);
  CHECK(cuda("cuMemFreeAsync", parent.pooled, kStream) == 0);
  CHECK(cuda("cuMemFree_v2", parent.plain) == 0);
  CHECK(cuda("cuStreamSynchronize", kStream) == 0);
  // What the child had taken goes off the books within 50 ms of its death.
  for (int i = 0; i < 100 && booked() != 0; ++i) usleep(10'000);
  CHECK(booked() == 0);
}

}  // TEST_SUITE("fork")
