#include <doctest/doctest.h>

#include "launcher/plan/chain.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/explanation.h"
#include "launcher/plan/reasons.h"
#include "launcher/plan/rows.h"
#include "tests/unit/plan_sample.h"

using namespace vgpu::plan;
using vgpu::test::golden;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);  // the last line has its line feed
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

TEST_CASE("the explanation of a launch with the default manifest is one screen") {
  const std::string text = explain(vgpu::test::sample_plan());
  const std::vector<std::string> lines = lines_of(text);
  CHECK(lines.size() <= 23);
  for (const std::string& line : lines) CHECK_MESSAGE(count_characters(line) <= 80, line);
}

TEST_CASE("golden texts: the explanation and the summary") {
  const Plan sample = vgpu::test::sample_plan();
  const Plan full = vgpu::test::full_plan();
  const Plan empty = vgpu::test::empty_plan();
  CHECK(explain(sample) == golden("plan_explanation_sample.txt", explain(sample)));
  CHECK(explain(full) == golden("plan_explanation_full.txt", explain(full)));
  CHECK(explain(empty) == golden("plan_explanation_empty.txt", explain(empty)));
  CHECK(summary(sample) == golden("plan_summary_sample.txt", summary(sample)));
  CHECK(summary(full) == golden("plan_summary_full.txt", summary(full)));
}

TEST_CASE("whatever the Plan holds, a terminal is given printable text") {
  for (const std::string& text : {explain(vgpu::test::full_plan()), summary(vgpu::test::full_plan())}) {
    for (std::size_t at = 0; at < text.size();) {
      const Character character = character_at(text, at);
      CHECK((character.printable || text[at] == '\n'));
      at += character.bytes;
    }
  }
}

TEST_CASE("problems are never shortened") {
  Plan plan = vgpu::test::full_plan();
  for (int i = 0; i < 30; ++i)
    plan.problems.push_back({Code::usage, Severity::error, "option " + std::to_string(i), "cause", "fix it", {}});
  const std::string text = explain(plan);
  for (int i = 0; i < 30; ++i) CHECK(text.find("usage: option " + std::to_string(i) + ": cause") != std::string::npos);
  CHECK(text.find("did you mean \"library\"?") != std::string::npos);
}

TEST_CASE("what does not fit keeps each place's first reason and says that there are more") {
  Plan plan = vgpu::test::sample_plan();
  for (int i = 0; i < 8; ++i)
    plan.places[0].reasons.push_back("before shim" + std::to_string(i) + ": reason number " + std::to_string(i));
  const std::string text = explain(plan);
  CHECK(text.find("first: an exec wrapper") != std::string::npos);
  CHECK(text.find("reason number 0") == std::string::npos);
  CHECK(text.find("never sees; ...") != std::string::npos);
  CHECK(lines_of(text).size() <= 23);
}

TEST_CASE("ten thousand arguments and two thousand variables are still one screen") {
  Plan plan = vgpu::test::sample_plan();
  for (int i = 0; i < 10'000; ++i) plan.request.command.push_back("argument" + std::to_string(i));
  for (int i = 0; i < 2'000; ++i) plan.environment.push_back({"NAME" + std::to_string(i), "value"});
  for (int i = 0; i < 2'000; ++i) plan.unset.push_back("OLD" + std::to_string(i));
  const std::string text = explain(plan);
  CHECK(lines_of(text).size() <= 23 + 3 + 8);  // what is asked for beyond the default may scroll, but not away
  CHECK(text.find("and 1994 more") != std::string::npos);
  CHECK(text.find("argument9999") == std::string::npos);
  CHECK(lines_of(summary(plan)).size() < 5'000);
}

TEST_CASE("the same reason is said once") {
  CHECK(grouped({"before a: why", "after x", "before b: why", "before c: other", "after y", "first: it: is"}) ==
        std::vector<std::string>{"before a, b: why", "after x, y", "before c: other", "first: it: is"});
}

TEST_CASE("the chain follows the roles, with or without a runtime") {
  Plan plan = vgpu::test::sample_plan();
  CHECK(chain(plan) == std::vector<std::string>{"ollama -> libcudart.so.12, libcudart.so.13 -> libcuda.so.1 -> h100",
                                                "ollama -> libnvidia-ml.so.1 -> h100"});
  plan.places.pop_back();
  CHECK(chain(plan).front() == "ollama -> libcuda.so.1 -> h100");
  plan.places.clear();
  CHECK(chain(plan) == std::vector<std::string>{"ollama -> the GPU that it finds itself: no shim stands in between"});
}

TEST_CASE("rows wrap at words, keep long words whole, and count the lines that a terminal shows") {
  Rows rows;
  rows.add("label", std::string(60, 'a') + " " + std::string(60, 'b') + " c");
  CHECK(rows.text() == "label        " + std::string(60, 'a') + "\n             " + std::string(60, 'b') + " c\n");
  CHECK(rows.lines() == 2);
  rows.add("a label that is long", "x");
  CHECK(rows.text().ends_with("\na label that is long x\n"));
  rows.add("path", "/" + std::string(150, 'p'));
  CHECK(rows.lines() == 6);  // 13 + 151 columns are 3 lines
  rows.add_cut("cut", std::string(100, 'x'));
  CHECK(rows.text().ends_with(std::string(64, 'x') + "...\n"));
  CHECK(rows.lines() == 7);
  rows.add("empty", "");
  CHECK(rows.text().ends_with("\nempty\n"));
}
