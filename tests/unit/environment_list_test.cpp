// Lists of variables, and what turns one into another, against a slow and obvious reading.
#include "launcher/plan/environment_list.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace vgpu::plan;

namespace {

std::map<std::string, std::string> variables(const EnvironmentList& list) {
  std::map<std::string, std::string> found;
  for (const std::string& entry : list.entries()) {
    if (const auto name = variable_name(entry)) found[std::string(*name)] = entry;
  }
  return found;
}

}  // namespace

TEST_CASE("a name that is the beginning of another one is not it") {
  const EnvironmentList list({"VGPU_RUN_X=1", "VGPU=2", "=3", "none", "A="});
  CHECK(list.get("VGPU") == "2");
  CHECK(list.get("A") == "");
  CHECK_FALSE(list.get("VGPU_RUN_"));
  CHECK_FALSE(list.get("none"));
}

TEST_CASE("10 000 random changes: the difference is what was set and what was taken out") {
  std::mt19937 random(7);
  for (int i = 0; i < 10'000; ++i) {
    std::vector<std::string> entries;
    for (auto n = random() % 12; n != 0; --n) {
      std::string entry(1, static_cast<char>('A' + random() % 8));
      if (random() % 8 != 0) entry.append("=").append(std::to_string(random() % 3));
      entries.push_back(entry);
    }
    const EnvironmentList before(entries);
    EnvironmentList after = before;
    for (auto n = random() % 6; n != 0; --n) {
      const std::string name(1, static_cast<char>('A' + random() % 10));
      if (random() % 2 == 0) {
        after.set(name, std::to_string(random() % 3));
      } else {
        after.unset(name);
      }
    }
    const auto was = variables(before);
    const auto is = variables(after);
    std::map<std::string, std::string> set;
    for (const auto& [name, entry] : is) {
      if (!was.contains(name) || was.at(name) != entry) set[name] = entry;
    }
    std::map<std::string, std::string> found;
    const EnvironmentDifference changes = difference(before, after);
    for (const std::string_view entry : changes.set) found[std::string(*variable_name(entry))] = entry;
    REQUIRE(found == set);
    REQUIRE(changes.set.size() == set.size());
    std::size_t gone = 0;
    for (const auto& [name, entry] : was) gone += is.contains(name) ? 0 : 1;
    REQUIRE(changes.unset.size() == gone);
    for (const std::string_view name : changes.unset) REQUIRE_FALSE(is.contains(std::string(name)));
  }
}
