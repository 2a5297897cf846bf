// The arithmetic of the ledger, in one thread and one process.
#include "shims/session/books.h"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <vector>

#include "shims/session/settings.h"

namespace {

using namespace vgpu::session;

struct Table {
  std::unique_ptr<Layout> layout = std::make_unique<Layout>();
  Books books{layout->accounts, layout->slots, kSlots};

  bool exact(unsigned top = kSlots) const {
    bool undecided = false;
    return books.exact(0, top, undecided) && !undecided;
  }
};

bool yes(unsigned, void*) { return true; }
bool no(unsigned, void*) { return false; }

}  // namespace

TEST_CASE("a reservation fits or changes nothing") {
  Table table;
  CHECK(table.books.reserve(0, 3, 60, 100));
  CHECK_FALSE(table.books.reserve(0, 4, 41, 100));
  CHECK(table.books.total(0) == 60);
  CHECK(table.books.charged(0, 4) == 0);
  CHECK(table.books.reserve(0, 4, 40, 100));
  CHECK_FALSE(table.books.reserve(0, 5, 1, 100));
  CHECK(table.books.total(0) == 100);
  CHECK(table.books.charged(0, 3) == 60);
  CHECK(table.books.charged(0, 4) == 40);
  CHECK(table.exact());
}

TEST_CASE("a limit that was lowered below the total stops reservations and nothing else") {
  Table table;
  CHECK(table.books.reserve(0, 0, 80, 100));
  CHECK_FALSE(table.books.reserve(0, 0, 1, 50));
  CHECK(table.books.give_back(0, 0, 40) == 40);
  CHECK(table.books.reserve(0, 0, 10, 50));
  CHECK_FALSE(table.books.reserve(0, 0, 1, 50));
}

TEST_CASE("sizes and limits at the edge of what a word can hold") {
  Table table;
  constexpr std::uint64_t most = (std::uint64_t{1} << 36) - 1;
  CHECK_FALSE(table.books.reserve(0, 0, most + 1, ~std::uint64_t{0}));
  CHECK_FALSE(table.books.reserve(0, 0, ~std::uint64_t{0}, ~std::uint64_t{0}));
  CHECK(table.books.reserve(0, kSlots - 1, most, ~std::uint64_t{0}));
  CHECK(table.books.total(0) == most);
  CHECK(table.books.charged(0, kSlots - 1) == most);
  CHECK_FALSE(table.books.reserve(0, 0, 1, ~std::uint64_t{0}));
  CHECK(table.exact());
  CHECK(table.books.give_back(0, kSlots - 1, most) == most);
  CHECK(table.books.total(0) == 0);
  CHECK(table.exact());
}

TEST_CASE("nobody gives back more than he was charged") {
  Table table;
  CHECK(table.books.reserve(0, 0, 10, 100));
  CHECK(table.books.reserve(0, 1, 10, 100));
  CHECK(table.books.give_back(0, 0, 25) == 10);
  CHECK(table.books.give_back(0, 0, 1) == 0);
  CHECK(table.books.total(0) == 10);
  CHECK(table.exact());
}

TEST_CASE("the dead give back everything, once, and the living nothing") {
  Table table;
  CHECK(table.books.reserve(0, 7, 30, 100));
  CHECK(table.books.reserve(0, 8, 30, 100));
  CHECK(table.books.reclaim(0, 7, no, nullptr) == 0);
  CHECK(table.books.reclaim(0, 7, yes, nullptr) == 30);
  CHECK(table.books.reclaim(0, 7, yes, nullptr) == 0);
  CHECK(table.books.total(0) == 30);
  CHECK(table.books.charged(0, 8) == 30);
  CHECK(table.exact());
}

TEST_CASE("a slot that got a new owner between the question and the reclaim keeps what the new one was charged") {
  Table table;
  CHECK(table.books.reserve(0, 2, 30, 100));
  struct Scene {
    Books books;
    int asked = 0;
  } scene{table.books};
  // Dead when asked first; before the answer is used the slot is reclaimed by another, taken and charged again.
  const auto turned = [](unsigned slot, void* data) {
    auto& now = *static_cast<Scene*>(data);
    if (now.asked++ > 0) return false;
    now.books.reclaim(0, slot, yes, nullptr);
    now.books.reserve(0, slot, 30, 100);
    return true;
  };
  CHECK(table.books.reclaim(0, 2, turned, &scene) == 0);
  CHECK(scene.asked == 2);
  CHECK(table.books.charged(0, 2) == 30);
  CHECK(table.books.total(0) == 30);
}

TEST_CASE("what the dead did last is finished by the next, wherever they stopped") {
  Table table;
  CHECK(table.books.reserve(0, 1, 20, 100));
  const Account done = table.layout->accounts[0];
  Table crashed;
  // As if slot 1 had died behind the compare-and-swap of its word: the word is there, the record is not.
  crashed.layout->accounts[0] = done;
  CHECK(crashed.layout->slots[1].records[0].low == 0);
  CHECK(crashed.exact());
  CHECK(crashed.layout->slots[1].records[0].low == 20);
  Table again;
  again.layout->accounts[0] = done;
  CHECK(again.books.reserve(0, 2, 80, 100));
  CHECK(again.books.charged(0, 1) == 20);
  CHECK(again.books.reclaim(0, 1, yes, nullptr) == 20);
  CHECK(again.books.total(0) == 80);
  CHECK(again.exact());
}

TEST_CASE("the checker sees a record that was changed") {
  Table table;
  CHECK(table.books.reserve(0, 5, 20, 100));
  CHECK(table.exact());
  table.layout->slots[6].records[0].low = 1;
  CHECK_FALSE(table.exact());
  CHECK(table.exact(6));
}

TEST_CASE("random operations against plain arithmetic") {
  Table table;
  std::mt19937_64 random(20260801);
  constexpr std::uint64_t limit = 5000;
  std::vector<std::uint64_t> held(9, 0);
  std::uint64_t total = 0;
  for (int i = 0; i < 200'000; ++i) {
    const auto slot = static_cast<unsigned>(random() % held.size());
    const std::uint64_t units = random() % 900 + 1;
    if (random() % 2 == 0) {
      const bool fits = total + units <= limit;
      REQUIRE(table.books.reserve(0, slot, units, limit) == fits);
      if (fits) held[slot] += units, total += units;
    } else if (random() % 50 == 0) {
      REQUIRE(table.books.reclaim(0, slot, yes, nullptr) == held[slot]);
      total -= held[slot], held[slot] = 0;
    } else {
      const std::uint64_t back = std::min(units, held[slot]);
      REQUIRE(table.books.give_back(0, slot, units) == back);
      held[slot] -= back, total -= back;
    }
    REQUIRE(table.books.total(0) == total);
    REQUIRE(table.books.charged(0, slot) == held[slot]);
  }
  CHECK(table.exact());
}

TEST_CASE("any bytes in the file are no reason to crash or to hang") {
  std::mt19937_64 random(7);
  Table table;
  auto* words = reinterpret_cast<std::uint64_t*>(table.layout.get());
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < sizeof(Layout) / 8; ++i) words[i] = random();
    for (int device = 0; device < kDevices; ++device) {
      bool undecided = false;
      table.books.exact(device, kSlots, undecided);
      for (int i = 0; i < 500; ++i) {
        const auto slot = static_cast<unsigned>(random() % kSlots);
        table.books.reserve(device, slot, random() >> (random() % 64), random() >> (random() % 64));
        table.books.give_back(device, slot, random() >> (random() % 64));
        table.books.reclaim(device, slot, yes, nullptr);
      }
    }
  }
}

TEST_CASE("limits from the environment's text") {
  std::uint64_t limit = 0;
  constexpr std::uint64_t memory = 80'000'000'000;
  CHECK((limit_of(nullptr, 0, memory, limit) && limit == memory));
  CHECK((limit_of("", 3, memory, limit) && limit == memory));
  CHECK((limit_of("8589934592", 0, memory, limit) && limit == 8589934592));
  CHECK((limit_of("50%", 0, memory, limit) && limit == memory / 2));
  CHECK((limit_of("100%", 0, memory, limit) && limit == memory));
  CHECK((limit_of("1024,2048,50%", 1, memory, limit) && limit == 2048));
  CHECK((limit_of("1024,2048,50%", 9, memory, limit) && limit == memory / 2));
  CHECK((limit_of("99999999999999", 0, memory, limit) && limit == memory));
  CHECK((limit_of("1025", 0, memory, limit) && limit == 1024));  // whole units
  for (const char* bad : {"8GiB", "-1", "0", "0%", "101%", "%", ",", "1024,", ",1024", "1024,x", "99999999999999999999",
                          "1 ", "0x10", "511"}) {
    INFO(bad);
    CHECK_FALSE(limit_of(bad, 0, memory, limit));
  }
}
