// A session seen from outside: what the books say, of files that change, shrink or hold anything meanwhile.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "launcher/session/limit.h"
#include "launcher/session/truncation_guard.h"
#include "shims/session/cleanup.h"
#include "shims/session/lock.h"
#include "tests/session/scene.h"

namespace {

using namespace vgpu;
using namespace vgpu::session_test;
using session::Failure;
using session::kUnit;
using session::Layout;
using session::Member;
using sessions::Snapshot;

Snapshot look(const std::string& path) {
  Snapshot snapshot;
  Failure failure = {};
  const bool good = take_snapshot(path, snapshot, failure);
  REQUIRE_MESSAGE(good, failure.what);
  return snapshot;
}

}  // namespace

TEST_CASE("the living are shown with what they have, the dead with nothing, and nothing is written") {
  const Directory directory;
  const std::string path = directory.session();
  Member member;
  REQUIRE(hold(path, 3 * kUnit, member));
  {
    Child child([&](const Child& self) {
      Member theirs;
      self.tell(hold(path, 4 * kUnit, theirs) ? 'h' : 'f');
      pause();
    });
    REQUIRE(child.word() == 'h');
    const Snapshot both = look(path);
    CHECK(both.exact);
    CHECK(both.lived_in);
    CHECK(both.owner == geteuid());
    REQUIRE(both.devices.size() == 2);
    CHECK(both.devices[0].used == 7 * kUnit);
    CHECK(both.devices[0].limit == 1 << 20);
    CHECK(both.devices[0].name == "Test GPU");
    CHECK(both.devices[0].uuid == "GPU-01000000-0000-0000-0000-000000000000");
    REQUIRE(both.residents.size() == 2);
    CHECK(both.residents[0].used[0] == 3 * kUnit);
    CHECK(both.residents[1].used[0] == 4 * kUnit);
    CHECK(both.residents[1].pid == static_cast<std::uint32_t>(child.pid()));
    child.kill();
    const Snapshot one = look(path);
    CHECK(one.devices[0].used == 3 * kUnit);
    REQUIRE(one.residents.size() == 1);
    CHECK(one.residents[0].used[0] == 3 * kUnit);
    CHECK(member.books().total(0) == 7);  // looking has not touched the books
  }
  leave(member);
  CHECK_FALSE(look(path).lived_in);
}

TEST_CASE("while others allocate, the sum of the processes is the device's") {
  const Directory directory;
  const std::string path = directory.session();
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 3; ++i) {
    children.push_back(std::make_unique<Child>([&](const Child& self) {
      Member member;
      self.tell(hold(path, kUnit, member) ? 'h' : 'f');
      for (std::uint64_t k = 1;; ++k) {
        member.books().reserve(0, member.slot, k % 5 + 1, 2048);
        member.books().give_back(0, member.slot, k % 5 + 1);
        if (k % 1024 == 0) usleep(50);  // moments of quiet, for the reader's sake
      }
    }));
    REQUIRE(children.back()->word() == 'h');
  }
  int exact = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Snapshot seen = look(path);
    if (!seen.exact) continue;
    ++exact;
    std::uint64_t sum = 0;
    for (const sessions::Resident& one : seen.residents) sum += one.used[0];
    REQUIRE(sum == seen.devices[0].used);
  }
  CHECK(exact > 0);
}

TEST_CASE("any bytes make a refusal or figures, never more than there is room for") {
  const Directory directory;
  const std::string path = directory.session();
  Member member;
  REQUIRE(hold(path, kUnit, member));
  leave(member);
  std::mt19937_64 random(20261125);
  const int fd = open(path.c_str(), O_RDWR);
  std::vector<unsigned char> before(offsetof(Layout, slots) + 64 * sizeof(session::Slot));
  REQUIRE(pread(fd, before.data(), before.size(), 0) == static_cast<ssize_t>(before.size()));
  int refused = 0;
  for (int i = 0; i < 5000; ++i) {
    std::vector<unsigned char> bytes = before;
    for (int k = 0; k < 60; ++k) {
      // One time in eight in the header, else in accounts and slots.
      const std::size_t at = random() % 8 == 0 ? random() % 64 : 64 + random() % (bytes.size() - 64);
      bytes[at] = static_cast<unsigned char>(random());
    }
    if (random() % 2 == 0) std::memcpy(bytes.data(), before.data(), 20);  // magic, version and size
    REQUIRE(pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    Snapshot snapshot;
    Failure failure = {};
    if (!take_snapshot(path, snapshot, failure)) {
      ++refused;
      REQUIRE(failure.what != nullptr);
      continue;
    }
    REQUIRE(snapshot.devices.size() <= session::kDevices);
    for (const sessions::Device& device : snapshot.devices) REQUIRE(device.name.size() <= 64);
    REQUIRE(snapshot.residents.empty());  // nobody holds a lock, whatever the file says
  }
  CHECK(refused > 500);
  CHECK(refused < 4500);
  close(fd);
}

TEST_CASE("a file that is cut short under a store is told, and kills nobody") {
  const Directory directory;
  const std::string path = directory.session();
  Member member;
  REQUIRE(hold(path, kUnit, member));
  leave(member);
  const int fd = open(path.c_str(), O_RDWR);
  {
    const sessions::TruncationGuard guard(fd, offsetof(Layout, slots));
    auto* const layout = static_cast<Layout*>(guard.at());
    REQUIRE(layout != nullptr);
    CHECK(layout->header.magic == session::kMagic);
    CHECK_FALSE(guard.truncated());
    REQUIRE(ftruncate(fd, 0) == 0);
    __atomic_store_n(&layout->accounts[0].limit, 1234, __ATOMIC_RELAXED);
    CHECK(guard.truncated());
    CHECK(layout->header.magic == 0);
  }
  close(fd);
  // Another one's SIGBUS is still another one's.
  Child child([&](const Child&) {
    const std::string other = directory.file("other");
    const int file = open(other.c_str(), O_RDWR | O_CREAT, 0600);
    if (ftruncate(file, 4096) != 0) return;
    auto* const at = static_cast<volatile char*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    const sessions::TruncationGuard guard(file, 4096);
    if (ftruncate(file, 0) != 0) return;
    *at = 1;
  });
  const int status = child.wait();
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGBUS);
}

TEST_CASE("a file that shrinks and grows again and again is survived by who looks and who sets limits") {
  const Directory directory;
  const std::string path = directory.session();
  Member member;
  REQUIRE(hold(path, kUnit, member));
  leave(member);
  const Snapshot first = look(path);
  Child child([&](const Child& self) {
    const int fd = open(path.c_str(), O_RDWR);
    std::vector<unsigned char> front(offsetof(Layout, slots));
    if (pread(fd, front.data(), front.size(), 0) != static_cast<ssize_t>(front.size())) return;
    self.tell('g');
    for (;;) {
      if (ftruncate(fd, 0) != 0 || ftruncate(fd, sizeof(Layout)) != 0) return;
      if (pwrite(fd, front.data(), front.size(), 0) < 0) return;
      sched_yield();
    }
  });
  REQUIRE(child.word() == 'g');
  int set = 0;
  int refused = 0;
  // On a busy machine the two processes do not meet at once.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (int i = 0; i < 4000 || ((set == 0 || refused == 0) && std::chrono::steady_clock::now() < end); ++i) {
    Snapshot snapshot;
    Failure failure = {};
    take_snapshot(path, snapshot, failure);
    ++(set_limits(first, {{0, 512}, {1, 1024}}, {}, failure) ? set : refused);
  }
  CHECK(set > 0);
  CHECK(refused > 0);
}

TEST_CASE("limits are set in the file that was looked at, and in no other") {
  const Directory directory;
  const std::string path = directory.session();
  Member member;
  Failure failure = {};
  REQUIRE(hold(path, 2 * kUnit, member));
  const Snapshot before = look(path);
  REQUIRE(set_limits(before, {{1, 4096}, {0, kUnit}}, {}, failure));
  const Snapshot after = look(path);
  CHECK(after.devices[0].limit == kUnit);
  CHECK(after.devices[1].limit == 4096);
  CHECK(after.devices[0].used == 2 * kUnit);
  CHECK_FALSE(member.books().reserve(0, member.slot, 1, member.layout->accounts[0].limit / kUnit));
  REQUIRE(set_limits(after, {{0, 3 * kUnit}}, {}, failure));
  CHECK(member.books().reserve(0, member.slot, 1, member.layout->accounts[0].limit / kUnit));
  leave(member);
  // Reclaimed meanwhile, and made anew.
  REQUIRE(session::remove_if_unused(path.c_str()));
  CHECK_FALSE(set_limits(after, {{0, kUnit}}, {}, failure));
  CHECK(failure.error == ENOENT);
  REQUIRE(hold(path, kUnit, member));
  CHECK_FALSE(set_limits(after, {{0, kUnit}}, {}, failure));
  CHECK(std::string(failure.what) == "was made anew meanwhile");
  CHECK(look(path).devices[0].limit == 1 << 20);
  leave(member);
}

TEST_CASE("a session that somebody is in, or is about to be in, is not removed") {
  const Directory directory;
  const std::string path = directory.session();
  Member member;
  REQUIRE(hold(path, kUnit, member));
  CHECK_FALSE(session::remove_if_unused(path.c_str()));
  CHECK(session::launcher_lives(path.c_str()));
  CHECK_FALSE(session::launcher_lives(directory.file("mine").c_str()));
  leave(member);
  // Its lock taken, and no more than that.
  const int fd = open(path.c_str(), O_RDWR);
  bool broken = false;
  REQUIRE(session::lock_slot(fd, 7, broken));
  CHECK(look(path).lived_in);
  CHECK_FALSE(session::remove_if_unused(path.c_str()));
  close(fd);
  CHECK(session::remove_if_unused(path.c_str()));
  CHECK_FALSE(session::remove_if_unused(path.c_str()));
}
