#include "launcher/plan/manifest_reader.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "launcher/plan/characters.h"
#include "launcher/plan/suggest.h"

using namespace vgpu::plan;

namespace {

constexpr char kPath[] = "/etc/vgpu-run/manifest.d/10-test.json";

Problems problems_of(const std::string& text) {
  const Result<Manifest> manifest = read_manifest(text, kPath);
  return manifest ? Problems{} : manifest.error();
}

// The only problem of a text; an empty one, which no check below accepts, when there is another number of them.
Problem problem_of(const std::string& text) {
  const Problems problems = problems_of(text);
  CHECK(problems.size() == 1);
  return problems.size() == 1 ? problems.front() : Problem{};
}

Manifest read(const std::string& text) {
  const Result<Manifest> manifest = read_manifest(text, kPath);
  if (!manifest) {
    for (const Problem& problem : manifest.error()) MESSAGE(to_text(problem, "test"));
  }
  REQUIRE(manifest.has_value());
  return *manifest;
}

std::string shim_with(const std::string& members) {
  return R"({"version": 1, "shims": [{"name": "a", "library": "a.so", )" + members + "}]}";
}

}  // namespace

TEST_CASE("every statement of a shim is read") {
  const Manifest manifest = read(R"({"version": 1, "shims": [{
    "name": "hami", "library": ["../x/./one.so", "/opt/two.so"], "provides": ["r"], "requires": ["cuda-driver"],
    "profiles": ["default"], "required": false, "last": {"reason": "it only looks"},
    "before": ["exec", {"target": ["nvml", "lib*.so"], "reason": "because"}], "after": [{"target": "cuda"}],
    "sonames": ["libx.so.1", {"name": "liby.so.2", "versions": ["Y_1", "Y_2"]}],
    "link_directories": ["link"], "fallbacks": [{"directory": "../../../fall", "unless": ["libz.so.1"]}],
    "abi": {"machine": "i386", "libc": "glibc"}, "when": {"device": ["slice"], "target": ["python*"]}}]})");
  REQUIRE(manifest.shims.size() == 1);
  const Shim& shim = manifest.shims[0];
  CHECK(shim.name == "hami");
  CHECK(shim.libraries == std::vector<std::string>{"/etc/vgpu-run/x/one.so", "/opt/two.so"});
  CHECK(shim.provides == std::vector<std::string>{"r"});
  CHECK(shim.requirements == std::vector<std::string>{"cuda-driver"});
  CHECK(shim.profiles == std::vector<std::string>{"default"});
  CHECK_FALSE(shim.required);
  CHECK(shim.enabled);
  REQUIRE(shim.constraints.size() == 5);
  CHECK(shim.constraints[0].kind == Constraint::Kind::last);
  CHECK(shim.constraints[0].reason == "it only looks");
  CHECK(shim.constraints[1].target == "exec");
  CHECK(shim.constraints[1].reason.empty());
  CHECK(shim.constraints[2].target == "nvml");
  CHECK(shim.constraints[3].target == "lib*.so");
  CHECK(shim.constraints[3].kind == Constraint::Kind::before);
  CHECK(shim.constraints[3].reason == "because");
  CHECK(shim.constraints[3].at.pointer == "/shims/0/before/1/target/1");
  CHECK(shim.constraints[3].at.line == 4);
  CHECK(shim.constraints[4].kind == Constraint::Kind::after);
  REQUIRE(shim.sonames.size() == 2);
  CHECK(shim.sonames[0].versions.empty());
  CHECK(shim.sonames[1].versions == std::vector<std::string>{"Y_1", "Y_2"});
  CHECK(shim.link_directories == std::vector<std::string>{"/etc/vgpu-run/manifest.d/link"});
  REQUIRE(shim.fallbacks.size() == 1);
  CHECK(shim.fallbacks[0].directory == "/fall");
  CHECK(shim.fallbacks[0].unless == std::vector<std::string>{"libz.so.1"});
  CHECK(shim.abi.elf_class == 32);
  CHECK(shim.abi.machine == "i386");
  CHECK(shim.abi.libc == "glibc");
  CHECK(shim.when.device == std::vector<std::string>{"slice"});
  CHECK(shim.when.target == std::vector<std::string>{"python*"});
  CHECK(to_string(shim.at) == std::string(kPath) + ":1:26 (/shims/0)");
}

TEST_CASE("every statement of a profile is read") {
  const Manifest manifest = read(R"({"version": 1, "profiles": [{"name": "p", "extends": "default", "match": ["o*"],
    "shims": ["exec"], "library_path": ["lib/*", "/usr/lib/x/"], "environment": {"B": "2", "A": "x=y\nz"},
    "scope": "inherit", "device": "a100:2", "init": "eager", "visible_devices": "1", "memory": "8GiB", "quota": "best-effort"}]})");
  REQUIRE(manifest.profiles.size() == 1);
  const Profile& profile = manifest.profiles[0];
  CHECK(profile.extends == "default");
  CHECK(profile.match == std::vector<std::string>{"o*"});
  CHECK(profile.shims == std::vector<std::string>{"exec"});
  CHECK(profile.library_path == std::vector<std::string>{"/etc/vgpu-run/manifest.d/lib/*", "/usr/lib/x"});
  REQUIRE(profile.environment.size() == 2);
  CHECK(profile.environment[0] == std::pair<std::string, std::string>{"B", "2"});
  CHECK(profile.environment[1].second == "x=y\nz");
  CHECK(profile.scope == "inherit");
  CHECK(profile.device == "a100:2");
  CHECK(profile.init == "eager");
  CHECK(profile.visible_devices == "1");
  CHECK(profile.memory == "8GiB");
  CHECK(profile.quota == "best-effort");
  CHECK(manifest.files.size() == 1);
}

TEST_CASE("a libc of \"any\" is no libc, and the default machine is the host's") {
  const Abi abi = read(shim_with(R"("abi": {"libc": "any"})")).shims[0].abi;
  CHECK(abi.libc.empty());
  CHECK(abi.elf_class == 64);
  CHECK(abi.machine == "x86_64");
}

TEST_CASE("a problem names file, line, column and pointer, and shows the place") {
  const Problem problem =
      problem_of("{\n  \"version\": 1,\n  \"shims\": [{\"name\": \"a b\", \"library\": \"x\"}]\n}\n");
  CHECK(problem.code == Code::manifest_invalid);
  CHECK(problem.where == std::string(kPath) + ":3:22 (/shims/0/name)");
  CHECK(problem.excerpt ==
        "  \"shims\": [{\"name\": \"a b\", \"library\": \"x\"}]\n"
        "                     ^");
  CHECK(
      to_text(problem, "vgpu-run") ==
      "vgpu-run: manifest-invalid: /etc/vgpu-run/manifest.d/10-test.json:3:22 (/shims/0/name): \"a b\" is not a name\n"
      "    \"shims\": [{\"name\": \"a b\", \"library\": \"x\"}]\n"
      "                       ^\n"
      "  fix: use 1 to 64 letters, digits, '.', '_', '+' and '-', the first a letter or digit\n"
      "  see: vgpuctl doctor --explain manifest-invalid\n");
}

TEST_CASE("the position of a number, a key behind a number and a value behind an object is exact") {
  CHECK(problem_of("{\"version\": 2}").where == std::string(kPath) + ":1:13 (/version)");
  CHECK(problem_of("{\"version\":1,\n\"shim\":[]}").where == std::string(kPath) + ":2:1 (/shim)");
  CHECK(problem_of("{\"version\":1,\"x-\":{\"a\":[1,2]},\n \"shims\" : 7 }").where ==
        std::string(kPath) + ":2:12 (/shims)");
}

TEST_CASE("the caret counts characters, not bytes, and cuts long lines") {
  const Problem umlauts = problem_of(R"({"version":1,"description":"ääää","shims":0})");
  CHECK(umlauts.excerpt == "{\"version\":1,\"description\":\"ääää\",\"shims\":0}\n" + std::string(42, ' ') + "^");
  const Problem lengthy = problem_of("{\"version\":1,\"description\":\"" + std::string(500, 'x') + "\",\"shims\":0}");
  const std::string line = lengthy.excerpt.substr(0, lengthy.excerpt.find('\n'));
  CHECK(line.size() <= 100);
  CHECK(line.substr(lengthy.excerpt.size() - line.size() - 2, 1) == "0");
}

TEST_CASE("a slip of the finger gets a suggestion") {
  CHECK(problem_of(R"({"version": 1, "shmis": []})").fix == "did you mean \"shims\"?");
  CHECK(problem_of(shim_with(R"("befor": [])")).fix == "did you mean \"before\"?");
  CHECK(problem_of(shim_with(R"("abi": {"machine": "x86-64"})")).fix == "did you mean \"x86_64\"?");
  CHECK(problem_of(R"({"version": 1, "profiles": [{"name": "p", "shims": [], "scope": "namespaces"}]})").fix ==
        "did you mean \"namespace\"?");
  CHECK(problem_of(shim_with(R"("before": "cuda")")).fix == "put it between brackets: [\"cuda\"]");
  CHECK(problem_of(R"({"version": 1, "quux": []})").fix.find("\"profiles\"") != std::string::npos);
}

TEST_CASE("all problems of a file are reported at once, up to twenty") {
  const Problems problems =
      problems_of(R"({"version": 3, "shims": [{"name": "", "first": 1}, {"library": 2}], "a": 0, "a": 1})");
  std::string all;
  for (const Problem& problem : problems) all += problem.where.substr(sizeof kPath - 1) + "\n";
  CHECK(all ==
        ":1:13 (/version)\n"  // 3
        ":1:26 (/shims/0)\n"  // no library
        ":1:35 (/shims/0/name)\n"
        ":1:48 (/shims/0/first)\n"
        ":1:52 (/shims/1)\n"  // no name
        ":1:64 (/shims/1/library)\n"
        ":1:69 (/a)\n"    // unknown
        ":1:77 (/a)\n");  // the second of its name
  std::string many = "{\"version\": 1";
  for (int i = 0; i < 100; ++i) many += ", \"k" + std::to_string(i) + "\": 0";
  CHECK(problems_of(many + "}").size() == kMostProblems);
}

TEST_CASE("what is no JSON is shown where it stops being JSON") {
  struct {
    const char* text;
    const char* where;
    const char* cause;
    const char* fix;
  } cases[] = {
      {"{\"version\": 1,\n \"shims\": [],\n}", ":3:1", "unexpected '}'", "remove the comma in front of it"},
      {"{\"version\": 1 // one\n}", ":1:15", "invalid literal",
       "JSON has no comments: write a key \"x-comment\" instead"},
      {"{'version': 1}", ":1:2", "invalid literal", "put strings between double quotes"},
      {"{\"version\": 1 \"shims\": []}", nullptr, "unexpected string literal", nullptr},
      {"{\"version\": 1", ":1:14", "unexpected end of input", "the file is cut off: close what is open"},
      {"", ":1:1", "unexpected end of input", nullptr},
      {"{\"version\": 1, \"description\": \"\xff\"}", ":1:32", "invalid string: ill-formed UTF-8 byte", nullptr},
      {"{\"a\": 1e999}", nullptr, "number overflow", nullptr},
  };
  for (const auto& expected : cases) {
    CAPTURE(expected.text);
    const Problem problem = problem_of(expected.text);
    CAPTURE(problem.where);
    CAPTURE(problem.cause);
    CHECK(problem.code == Code::manifest_syntax);
    if (expected.where != nullptr) CHECK(problem.where == std::string(kPath) + expected.where);
    CHECK(problem.cause.starts_with(expected.cause));
    CHECK(problem.cause.find("last read") == std::string::npos);
    if (expected.fix != nullptr) CHECK(problem.fix == expected.fix);
  }
}

TEST_CASE("a key that stands twice is found at any depth, and where") {
  const Problem problem = problem_of(R"({"version": 1, "x-a": [{}, {"b/c": {"d": 1, "e": 2, "d": 3}}]})");
  CHECK(problem.code == Code::manifest_conflict);
  CHECK(problem.where == std::string(kPath) + ":1:53 (/x-a/1/b~1c/d)");
}

TEST_CASE("nesting and size have limits, and no stack is needed to find out") {
  const auto nested = [](std::size_t depth) {
    return "{\"version\": 1, \"x-a\": " + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(problems_of(nested(JsonDocument::kMaxDepth - 1)).empty());
  CHECK(problem_of(nested(JsonDocument::kMaxDepth)).cause == "nested more than 64 levels deep");
  CHECK(problem_of(std::string(1000000, '[')).code == Code::manifest_syntax);
  const std::string large = "{\"version\": 1}" + std::string(JsonDocument::kMaxText - 14, ' ');
  CHECK(problems_of(large).empty());
  CHECK(problem_of(large + " ").code == Code::manifest_too_large);
}

TEST_CASE("a hostile megabyte is refused without quadratic work") {
  std::string keys = "{\"version\": 1", shims = "{\"version\": 1, \"shims\": [{}",
              names = shim_with("\"provides\": [\"a\"");
  names.resize(names.size() - 3);
  for (int i = 0; keys.size() < 1000000; ++i) keys += ",\"x-" + std::to_string(i) + "\":0";
  while (shims.size() < 1000000) shims += ",{}";
  for (int i = 0; names.size() < 1000000; ++i) names += ",\"" + std::to_string(i) + "\"";
  CHECK(problems_of(keys + "}").empty());
  CHECK(problem_of(shims + "]}").cause == "more than 256 items");
  CHECK(problem_of(names + "]}]}").cause == "more than 256 items");
}

TEST_CASE("contradictions inside one file are conflicts") {
  CHECK(problem_of(shim_with(R"("first": true, "last": true)")).code == Code::manifest_conflict);
  CHECK(problem_of(shim_with(R"("before": ["a"])")).code == Code::manifest_conflict);
  CHECK(problem_of(shim_with(R"("requires": ["a"])")).code == Code::manifest_conflict);
  const Problem twice =
      problem_of(R"({"version": 1, "profiles": [{"name": "p", "shims": []}, {"name": "p", "shims": []}]})");
  CHECK(twice.code == Code::manifest_conflict);
  CHECK(twice.cause == "a second profile named \"p\"; the first is /profiles/0");
  CHECK(problems_of(
            R"({"version": 1, "shims": [{"name": "p", "library": "x"}], "profiles": [{"name": "p", "shims": []}]})")
            .empty());
}

TEST_CASE("what comes from the file cannot drive the terminal") {
  const std::string text = to_text(problem_of("{\"version\": 1, \"\\u001b[2J\\u009b\": 0}"), "vgpu-run");
  CHECK(text.find("/\\x1b[2J\\xc2\\x9b)") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  const std::string raw = to_text(problem_of("{\"version\": \x1b[31m \xff}"), "vgpu-run");
  CHECK(raw.find('\x1b') == std::string::npos);
  CHECK(raw.find('\xff') == std::string::npos);
  CHECK(escaped("a\nb\xff\xc3\xa4\xe2\x82") == "a\\x0ab\\xff\xc3\xa4\\xe2\\x82");
}

TEST_CASE("paths are made absolute as text") {
  CHECK(absolute_path("/a/b", "../c//d/.") == "/a/c/d");
  CHECK(absolute_path("/a", "../../../x") == "/x");
  CHECK(absolute_path("/a", "..") == "/");
  CHECK(absolute_path("/a", "/b/../c/") == "/c");
  CHECK(absolute_path("/a", "...") == "/a/...");
}

TEST_CASE("suggestions are near or absent") {
  const std::vector<std::string> known{"exec", "syscall", "cuda", "nvml", "cudart"};
  CHECK(suggest("cude", known) == "cuda");
  CHECK(suggest("sycsall", known) == "syscall");
  CHECK(suggest("cudat", known) == "cuda");  // as near as cudart, and earlier
  CHECK(suggest("jemalloc", known).empty());
  CHECK(suggest("x", known).empty());
  CHECK(suggest("", known).empty());
  CHECK(suggest(std::string(100000, 'x'), known).empty());
}

TEST_CASE("every code has a name of its own") {
  std::vector<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Code::internal); ++code) names.push_back(name(static_cast<Code>(code)));
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  for (const std::string_view each : names)
    CHECK(each.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos);
  CHECK(name(Code::shim_needs_newer_glibc) == "shim-needs-newer-glibc");
}
