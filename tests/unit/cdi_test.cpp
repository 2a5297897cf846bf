// CDI specifications on machines in memory: an installation under any prefix, other manifests, a host with a driver.
#include <doctest/doctest.h>

#include <algorithm>

#include "launcher/cdi/diff.h"
#include "launcher/cdi/spec.h"
#include "launcher/os/memory_machine.h"
#include "launcher/os/real_machine.h"
#include "tests/unit/elf_builder.h"

using namespace vgpu;
using namespace vgpu::cdi;
using Strings = std::vector<std::string>;

namespace {

struct World {
  os::MemoryMachine machine;
  std::string prefix;
  Options options;

  explicit World(std::string where = "/opt/v") : prefix(std::move(where)) {
    machine.set_credentials({0, 0, 0, 0, false});
    machine.set_own_executable(prefix + "/bin/vgpuctl");
    machine.add_program(prefix + "/bin/vgpu-run", "");
    const os::RealMachine real;
    machine.add(prefix + "/share/vgpu-run/manifest.json", *real.read(VGPU_CONFIG_DIR "/manifest.json", 1 << 20));
    machine.add(prefix + "/share/vgpu-run/devices/a100.json",
                *real.read(VGPU_CONFIG_DIR "/devices/a100.json", 1 << 20));
    for (const auto& [file, soname] :
         std::vector<std::pair<std::string, std::string>>{{"exec", "libvgpu-exec.so"},
                                                          {"syscall", "libvgpu-syscall.so"},
                                                          {"cuda", "libcuda.so.1"},
                                                          {"nvml", "libnvidia-ml.so.1"},
                                                          {"cudart12", "libcudart.so.12"},
                                                          {"cudart13", "libcudart.so.13"},
                                                          {"cuda-slice", "libcuda.so.1"},
                                                          {"nvml-slice", "libnvidia-ml.so.1"}}) {
      test::ElfBuilder elf = test::shared_library(soname);
      if (file == "exec" || file == "syscall") elf.needed.clear();
      if (soname.starts_with("libcudart")) elf.defines = {soname};
      machine.add(prefix + "/lib/vgpu/libvgpu-" + file + ".so", elf.build());
    }
  }

  void drop_in(const std::string& file, const std::string& shim) {
    machine.add("/etc/vgpu-run/manifest.d/" + file, R"({"version": 1, "shims": [)" + shim + "]}");
  }

  std::string failure() {
    const auto made = make_spec(machine, options);
    if (made) return "made";
    const plan::Problems problems = made.error();
    return problems.front().cause;
  }
  Spec spec() {
    auto made = make_spec(machine, options);
    REQUIRE_MESSAGE(made.has_value(), failure());
    return made->spec;
  }
};

Strings mounts(const Spec& spec) {
  Strings list;
  for (const Mount& mount : spec.edits.mounts) list.push_back(mount.host + " " + mount.container);
  return list;
}

Strings names(const Spec& spec) {
  Strings list;
  for (const Device& device : spec.devices) list.push_back(device.name);
  return list;
}

bool has(const Strings& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

TEST_CASE("wherever the tree stands, a container has it under /usr") {
  for (const char* prefix : {"/opt/v", "/usr", "/usr/local", "/home/user/a b"}) {
    CAPTURE(prefix);
    World world(prefix);
    const Spec spec = world.spec();
    const std::string host = prefix;
    CHECK(mounts(spec) == Strings{host + "/bin/vgpu-run /usr/bin/vgpu-run", host + "/lib/vgpu /usr/lib/vgpu",
                                  host + "/share/vgpu-run /usr/share/vgpu-run"});
    CHECK(names(spec) == Strings{"gpu0", "all", "preload"});
    CHECK(spec.devices[2].edits.environment.front().starts_with("LD_PRELOAD=/usr/lib/vgpu/libvgpu-exec.so:"));
  }
}

TEST_CASE("other manifests and their libraries come along at their places") {
  World world;
  world.machine.add("/opt/other/libother.so", test::shared_library("libother.so.1").build());
  world.drop_in("other.json", R"({"name": "other", "library": "/opt/other/libother.so", "profiles": ["default"]})");
  SUBCASE("and are in device preload") {
    const Spec spec = world.spec();
    CHECK(has(mounts(spec), "/etc/vgpu-run/manifest.d/other.json /etc/vgpu-run/manifest.d/other.json"));
    CHECK(has(mounts(spec), "/opt/other/libother.so /opt/other/libother.so"));
    CHECK(spec.devices.back().edits.environment.front().ends_with(":/opt/other/libother.so"));
  }
  SUBCASE("not what is masked") {
    world.machine.add("/usr/share/vgpu-run/manifest.d/other.json", R"({"version": 1})");
    CHECK(mounts(world.spec()).size() == 5);
  }
  SUBCASE("an empty file that disables, not a link to /dev/null, which has nothing to disable or cannot") {
    world.machine.add("/etc/vgpu-run/manifest.d/empty.json", "");
    world.machine.add("/dev/null", "", 0666).kind = os::FileStatus::Kind::other;
    world.machine.add_link("/etc/vgpu-run/manifest.d/null.json", "/dev/null");
    CHECK(mounts(world.spec()).size() == 6);
    World usr("/usr");
    usr.machine.add("/usr/share/vgpu-run/manifest.d/null.json", R"({"version": 1})");
    usr.machine.add("/dev/null", "", 0666).kind = os::FileStatus::Kind::other;
    usr.machine.add_link("/etc/vgpu-run/manifest.d/null.json", "/dev/null");
    CHECK(usr.failure() == "it is a link to /dev/null, which a container would get as a device");
  }
  SUBCASE("not where the container has our own tree") {
    world.machine.add("/usr/lib/vgpu/libother.so", test::shared_library("libother.so.1").build());
    world.drop_in("other.json",
                  R"({"name": "other", "library": "/usr/lib/vgpu/libother.so", "profiles": ["default"]})");
    CHECK(world.failure() ==
          "in a container /usr/lib/vgpu is /opt/v/lib/vgpu of this machine, and /usr/lib/vgpu/libother.so cannot be at "
          "its own place");
  }
  SUBCASE("not a directory that covers our own tree, or the C library") {
    world.machine.add_directory("/usr/lib");
    world.drop_in(
        "other.json",
        R"({"name": "other", "library": "/opt/other/libother.so", "link_directories": ["/usr/lib"], "profiles": ["default"]})");
    CHECK(world.failure().find("/usr/lib cannot be at its own place") != std::string::npos);
    world.machine.add("/opt/libs/libc.so.6", "");
    world.drop_in(
        "other.json",
        R"({"name": "other", "library": "/opt/other/libother.so", "link_directories": ["/opt/libs"], "profiles": ["default"]})");
    CHECK(world.failure() == "/opt/libs holds the C library of this machine, which is not the container's");
  }
  SUBCASE("where the tree is /usr, what is in it comes with it") {
    World usr("/usr");
    usr.machine.add("/usr/share/vgpu-run/manifest.d/in.json", R"({"version": 1})");
    CHECK(mounts(usr.spec()).size() == 3);
  }
}

TEST_CASE("on a host with a driver there is a slice, of what the driver's own specification gives") {
  World world;
  world.machine.add("/dev/nvidiactl", "");
  test::ElfBuilder cuda = test::shared_library("libcuda.so.1");
  world.machine.add("/usr/lib/x86_64-linux-gnu/libcuda.so.1", cuda.build());
  const Spec spec = world.spec();
  CHECK(names(spec) == Strings{"slice"});
  CHECK(spec.devices[0].edits.environment == Strings{"VGPU_RUN_PASSTHROUGH=1"});
  world.options.image_preload = "/x.so";
  CHECK(world.failure().find("only the vgpu-run in it can find out") != std::string::npos);
  world.options = {{"--emulate", "a100:2"}, {}, {}};
  CHECK(names(world.spec()) == Strings{"gpu0", "gpu1", "all", "preload"});
}

TEST_CASE("one of several devices") {
  World world;
  world.options.launch = {"--emulate", "a100:3", "--device", "2"};
  const Spec spec = world.spec();
  CHECK(names(spec) == Strings{"gpu0", "all", "preload"});
  const std::string all = spec.devices[1].edits.environment.front().substr(std::string("VGPU_DEVICE=").size());
  CHECK(spec.devices[0].edits.environment == Strings{"VGPU_DEVICE_0=" + all});
  CHECK(has(spec.devices[2].edits.environment, "VGPU_DEVICE=" + all));
}

TEST_CASE("a specification tells what it was made with") {
  World world;
  world.options = {{"--set", "A=\"1\"\n2", "--emulate", "a100:2"}, "/x.so", ""};
  const std::string text = to_json(world.spec());
  CHECK(options_in(text) == world.options);
  CHECK(differences(text, text)->empty());
  CHECK(!options_in("{}"));
  for (const char* words : {"{}", "[1]", "[\"--image-preload\"]", "", "["}) CHECK(!parse_options(words));
  CHECK(parse_options("[]") == Options{});
}
