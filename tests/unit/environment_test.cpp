// What becomes of a child's environment, against a slow and obvious reference: 50 000 random ones.
#include <doctest/doctest.h>

#include <random>

#include "tests/unit/environment_case.h"

TEST_CASE(
    "random environments: the reference's answer, everything else by pointer, the same the second and fiftieth time") {
  std::mt19937 random(1);
  for (int i = 0; i < 50'000; ++i) {
    std::vector<std::uint8_t> bytes(40 + random() % 160);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const std::string wrong = vgpu::test::check_environment(bytes);
    REQUIRE_MESSAGE(wrong.empty(), wrong);
  }
}
