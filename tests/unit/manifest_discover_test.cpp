#include <doctest/doctest.h>

#include <algorithm>

#include "launcher/os/memory_machine.h"
#include "launcher/plan/discover.h"

using namespace vgpu;
using namespace vgpu::plan;
using os::MemoryMachine;
using Fate = ManifestFile::Fate;

namespace {

constexpr char kDefault[] = "/opt/vgpu/share/vgpu-run/manifest.json";
constexpr char kSystem[] = "/usr/share/vgpu-run/manifest.d/";
constexpr char kAdmin[] = "/etc/vgpu-run/manifest.d/";
constexpr char kUser[] = "/home/user/.config/vgpu-run/manifest.d/";

std::string shim(const std::string& name) {
  return R"({"version": 1, "shims": [{"name": ")" + name + R"(", "library": "lib.so"}]})";
}

MemoryMachine somebody() {
  MemoryMachine machine;
  machine.set_credentials({1000, 1000, 1000, 1000, false});
  machine.set_environment({"HOME=/home/user"});
  machine.set_own_executable("/opt/vgpu/bin/vgpu-run");
  machine.add(kDefault, shim("base"));
  return machine;
}

MemoryMachine root() {
  MemoryMachine machine = somebody();
  machine.set_credentials({0, 0, 0, 0, false});
  machine.set_environment({"HOME=/root"});
  return machine;
}

// "base a b": the shims in file order, or the codes of what went wrong.
std::string loaded(const MemoryMachine& machine, const std::string& named = {}) {
  const Result<Manifest> manifest = load_manifest(machine, named);
  std::string text;
  if (manifest) {
    for (const Shim& shim : manifest->shims) text += (text.empty() ? "" : " ") + shim.name;
  } else {
    for (const Problem& problem : manifest.error()) text.append(text.empty() ? "" : " ").append(name(problem.code));
  }
  return text;
}

Problem problem_of(const MemoryMachine& machine, const std::string& named = {}) {
  const Result<Manifest> manifest = load_manifest(machine, named);
  REQUIRE_FALSE(manifest.has_value());
  CHECK(manifest.error().size() == 1);
  return manifest.error().front();
}

}  // namespace

TEST_CASE("the default stands beside the executable, wherever that is") {
  MemoryMachine machine = somebody();
  CHECK(share_directory(machine) == "/opt/vgpu/share/vgpu-run");
  const auto manifest = load_manifest(machine, "");
  REQUIRE(manifest.has_value());
  CHECK(manifest->shims[0].libraries[0] == "/opt/vgpu/share/vgpu-run/lib.so");
  machine.set_own_executable("/moved/here/bin/vgpu-run");
  CHECK(problem_of(machine).code == Code::manifest_unreadable);
  CHECK(problem_of(machine).where == "/moved/here/share/vgpu-run/manifest.json");
}

TEST_CASE("the drop-ins of vgpu-run's own tree count first, and once where that is /usr") {
  MemoryMachine machine = somebody();
  machine.add("/opt/vgpu/share/vgpu-run/manifest.d/20-own.json", shim("own"));
  machine.add(std::string(kSystem) + "10-a.json", shim("a"));
  CHECK(loaded(machine) == "base a own");
  machine.add(std::string(kSystem) + "20-own.json", shim("system"));
  CHECK(loaded(machine) == "base a system");
  machine.set_own_executable("/usr/bin/vgpu-run");
  machine.add("/usr/share/vgpu-run/manifest.json", shim("base"));
  const auto manifest = load_manifest(machine, "");
  REQUIRE(manifest.has_value());
  CHECK(loaded(machine) == "base a system");
  for (const ManifestFile& file : manifest->files) CHECK(file.fate == Fate::used);
}

TEST_CASE("drop-ins come in the order of their names over all directories") {
  MemoryMachine machine = somebody();
  machine.add(std::string(kUser) + "10-c.json", shim("c"));
  machine.add(std::string(kSystem) + "20-d.json", shim("d"));
  machine.add(std::string(kAdmin) + "05-b.json", shim("b"));
  machine.add(std::string(kAdmin) + "Z.json", shim("z"));  // strcmp: capitals before small letters
  machine.add(std::string(kAdmin) + "a.json", shim("a"));
  CHECK(loaded(machine) == "base b c d z a");
}

TEST_CASE("only *.json counts, and no hidden file") {
  MemoryMachine machine = somebody();
  for (const char* name : {"a.json.bak", "a.jso", ".a.json", "json", "a.JSON", "a.json~"})
    machine.add(std::string(kAdmin) + name, "rubbish");
  CHECK(loaded(machine) == "base");
}

TEST_CASE("the same name in a later directory masks the earlier") {
  MemoryMachine machine = somebody();
  machine.add(std::string(kSystem) + "x.json", "rubbish that is never read");
  machine.add(std::string(kAdmin) + "x.json", shim("admin"));
  machine.add(std::string(kUser) + "x.json", shim("user"));
  const auto manifest = load_manifest(machine, "");
  REQUIRE(manifest.has_value());
  CHECK(loaded(machine) == "base user");
  REQUIRE(manifest->files.size() == 4);
  const auto fate = [&](const std::string& path) {
    for (const ManifestFile& file : manifest->files) {
      if (file.path == path) return file;
    }
    return ManifestFile{};
  };
  CHECK(fate(kDefault).fate == Fate::used);
  CHECK(fate(std::string(kUser) + "x.json").fate == Fate::used);
  CHECK(fate(std::string(kSystem) + "x.json").fate == Fate::masked);
  CHECK(fate(std::string(kSystem) + "x.json").by == std::string(kAdmin) + "x.json");
  CHECK(fate(std::string(kAdmin) + "x.json").by == std::string(kUser) + "x.json");
}

TEST_CASE("an empty file or a link to /dev/null disables") {
  MemoryMachine machine = somebody();
  machine.add("/dev/null", "").kind = os::FileStatus::Kind::other;
  machine.add("/dev/zero", "").kind = os::FileStatus::Kind::other;
  machine.add(std::string(kSystem) + "a.json", shim("a"));
  machine.add(std::string(kSystem) + "b.json", shim("b"));
  machine.add(std::string(kAdmin) + "a.json", "");
  machine.add_link(std::string(kAdmin) + "b.json", "/dev/null");
  CHECK(loaded(machine) == "base");
  const auto manifest = load_manifest(machine, "");
  REQUIRE(manifest.has_value());
  CHECK(std::count_if(manifest->files.begin(), manifest->files.end(),
                      [](const ManifestFile& f) { return f.fate == Fate::disabled; }) == 2);
  machine.add_link(std::string(kAdmin) + "c.json", "/dev/zero");
  CHECK(loaded(machine) == "manifest-unreadable");
}

TEST_CASE("XDG_CONFIG_HOME comes before HOME; relative values count as unset") {
  MemoryMachine machine = somebody();
  machine.add(std::string(kUser) + "h.json", shim("home"));
  machine.add("/xdg/vgpu-run/manifest.d/x.json", shim("xdg"));
  machine.set_environment({"HOME=/home/user", "XDG_CONFIG_HOME=/xdg"});
  CHECK(loaded(machine) == "base xdg");
  for (const char* value : {"XDG_CONFIG_HOME=", "XDG_CONFIG_HOME=xdg"}) {
    machine.set_environment({value, "HOME=/home/user"});
    CHECK(loaded(machine) == "base home");
  }
  machine.set_environment({"HOME=home/user"});
  CHECK(loaded(machine) == "base");
  machine.set_environment({});
  CHECK(loaded(machine) == "base");
}

TEST_CASE("a named manifest is the only one, and is found from the working directory") {
  MemoryMachine machine = somebody();
  machine.add(std::string(kAdmin) + "a.json", shim("a"));
  machine.add("/srv/m.json", shim("mine"));
  machine.set_working_directory("/srv");
  CHECK(loaded(machine, "/srv/m.json") == "mine");
  CHECK(loaded(machine, "m.json") == "mine");
  CHECK(load_manifest(machine, "./m.json")->shims[0].libraries[0] == "/srv/lib.so");
  CHECK(problem_of(machine, "other.json").where == "/srv/other.json");
  CHECK(problem_of(machine, "/srv").cause == "it is a directory");
  machine.set_working_directory("");
  CHECK(loaded(machine, "/srv/m.json") == "mine");
  CHECK(problem_of(machine, "m.json").cause == "the working directory cannot be reached");
  machine.add("/dev/null", "").kind = os::FileStatus::Kind::other;
  CHECK(problem_of(machine, "/dev/null").cause == "it is not a regular file");
  machine.add("/srv/empty.json", "");
  CHECK(problem_of(machine, "/srv/empty.json").code == Code::manifest_syntax);
}

TEST_CASE("AT_SECURE: the user's directory does not count") {
  MemoryMachine machine = somebody();
  machine.add(std::string(kUser) + "a.json", shim("a"));
  CHECK(loaded(machine) == "base a");
  machine.set_credentials({1000, 33, 1000, 33, true});
  CHECK(loaded(machine) == "base");
  machine.set_environment({"HOME=/home/user", "XDG_CONFIG_HOME=/home/user/.config"});
  CHECK(loaded(machine) == "base");
}

TEST_CASE("every broken file is reported in one go") {
  MemoryMachine machine = somebody();
  machine.add(kDefault, "{");
  machine.add(std::string(kAdmin) + "a.json", "[]");
  machine.add(std::string(kAdmin) + "b.json", shim("b"), 0000);
  machine.add(std::string(kUser) + "c.json", std::string(2 << 20, ' '));
  CHECK(loaded(machine) == "manifest-syntax manifest-invalid manifest-unreadable manifest-too-large");
}

TEST_CASE("a closed directory stops the launch, a closed HOME warns") {
  MemoryMachine machine = somebody();
  machine.add(std::string(kUser) + "a.json", shim("a"));
  machine.add_directory("/home/user", 0700).uid = 1234;
  Problems warnings;
  const auto manifest = load_manifest(machine, "", warnings);
  REQUIRE(manifest.has_value());
  CHECK(manifest->shims.size() == 1);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].severity == Severity::warning);
  CHECK(warnings[0].where == "/home/user/.config/vgpu-run/manifest.d");
  machine.add(std::string(kAdmin) + "a.json", shim("a"));
  machine.add_directory("/etc/vgpu-run", 0700);
  CHECK(problem_of(machine).code == Code::manifest_unreadable);
}

TEST_CASE("names with a newline or invalid UTF-8 are names") {
  MemoryMachine machine = somebody();
  machine.add(std::string(kAdmin) + "a\nb\xff.json", "{}");
  const Problem problem = problem_of(machine);
  CHECK(problem.code == Code::manifest_invalid);
  CHECK(to_text(problem, "vgpu-run").find("/a\\x0ab\\xff.json:1:1: ") != std::string::npos);
}

TEST_CASE("root does not believe what others can write") {
  MemoryMachine machine = root();
  const std::string path = std::string(kAdmin) + "a.json";
  machine.add(path, shim("a"));
  CHECK(loaded(machine) == "base a");

  SUBCASE("the file") {
    struct {
      std::uint32_t mode, uid, gid;
      const char* cure;
    } cases[] = {
        {0646, 0, 0, "chmod o-w"},     {0664, 0, 50, "chmod g-w"},    {0666, 0, 50, "chmod go-w"},
        {0644, 1000, 0, "chown root"}, {0666, 1000, 0, "chown root"},
    };
    for (const auto& bad : cases) {
      CAPTURE(bad.mode);
      auto& file = machine.add(path, shim("a"), bad.mode);
      file.uid = bad.uid;
      file.gid = bad.gid;
      const Problem problem = problem_of(machine);
      CHECK(problem.code == Code::manifest_untrusted);
      CHECK(problem.where == path);
      CHECK(problem.fix.starts_with(std::string("if you trust what it says: ") + bad.cure + " '" + path + "'"));
    }
    CHECK(problem_of(machine).fix.ends_with(" && chmod o-w '" + path + "'"));
    machine.add(path, shim("a"), 0664).gid = 0;  // root's own group
    CHECK(loaded(machine) == "base a");
  }
  SUBCASE("its directory") {
    auto& directory = machine.add_directory("/etc/vgpu-run/manifest.d", 0777);
    CHECK(problem_of(machine).fix == "if you trust what it says: chmod o-w '/etc/vgpu-run/manifest.d'");
    directory.mode = 01777;  // like /tmp: nobody can exchange root's file there
    CHECK(loaded(machine) == "base a");
    directory.uid = 1000;  // but its owner can
    CHECK(problem_of(machine).fix == "if you trust what it says: chown root '/etc/vgpu-run/manifest.d'");
  }
  SUBCASE("the directory that a link leads to") {
    machine.remove(path);
    machine.add("/home/user/real.json", shim("linked"));
    machine.add_link(path, "/home/user/real.json");
    CHECK(loaded(machine) == "base linked");
    machine.add_directory("/home/user").uid = 1000;
    CHECK(problem_of(machine).cause == "its directory /home/user belongs to user 1000, and we are root");
  }
  SUBCASE("the default manifest") {
    machine.add_directory("/opt/vgpu/share/vgpu-run", 0777);
    CHECK(problem_of(machine).where == kDefault);
  }
  SUBCASE("a named manifest") {
    machine.add("/srv/it's/m.json", shim("named"));
    CHECK(loaded(machine, "/srv/it's/m.json") == "named");
    machine.add_directory("/srv/it's", 0777);
    CHECK(problem_of(machine, "/srv/it's/m.json").fix == "if you trust what it says: chmod o-w '/srv/it'\\''s'");
  }
  SUBCASE("file and directory at once") {
    machine.add(path, shim("a"), 0666);
    machine.add_directory("/etc/vgpu-run/manifest.d", 0777);
    CHECK(loaded(machine) == "manifest-untrusted manifest-untrusted");
  }
  SUBCASE("nobody's files, where vgpu-run itself is nobody's: a user namespace") {
    machine.add(path, shim("a")).uid = 65534;
    CHECK(problem_of(machine).cause == "it belongs to user 65534, and we are root");
    machine.add_program("/opt/vgpu/bin/vgpu-run", "").uid = 65534;
    CHECK(loaded(machine) == "base a");
    machine.add(path, shim("a"), 0646).uid = 65534;
    CHECK(problem_of(machine).cause == "it is writable by others, and we are root");
    machine.add(path, shim("a")).uid = 1000;
    CHECK(problem_of(machine).cause == "it belongs to user 1000, and we are root");
  }
  SUBCASE("whoever is not root may load what they like") {
    machine.add(path, shim("a"), 0666).uid = 2000;
    machine.set_credentials({1000, 1000, 1000, 1000, false});
    CHECK(loaded(machine) == "base a");
  }
}

TEST_CASE("a launch without drop-ins asks the machine little") {
  const MemoryMachine machine = root();
  (void)load_manifest(machine, "");
  // The status of the file and, as root, of its directory; the file; four directories that are not there.
  CHECK(machine.questions().size() == 7);
}

TEST_CASE("the default manifest that the build read is not parsed again, and ends with the first byte that differs") {
  MemoryMachine machine = somebody();
  const std::string text = shim("base");
  // An image that says something else than the text shows which of the two was read.
  Manifest other;
  other.shims.emplace_back();
  other.shims.front().name = "from the image";
  other.shims.front().libraries = {"/build/lib/vgpu/a.so", "/elsewhere/b.so"};
  const std::string whole = manifest_image(other, "/build");
  other.shims.front().name = "from the other image";
  const std::string image = manifest_image(other, "/build");
  Problems warnings;
  const auto first = [&](const std::string& named = {}) {
    const Result<Manifest> manifest = load_manifest(machine, named, warnings, {text, image, whole});
    REQUIRE(manifest.has_value());
    REQUIRE(!manifest->shims.empty());
    return manifest->shims.front();
  };
  CHECK(first().name == "from the image");
  CHECK(first().libraries == std::vector<std::string>{"/opt/vgpu/lib/vgpu/a.so", "/elsewhere/b.so"});
  CHECK(first(kDefault).name == "base");  // named by the user: read as any file
  SUBCASE("a drop-in is merged into the one that is not completed yet, and what comes of it is checked") {
    machine.add("/etc/vgpu-run/manifest.d/a.json",
                R"({"version": 1, "shims": [{"name": "a", "library": "a.so", "requires": ["nobody"]}]})");
    const Result<Manifest> manifest = load_manifest(machine, {}, warnings, {text, image, whole});
    REQUIRE(!manifest);
    CHECK(manifest.error().front().code == Code::requirement_unmet);
    machine.add("/etc/vgpu-run/manifest.d/a.json", shim("a"));
    CHECK(first().name == "from the other image");
    machine.remove("/etc/vgpu-run/manifest.d/a.json");
  }
  machine.add(kDefault, text + "\n");
  CHECK(first().name == "base");
}

TEST_CASE("an image keeps every field") {
  const Position at{"/build/m.json", "/shims/0", 3, 7};
  Shim shim;
  shim.name = "name";
  shim.libraries = {"/build/a.so", "/b.so"};
  shim.provides = {"role"};
  shim.requirements = {"other", ""};
  shim.constraints = {{Constraint::Kind::last, "target", at, "reason"}, {Constraint::Kind::after, "x", {}, ""}};
  shim.sonames = {{"libx.so.1", {"X_1", "X_2"}}};
  shim.link_directories = {"/build/link"};
  shim.fallbacks = {{"/build/fallback", {"libcublas.so.12"}}};
  shim.abi = {32, "i386", "glibc"};
  shim.required = false;
  shim.enabled = false;
  shim.profiles = {"default"};
  shim.when = {{"slice"}, {"python*"}};
  shim.at = at;
  Profile profile;
  profile.name = "profile";
  profile.extends = "default";
  profile.match = {"ollama"};
  profile.shims = {"name"};
  profile.library_path = {"/usr/lib/*"};
  profile.environment = {{"A", "1"}, {"B", ""}};
  profile.children = {{"hide", {"*.sh"}, {"--quiet"}}};
  profile.scope = "inherit";
  profile.device = "a100";
  profile.init = "eager";
  profile.visible_devices = "1";
  profile.memory = "8GiB";
  profile.quota = "required";
  profile.at = at;
  Manifest manifest;
  manifest.shims = {shim, Shim{}};
  manifest.profiles = {profile, Profile{}};
  manifest.files = {{"/build/m.json", Fate::masked, "/etc/m.json"}};
  manifest.overrides = {{"name", at, {}}};
  CHECK(manifest_from_image(manifest_image(manifest, "/build"), "/build") == manifest);
  CHECK(manifest_from_image(manifest_image(manifest, "/build"), "").shims[0].libraries[0] == "/a.so");
  CHECK(manifest_from_image(manifest_image(manifest, ""), "").profiles == manifest.profiles);
}
