// The order solver: what an order must satisfy, and how a contradiction is told.
#include "launcher/plan/order.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace vgpu::plan;
using Strings = std::vector<std::string>;
using Kind = Constraint::Kind;

namespace {

Constraint constraint(Kind kind, std::string target = {}, std::string reason = {}) {
  return {kind, std::move(target), {"/m.json", "/shims/0/x", 7, 3}, std::move(reason)};
}

// Appended: gcc 12 takes `"literal" + std::string&&` for an overlapping copy (its bug 105651).
std::string numbered(std::string text, std::size_t number, const char* suffix = "") {
  return text.append(std::to_string(number)).append(suffix);
}

OrderEntry shim(const std::string& name, std::vector<Constraint> constraints = {}, Strings roles = {}) {
  return {name, false, std::move(roles), {std::string("lib").append(name).append(".so")}, std::move(constraints)};
}

OrderEntry foreign(const std::string& name) {
  return {name, true, {}, {name, std::string("/usr/lib/").append(name)}, {}};
}

Strings names(const std::vector<OrderEntry>& entries) {
  const auto order = solve_order(entries);
  REQUIRE(order.has_value());
  Strings result;
  for (const std::size_t i : order->sequence) result.push_back(entries[i].name);
  return result;
}

}  // namespace

TEST_CASE("without constraints everything stays: shims in file order, then the user's own preloads") {
  CHECK(names({shim("c"), shim("a"), shim("b"), foreign("z.so"), foreign("y.so")}) ==
        Strings{"c", "a", "b", "z.so", "y.so"});
  CHECK(names({}) == Strings{});
}

TEST_CASE("before and after, by name, by role, and by a glob on the SONAME of a foreign entry") {
  CHECK(names({shim("a", {constraint(Kind::after, "b")}), shim("b")}) == Strings{"b", "a"});
  CHECK(names({shim("a"), shim("b", {constraint(Kind::before, "a")})}) == Strings{"b", "a"});
  CHECK(names({shim("a", {constraint(Kind::after, "driver")}), shim("b", {}, {"driver"})}) == Strings{"b", "a"});
  CHECK(names({shim("a", {constraint(Kind::after, "libasan.so*")}), foreign("libasan.so.8")}) ==
        Strings{"libasan.so.8", "a"});
  CHECK(names({shim("a", {constraint(Kind::after, "/usr/lib/*")}), foreign("libx.so")}) == Strings{"libx.so", "a"});
  // A sanitizer that takes part by a file of its own is still what the others make room for.
  CHECK(names({shim("a", {constraint(Kind::first), constraint(Kind::after, "lib*san.so*")}),
               shim("asan", {constraint(Kind::first)})}) == Strings{"asan", "a"});
  CHECK(names({shim("a", {constraint(Kind::after, "nobody")}), shim("b")}) == Strings{"a", "b"});
  CHECK(names({shim("a", {constraint(Kind::before, "a")}, {"role"}), shim("b", {constraint(Kind::after, "role")})}) ==
        Strings{"a", "b"});
}

TEST_CASE("a foreign entry is moved in front of what asks for it, and takes along what the user had in front of it") {
  const std::vector<OrderEntry> entries{shim("exec", {constraint(Kind::first), constraint(Kind::after, "libasan.so*")}),
                                        shim("cuda"), foreign("libmine.so"), foreign("libasan.so.8"),
                                        foreign("libyours.so")};
  CHECK(names(entries) == Strings{"libmine.so", "libasan.so.8", "exec", "cuda", "libyours.so"});
}

TEST_CASE("first is in front of all that need not be in front of it; several keep their file order") {
  CHECK(names({shim("a"), shim("b"), shim("c", {constraint(Kind::first)})}) == Strings{"c", "a", "b"});
  CHECK(names({shim("a"), shim("b", {constraint(Kind::before, "c")}), shim("c", {constraint(Kind::first)})}) ==
        Strings{"b", "c", "a"});
  CHECK(names({shim("a"), shim("c", {constraint(Kind::first)}), shim("b", {constraint(Kind::first)})}) ==
        Strings{"c", "b", "a"});
}

TEST_CASE("last is behind all that need not be behind it, foreign entries too") {
  CHECK(names({shim("a", {constraint(Kind::last)}), shim("b"), foreign("z.so")}) == Strings{"b", "z.so", "a"});
  CHECK(names({shim("a", {constraint(Kind::last)}), shim("b", {constraint(Kind::after, "a")}), shim("c")}) ==
        Strings{"c", "a", "b"});
  CHECK(names({shim("a", {constraint(Kind::last)}), shim("b", {constraint(Kind::first), constraint(Kind::after, "a")}),
               shim("c")}) == Strings{"a", "b", "c"});
}

TEST_CASE("each place has its reasons, in the author's words") {
  const std::vector<OrderEntry> entries{
      shim("exec",
           {constraint(Kind::first, {}, "it must see every exec"), constraint(Kind::after, "libasan*", "it insists")}),
      shim("cuda", {constraint(Kind::before, "nvml")}), shim("nvml"), foreign("libasan.so.8"), foreign("libz.so")};
  const auto order = solve_order(entries);
  REQUIRE(order.has_value());
  CHECK(order->reasons[0] == Strings{"first: it must see every exec", "after libasan.so.8: it insists"});
  CHECK(order->reasons[1] == Strings{"before nvml"});
  CHECK(order->reasons[2] == Strings{"its place in the manifest"});
  CHECK(order->reasons[3] == Strings{"before exec: it insists"});
  CHECK(order->reasons[4] == Strings{"was in LD_PRELOAD, keeps its order there"});
}

TEST_CASE("a contradiction is told as its shortest circle, each step with file and pointer") {
  std::vector<OrderEntry> entries{
      shim("a", {constraint(Kind::before, "b")}), shim("b", {constraint(Kind::before, "c")}),
      shim("c", {constraint(Kind::before, "a")}), shim("d", {constraint(Kind::after, "a")})};
  SUBCASE("of three") {
    const auto order = solve_order(entries);
    REQUIRE(order.has_error());
    const Problem problem = order.error().at(0);
    CHECK(problem.code == Code::order_cycle);
    CHECK(problem.where == "/m.json:7:3 (/shims/0/x)");
    CHECK(problem.cause ==
          "the order contradicts itself: a before b (/m.json:7:3 (/shims/0/x)), b before c (/m.json:7:3 (/shims/0/x)), "
          "c before a (/m.json:7:3 (/shims/0/x))");
    CHECK_FALSE(problem.fix.empty());
  }
  SUBCASE("of two, though there is one of three as well") {
    entries[1].constraints.push_back(constraint(Kind::before, "a"));
    const auto order = solve_order(entries);
    REQUIRE(order.has_error());
    CHECK(order.error().at(0).cause.find("c before") == std::string::npos);
  }
  SUBCASE("through the user's own order") {
    const std::vector<OrderEntry> mixed{shim("a", {constraint(Kind::before, "x.so"), constraint(Kind::after, "y.so")}),
                                        foreign("x.so"), foreign("y.so")};
    const auto order = solve_order(mixed);
    REQUIRE(order.has_error());
    CHECK(order.error().at(0).cause.find("x.so before y.so (their order in LD_PRELOAD)") != std::string::npos);
    CHECK(order.error().at(0).where == "/m.json:7:3 (/shims/0/x)");
  }
}

namespace {

// A random problem, together with an independent reading of what its constraints say.
struct Random {
  std::vector<OrderEntry> entries;
  std::vector<std::vector<bool>> must;  // must[i][j]: i before j, transitively

  explicit Random(std::mt19937& random) {
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    const std::size_t shims = 1 + below(7);
    const std::size_t foreigners = below(4);
    for (std::size_t i = 0; i < shims; ++i) entries.push_back(shim(numbered("s", i), {}, {numbered("role", i % 3)}));
    for (std::size_t i = 0; i < foreigners; ++i) entries.push_back(foreign(numbered("libf", i, ".so")));
    const std::size_t size = entries.size();
    must.assign(size, std::vector<bool>(size));
    for (std::size_t i = shims; i + 1 < size; ++i) must[i][i + 1] = true;
    for (std::size_t i = 0; i < shims; ++i) {
      for (std::size_t count = below(3); count > 0; --count) {
        const Kind kind = static_cast<Kind>(below(4));
        if (kind == Kind::first || kind == Kind::last) {
          entries[i].constraints.push_back(constraint(kind));
          continue;
        }
        const std::size_t form = below(4);
        std::string target = numbered("s", below(shims));
        if (form == 1) target = numbered("role", below(3));
        if (form == 2) target = numbered("libf", below(4), ".so");
        if (form == 3) target = "libf*";
        entries[i].constraints.push_back(constraint(kind, target));
        for (std::size_t j = 0; j < size; ++j) {
          const bool hit = j < shims ? target == entries[j].name || target == entries[j].roles[0]
                                     : form == 3 || target == entries[j].name;
          if (j != i && hit) (kind == Kind::before ? must[i][j] : must[j][i]) = true;
        }
      }
    }
    for (std::size_t k = 0; k < size; ++k) {
      for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) must[i][j] = must[i][j] || (must[i][k] && must[k][j]);
      }
    }
  }

  bool contradicts_itself() const {
    for (std::size_t i = 0; i < must.size(); ++i) {
      if (must[i][i]) return true;
    }
    return false;
  }

  bool asks(std::size_t i, Kind kind) const {
    return std::any_of(entries[i].constraints.begin(), entries[i].constraints.end(),
                       [&](const Constraint& each) { return each.kind == kind; });
  }
};

}  // namespace

TEST_CASE("100 000 random sets of constraints: valid, first and last kept, stable, idempotent; or a real circle") {
  std::mt19937 random(20260101);
  std::size_t contradictions = 0;
  for (int round = 0; round < 100'000; ++round) {
    const Random problem(random);
    const std::size_t size = problem.entries.size();
    const auto order = solve_order(problem.entries);
    INFO("round ", round);
    REQUIRE(order.has_error() == problem.contradicts_itself());
    if (order.has_error()) {
      ++contradictions;
      continue;
    }
    std::vector<std::size_t> place(size, size);
    for (std::size_t at = 0; at < size; ++at) place[order->sequence.at(at)] = at;
    REQUIRE(order->sequence.size() == size);
    std::vector<OrderEntry> again;
    bool was_valid = true;
    for (std::size_t i = 0; i < size; ++i) {
      REQUIRE(place[i] < size);
      REQUIRE_FALSE(order->reasons[i].empty());
      again.push_back(problem.entries[order->sequence[i]]);
      for (std::size_t j = 0; j < size; ++j) {
        if (problem.must[i][j]) REQUIRE(place[i] < place[j]);
        was_valid = was_valid && !(problem.must[i][j] && i > j);
        // Whoever stands in front of a "first" must do so, or is (or leads to) a "first" of its own; "last" likewise.
        const auto leads_to = [&](std::size_t from, Kind kind, bool forward) {
          if (problem.asks(from, kind)) return true;
          for (std::size_t k = 0; k < size; ++k) {
            if (problem.asks(k, kind) && (forward ? problem.must[from][k] : problem.must[k][from])) return true;
          }
          return false;
        };
        if (place[i] < place[j] && problem.asks(j, Kind::first)) REQUIRE(leads_to(i, Kind::first, true));
        if (place[i] < place[j] && problem.asks(i, Kind::last) && !leads_to(i, Kind::first, true)) {
          REQUIRE(leads_to(j, Kind::last, false));
        }
      }
    }
    const auto second = solve_order(again);
    REQUIRE(second.has_value());
    for (std::size_t i = 0; i < size; ++i) REQUIRE(second->sequence[i] == i);
    const bool plain = std::none_of(problem.entries.begin(), problem.entries.end(), [&](const OrderEntry& entry) {
      return std::any_of(entry.constraints.begin(), entry.constraints.end(),
                         [](const Constraint& each) { return each.kind == Kind::first || each.kind == Kind::last; });
    });
    if (was_valid && plain) REQUIRE(std::is_sorted(order->sequence.begin(), order->sequence.end()));
  }
  CHECK(contradictions > 1000);
  CHECK(contradictions < 90'000);
}

TEST_CASE("a thousand entries") {
  std::vector<OrderEntry> entries;
  for (std::size_t i = 0; i < 1000; ++i) {
    entries.push_back(shim(numbered("s", i)));
    if (i > 0) entries.back().constraints.push_back(constraint(Kind::before, numbered("s", i - 1)));
  }
  const Strings order = names(entries);
  CHECK(order.front() == "s999");
  CHECK(order.back() == "s0");
}
