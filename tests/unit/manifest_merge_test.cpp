#include <doctest/doctest.h>

#include <map>

#include "launcher/plan/manifest_reader.h"
#include "launcher/plan/merge.h"

using namespace vgpu::plan;
using Strings = std::vector<std::string>;

namespace {

// Files by name, merged in the order of the names.
class Files {
 public:
  Files& add(const std::string& name, const std::string& members) {
    texts_["/m/" + name] = "{\"version\": 1, " + members + "}";
    return *this;
  }

  Result<Manifest> load() {
    Manifest manifest;
    for (const auto& [path, text] : texts_) {
      Result<Manifest> file = read_manifest(text, path);
      if (!file) return file.error();
      merge(manifest, std::move(*file));
    }
    warnings.clear();
    const Result<void> whole = complete(
        manifest, warnings, [&](const std::string& file) { return JsonDocument::parse(texts_.at(file), file); });
    if (!whole) return whole.error();
    return manifest;
  }

  Problem problem() {
    const Result<Manifest> manifest = load();
    REQUIRE_FALSE(manifest.has_value());
    CHECK(manifest.error().size() == 1);
    return manifest.error().front();
  }

  Problems warnings;

 private:
  std::map<std::string, std::string> texts_;
};

constexpr char kBase[] = R"(
  "shims": [{"name": "exec", "library": "exec.so", "provides": ["propagation"]},
            {"name": "cuda", "library": "cuda.so", "provides": ["cuda-driver"]},
            {"name": "cudart", "library": "cudart.so", "requires": ["cuda-driver"]}],
  "profiles": [{"name": "default", "shims": ["exec", "cuda", "cudart"], "environment": {"A": "1", "B": "2"}, "scope": "exec"},
               {"name": "ollama", "extends": "default", "match": ["ollama"], "library_path": ["/ollama"]},
               {"name": "none", "shims": []}])";

Strings names(const std::vector<Shim>& shims) {
  Strings result;
  for (const Shim& shim : shims) result.push_back(shim.name);
  return result;
}

const Profile& profile(const Manifest& manifest, std::string_view name) {
  for (const Profile& candidate : manifest.profiles) {
    if (candidate.name == name) return candidate;
  }
  FAIL("no profile " << std::string(name));
  return manifest.profiles.front();
}

}  // namespace

TEST_CASE("a later file adds behind and replaces in place, and the replacement is recorded") {
  Files files;
  files.add("0.json", kBase);
  files.add(
      "1.json",
      R"("shims": [{"name": "new", "library": "new.so"}, {"name": "cuda", "library": "/other.so", "provides": ["cuda-driver"]}])");
  const auto manifest = files.load();
  REQUIRE(manifest.has_value());
  CHECK(names(manifest->shims) == Strings{"exec", "cuda", "cudart", "new"});
  CHECK(manifest->shims[1].libraries == Strings{"/other.so"});
  REQUIRE(manifest->overrides.size() == 1);
  CHECK(manifest->overrides[0].name == "cuda");
  CHECK(manifest->overrides[0].replaced.file == "/m/0.json");
  CHECK(manifest->overrides[0].by.file == "/m/1.json");
  CHECK(manifest->overrides[0].by.pointer == "/shims/1");
  CHECK(files.warnings.empty());
}

TEST_CASE("a shim joins profiles, and those that build upon them") {
  Files files;
  files.add("0.json", kBase)
      .add("1.json", R"("shims": [{"name": "jemalloc", "library": "j.so", "profiles": ["default"]}])");
  const auto manifest = files.load();
  REQUIRE(manifest.has_value());
  CHECK(profile(*manifest, "default").shims == Strings{"exec", "cuda", "cudart", "jemalloc"});
  CHECK(profile(*manifest, "ollama").shims == Strings{"exec", "cuda", "cudart", "jemalloc"});
  CHECK(profile(*manifest, "none").shims.empty());
}

TEST_CASE("a shim also joins a profile that a later file replaces") {
  Files files;
  files.add("0.json", kBase).add("1.json", R"("shims": [{"name": "j", "library": "j.so", "profiles": ["default"]}])");
  files.add("2.json", R"("profiles": [{"name": "default", "shims": ["cuda"]}])");
  CHECK(profile(*files.load(), "default").shims == Strings{"cuda", "j"});
}

TEST_CASE("a disabled shim leaves every profile, also against constraints") {
  Files files;
  files.add("0.json", kBase)
      .add("1.json",
           R"("shims": [{"name": "exec", "enabled": false}, {"name": "x", "library": "x.so", "after": ["exec"]}])");
  const auto manifest = files.load();
  REQUIRE(manifest.has_value());
  CHECK(names(manifest->shims) == Strings{"cuda", "cudart", "x"});
  CHECK(profile(*manifest, "default").shims == Strings{"cuda", "cudart"});
  CHECK(files.warnings.empty());
}

TEST_CASE("disabling what another shim requires is an error that names the file") {
  Files files;
  files.add("0.json",
            R"("shims": [{"name": "a", "library": "a.so"}, {"name": "b", "library": "b.so", "requires": ["a"]}])");
  files.add("1.json", R"("shims": [{"name": "a", "enabled": false}])");
  const Problem problem = files.problem();
  CHECK(problem.code == Code::requirement_unmet);
  CHECK(problem.where == "/m/0.json:1:106 (/shims/1/requires/0)");
  CHECK(problem.cause == "\"b\" requires \"a\", which /m/1.json:1:26 (/shims/0) disables");
}

TEST_CASE("a profile takes from the one it extends what it does not say itself") {
  Files files;
  files.add("0.json", kBase);
  files.add(
      "1.json",
      R"("profiles": [{"name": "mine", "extends": "ollama", "shims": ["exec"], "environment": {"B": "3", "C": "4"},
                          "library_path": ["/mine"], "init": "eager"}])");
  const auto manifest = files.load();
  REQUIRE(manifest.has_value());
  const Profile& mine = profile(*manifest, "mine");
  CHECK(mine.shims == Strings{"exec", "cuda", "cudart"});
  CHECK(mine.library_path == Strings{"/mine", "/ollama"});
  CHECK(mine.environment == std::vector<std::pair<std::string, std::string>>{{"A", "1"}, {"B", "3"}, {"C", "4"}});
  CHECK(mine.scope == "exec");
  CHECK(mine.init == "eager");
  CHECK(mine.match.empty());  // two profiles for one target would be a riddle
}

TEST_CASE("a profile that extends its own name builds upon the one it replaces") {
  Files files;
  files.add("0.json", kBase);
  files.add("1.json",
            R"("profiles": [{"name": "ollama", "extends": "ollama", "match": ["llama-server"], "device": "a100"}])");
  files.add(
      "2.json",
      R"("profiles": [{"name": "small", "extends": "ollama", "memory": "1GiB", "quota": "best-effort", "visible_devices": "0"},
                               {"name": "smaller", "extends": "small", "memory": "512MiB"}])");
  const auto manifest = files.load();
  REQUIRE(manifest.has_value());
  const Profile& ollama = profile(*manifest, "ollama");
  CHECK(ollama.shims == Strings{"exec", "cuda", "cudart"});  // by way of default
  CHECK(ollama.library_path == Strings{"/ollama"});
  CHECK(ollama.match == Strings{"llama-server", "ollama"});
  CHECK(ollama.device == "a100");
  const Profile& smaller = profile(*manifest, "smaller");
  CHECK(smaller.memory == "512MiB");
  CHECK(smaller.quota == "best-effort");
  CHECK(smaller.visible_devices == "0");
  CHECK(manifest->overrides.size() == 1);
}

TEST_CASE("unknown names are errors with a place, a caret and a suggestion") {
  Files files;
  files.add("0.json", kBase);
  SUBCASE("in a profile's shims") {
    files.add("1.json", R"("profiles": [{"name": "p", "shims": ["exec", "cude"]}])");
    const Problem problem = files.problem();
    CHECK(problem.code == Code::unknown_shim);
    CHECK(problem.where == "/m/1.json:1:61 (/profiles/0/shims/1)");
    CHECK(problem.fix == "did you mean \"cuda\"?");
    CHECK(problem.excerpt.ends_with("\n" + std::string(60, ' ') + "^"));
  }
  SUBCASE("in a requirement") {
    files.add("1.json", R"("shims": [{"name": "p", "library": "p.so", "requires": ["cuda-drivr"]}])");
    const Problem problem = files.problem();
    CHECK(problem.code == Code::requirement_unmet);
    CHECK(problem.fix == "did you mean \"cuda-driver\"?");
    CHECK(problem.where.ends_with("(/shims/0/requires/0)"));
  }
  SUBCASE("in the profiles to join") {
    files.add("1.json", R"("shims": [{"name": "p", "library": "p.so", "profiles": ["defualt"]}])");
    const Problem problem = files.problem();
    CHECK(problem.code == Code::unknown_profile);
    CHECK(problem.fix == "did you mean \"default\"?");
  }
  SUBCASE("in extends") {
    files.add("1.json", R"("profiles": [{"name": "p", "extends": "olama"}])");
    const Problem problem = files.problem();
    CHECK(problem.code == Code::unknown_profile);
    CHECK(problem.where.ends_with("(/profiles/0/extends)"));
    CHECK(problem.fix == "did you mean \"ollama\"?");
  }
  SUBCASE("in an extends of its own name without an earlier one") {
    files.add("1.json", R"("profiles": [{"name": "p", "extends": "p"}])");
    CHECK(files.problem().cause == "there is no earlier profile \"p\" to build upon");
  }
  SUBCASE("without the text there is still the object's place") {
    Manifest manifest = *read_manifest(R"({"version": 1, "profiles": [{"name": "p", "shims": ["x"]}]})", "/f.json");
    const Result<void> whole = complete(manifest, files.warnings);
    REQUIRE_FALSE(whole.has_value());
    CHECK(whole.error().front().where == "/f.json:1:29 (/profiles/0/shims)");
    CHECK(whole.error().front().excerpt.empty());
  }
}

TEST_CASE("a role is satisfied by another shim only") {
  Files files;
  files.add("0.json", R"("shims": [{"name": "a", "library": "a.so", "provides": ["r"], "requires": ["r"]}])");
  CHECK(files.problem().code == Code::requirement_unmet);
  files.add("1.json", R"("shims": [{"name": "b", "library": "b.so", "provides": ["r"]}])");
  CHECK(files.load().has_value());
}

TEST_CASE("profiles that extend each other are named in a circle") {
  Files files;
  files.add(
      "0.json",
      R"("profiles": [{"name": "lead", "extends": "a"}, {"name": "a", "extends": "b"}, {"name": "b", "extends": "a"}])");
  const Problem problem = files.problem();
  CHECK(problem.code == Code::manifest_conflict);
  CHECK(problem.cause == "\"a\" extends \"b\" extends \"a\"");
}

TEST_CASE("a constraint against nothing anybody could mean is a warning") {
  Files files;
  files.add("0.json", kBase);
  files.add("1.json", R"("shims": [{"name": "x", "library": "x.so", "profiles": ["default"],
    "after": ["exce", "libasan.so*", "lib*san*", "/opt/*", "propagation"], "before": ["cuda-driver"]}])");
  CHECK(files.load().has_value());
  REQUIRE(files.warnings.size() == 1);
  CHECK(files.warnings[0].severity == Severity::warning);
  CHECK(files.warnings[0].where == "/m/1.json:2:15 (/shims/0/after/0)");
  CHECK(files.warnings[0].cause == "\"exce\" is no shim, no role and no library's name");
  CHECK(files.warnings[0].fix == "did you mean \"exec\"?");
  CHECK_FALSE(files.warnings[0].excerpt.empty());
}
