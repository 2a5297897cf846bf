#include "launcher/plan/plan_json.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/plan_sample.h"

using namespace vgpu::plan;
using nlohmann::json;
using vgpu::test::golden;

namespace {

// What docs/plan.md tells a reader to do.
std::string decoded(const std::string& text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\0') {
      bytes += text[at];
    } else {
      bytes += static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16));
      at += 2;
    }
  }
  return bytes;
}

std::string string_at(const json& object, const char* pointer) {
  return object.at(json::json_pointer(pointer)).get<std::string>();
}

}  // namespace

TEST_CASE("golden texts, which plan_schema_test holds against the schema") {
  for (const auto& [name, plan] :
       {std::pair{"sample", vgpu::test::sample_plan()}, std::pair{"full", vgpu::test::full_plan()},
        std::pair{"empty", vgpu::test::empty_plan()}}) {
    CHECK(to_json(plan) == golden(std::string("plan_json/") + name + ".json", to_json(plan)));
  }
}

TEST_CASE("every string comes back byte for byte, names of variables included") {
  std::string every;
  for (int byte = 1; byte < 256; ++byte) every += static_cast<char>(byte);
  const std::string cut = "tail \xf0\x9f\x98";
  for (const std::string& text : {every, cut, std::string("\xed\xa0\x80 surrogate"), std::string("\xc0\xaf overlong"),
                                  std::string("caf\xc3\xa9")}) {
    CHECK(decoded(json_text(text)) == text);
  }
  CHECK(json_text("caf\xc3\xa9 \x1b\n") == "caf\xc3\xa9 \x1b\n");  // what is UTF-8 stays, controls included
  Plan plan;
  plan.request.command = {every, cut};
  plan.environment = {{every, cut}};
  plan.unset = {cut};
  const json object = json::parse(to_json(plan));  // throws on invalid UTF-8
  CHECK(decoded(string_at(object, "/command/0")) == every);
  CHECK(decoded(string_at(object, "/command/1")) == cut);
  REQUIRE(object["environment"].size() == 2);
  for (const auto& [name, value] : object["environment"].items()) {
    if (value.is_null()) {
      CHECK(decoded(name) == cut);
    } else {
      CHECK(decoded(name) == every);
      CHECK(decoded(value.get<std::string>()) == cut);
    }
  }
}

TEST_CASE("one entry for each library, in the order of preload") {
  const json object = json::parse(to_json(vgpu::test::full_plan()));
  REQUIRE(object["shims"].size() == 7);
  for (std::size_t i = 0; i < 7; ++i) CHECK(object["shims"][i]["path"] == object["preload"][i]);
  CHECK(object["shims"][0]["foreign"] == true);
  CHECK(object["shims"][5]["name"] == "cudart");
  CHECK(object["shims"][6]["name"] == "cudart");
}

TEST_CASE("what is not known is null") {
  const json object = json::parse(to_json(vgpu::test::empty_plan()));
  for (const char* member : {"profile", "device", "scope", "init"}) CHECK(object[member].is_null());
  for (const char* member : {"path", "file", "program", "interpreter", "class", "machine", "libc", "glibc"})
    CHECK(object["target"][member].is_null());
  CHECK(object["preload"] == json::array());
  CHECK(object["environment"] == json::object());
}
