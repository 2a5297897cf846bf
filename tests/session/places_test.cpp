// Which account of a session a device has: found by UUID, at its place, once, whoever comes first and whoever dies
// meanwhile.
#include "shims/session/places.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "launcher/session/limit.h"
#include "tests/session/scene.h"

namespace {

using namespace vgpu::session;
using namespace vgpu::session_test;

constexpr std::uint64_t kMemory = 1 << 20;

Blueprint::Device device(unsigned char first, std::uint64_t address = kNoAddress) {
  Blueprint::Device made = {.memory = kMemory, .uuid = {}, .name = "Test GPU", .address = address};
  made.uuid[0] = first;
  return made;
}

Blueprint seeing(std::initializer_list<Blueprint::Device> devices, const char* order = nullptr,
                 const char* limits = nullptr) {
  Blueprint made = {};
  for (const Blueprint::Device& one : devices) made.devices[made.count++] = one;
  made.order = order;
  made.limits = limits;
  return made;
}

// The places that a process gets; {-1} where it is refused.
std::vector<int> places(const std::string& path, const Blueprint& blueprint) {
  Member member;
  Failure failure = {};
  if (!join(path.c_str(), blueprint, member, failure)) return {-1};
  std::vector<int> got(member.places, member.places + blueprint.count);
  leave(member);
  return got;
}

struct Opened {
  explicit Opened(const std::string& path) {
    Failure failure = {};
    REQUIRE(reader.open(path.c_str(), failure));
  }
  Reader reader;
};

// Both come to it, then both go on. On a machine with other work the other one may have to be waited for.
void meet(std::atomic<int>& ready) {
  ++ready;
  for (int k = 0; ready < 2; ++k) k < 2'000 ? __builtin_ia32_pause() : std::this_thread::yield();
}

constexpr char kOrder[] = "GPU-01000000-0000-0000-0000-000000000000,GPU-02,MIG-03000000,0000:0a:1f.0";

}  // namespace

TEST_CASE("a device has the place that is kept for it: by UUID, by part of one, by PCI address") {
  const Directory directory;
  const std::string path = directory.session();
  const std::uint64_t address = 0x0a1f;
  CHECK(places(path, seeing({device(3)}, kOrder, "512,1024,1536,2048,2560")) == std::vector<int>{2});
  CHECK(Opened(path).reader.devices() == 3);
  CHECK_FALSE(Opened(path).reader.has(0));
  CHECK(places(path, seeing({device(4, address), device(1)})) == std::vector<int>{3, 0});
  CHECK(places(path, seeing({device(2), device(3)})) == std::vector<int>{1, 2});
  // Whom nothing is kept for comes behind, in the order of arrival, and so does a second one at the same address (MIG).
  CHECK(places(path, seeing({device(9)}, kOrder, "512,1024,1536,2048,2560")) == std::vector<int>{4});
  CHECK(places(path, seeing({device(8, address)})) == std::vector<int>{5});
  CHECK(places(path, seeing({device(9), device(8, address), device(4, address)})) == std::vector<int>{4, 5, 3});
  const Opened all(path);
  CHECK(all.reader.limit(2) == 1536);
  CHECK(all.reader.limit(4) == 2560);
  CHECK(all.reader.limit(1) == kMemory);  // brought no limit along
}

TEST_CASE("a list is read as far as it is one") {
  const unsigned char uuid[16] = {0x12, 0x34};
  CHECK(listed_place(nullptr, uuid, 7) == -1);
  CHECK(listed_place("", uuid, 7) == -1);
  CHECK(listed_place("GPU-12,GPU-1234", uuid, 7) == 0);
  CHECK(listed_place("GPU-13,gpu-1234", uuid, 7) == 1);
  CHECK(listed_place("GPU-,MIG-12340000-0000-0000-0000-000000000000", uuid, 7) == 1);
  CHECK(listed_place("GPU-12340000-0000-0000-0000-0000000000000", uuid, 7) == -1);
  CHECK(listed_place("0000:00:07.0", uuid, 7) == 0);
  CHECK(listed_place("x,00000001:0A:1F.0", uuid, std::uint64_t{1} << 32 | 0x0a1f) == 1);
  CHECK(listed_place("0000:00:07.0", uuid, kNoAddress) == -1);
  CHECK(listed_place(",,,", uuid, 0) == -1);
}

TEST_CASE("sixteen devices, and no more; a device without a UUID is none") {
  const Directory directory;
  const std::string path = directory.session();
  for (unsigned char i = 1; i <= kDevices; ++i) CHECK(places(path, seeing({device(i)})) == std::vector<int>{i - 1});
  CHECK(places(path, seeing({device(99)})) == std::vector<int>{-1});
  CHECK(places(path, seeing({device(5)})) == std::vector<int>{4});
  CHECK(places(directory.session(getpid(), "2"), seeing({device(0)})) == std::vector<int>{-1});
}

TEST_CASE("of another size is another device, and it is refused") {
  const Directory directory;
  const std::string path = directory.session();
  CHECK(places(path, seeing({device(1)})) == std::vector<int>{0});
  Blueprint other = seeing({device(1)});
  other.devices[0].memory *= 2;
  CHECK(places(path, other) == std::vector<int>{-1});
}

TEST_CASE("who died between taking a place and describing it leaves it to the next") {
  const Directory directory;
  const std::string path = directory.session();
  Member member;
  Failure failure = {};
  REQUIRE(join(path.c_str(), seeing({device(1)}), member, failure));
  Account& account = member.layout->accounts[1];
  account.uuid[0] = 2;
  CHECK_FALSE(Opened(path).reader.has(1));
  CHECK(Opened(path).reader.find({2}) == -1);
  CHECK(places(path, seeing({device(2)}, nullptr, "512")) == std::vector<int>{1});
  CHECK(account.memory == kMemory);
  CHECK(account.limit == 512);
  CHECK(std::string(account.name) == "Test GPU");
  // With a limit already, the one of its maker, it keeps that.
  member.layout->accounts[2].uuid[0] = 3;
  member.layout->accounts[2].limit = 1024;
  CHECK(places(path, seeing({device(3)}, nullptr, "512")) == std::vector<int>{2});
  CHECK(member.layout->accounts[2].limit == 1024);
  leave(member);
}

TEST_CASE("two that take places at the same moment agree on them") {
  const auto layout = std::make_unique<Layout>();
  std::atomic<int> ready = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::memset(static_cast<void*>(layout->accounts), 0, sizeof layout->accounts);
    int mine = -1;
    int theirs = -1;
    int other = -1;
    const auto take = [&](unsigned char first, int& place) {
      Failure failure = {};
      place = take_place(*layout, device(first), nullptr, failure);
    };
    ready = 0;
    std::thread thread([&] {
      meet(ready);
      take(round % 2 == 0 ? 1 : 2, theirs);
    });
    meet(ready);
    take(1, mine);
    thread.join();
    take(2, other);
    REQUIRE(std::set<int>{mine, other} == std::set<int>{0, 1});
    REQUIRE(theirs == (round % 2 == 0 ? mine : other));
  }
}

TEST_CASE("processes that see different devices and race find the same places, each device once") {
  const Directory directory;
  std::mt19937 random(7);
  for (int round = 0; round < 12; ++round) {
    const std::string path = directory.session(getpid(), std::to_string(round));
    const char* const order = round % 2 == 0 ? kOrder : nullptr;
    std::vector<std::unique_ptr<Child>> children;
    for (int i = 0; i < 12; ++i) {
      std::array<unsigned char, 6> seen = {1, 2, 3, 4, 5, 6};
      std::shuffle(seen.begin(), seen.end(), random);
      children.push_back(std::make_unique<Child>([&, seen](const Child& self) {
        const Blueprint mine = seeing({device(seen[0]), device(seen[1]), device(seen[2])}, order);
        const std::vector<int> first = places(path, mine);
        for (const int place : first) self.tell(static_cast<char>('a' + place));
        self.tell(places(path, mine) == first ? '.' : '!');
        for (int k = 0; k < 3; ++k) self.tell(static_cast<char>(seen[static_cast<std::size_t>(k)]));
      }));
    }
    int where[7] = {-1, -1, -1, -1, -1, -1, -1};
    for (const auto& child : children) {
      char told[7] = {};
      for (char& one : told) one = child->word();
      REQUIRE(told[3] == '.');
      for (int k = 0; k < 3; ++k) {
        int& place = where[static_cast<int>(told[4 + k])];
        REQUIRE((place == -1 || place == told[k] - 'a'));
        place = told[k] - 'a';
      }
    }
    std::set<int> all;
    for (int i = 1; i <= 6; ++i) all.insert(where[i]);
    all.erase(-1);
    CHECK(static_cast<int>(all.size()) == 6 - static_cast<int>(std::count(where + 1, where + 7, -1)));
    if (order != nullptr) {
      for (int i = 1; i <= 3; ++i) CHECK((where[i] == i - 1 || where[i] == -1));
    }
  }
}

TEST_CASE("a limit that is set while a device comes holds") {
  const Directory directory;
  const std::string path = directory.session();
  Member member;
  Failure failure = {};
  REQUIRE(join(path.c_str(), seeing({device(1)}, nullptr, "2048"), member, failure));
  vgpu::sessions::Snapshot snapshot;
  REQUIRE(take_snapshot(path, snapshot, failure));
  const std::vector<std::uint64_t> asked(kDevices, kPercent | 50);
  std::atomic<int> ready = 0;
  int before = 0;  // it was there when the limit was set
  for (int round = 0; round < 3'000; ++round) {
    std::memset(static_cast<void*>(&member.layout->accounts[1]), 0, sizeof(Account));
    ready = 0;
    std::thread thread([&] {
      Failure none = {};
      meet(ready);
      for (int k = round % 500; k > 0; --k) __builtin_ia32_pause();
      take_place(*member.layout, device(2), "2048", none);
    });
    meet(ready);
    REQUIRE(set_limits(snapshot, {{0, kMemory / 2}}, asked, failure));
    before += is_described(member.layout->accounts[1]) ? 1 : 0;
    thread.join();
    REQUIRE(member.layout->accounts[0].limit == kMemory / 2);
    REQUIRE(member.layout->accounts[1].limit == kMemory / 2);
  }
  CHECK(before > 0);
  CHECK(before < 3'000);
  leave(member);
}
