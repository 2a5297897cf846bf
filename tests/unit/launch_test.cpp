// The launch as a whole, on a machine in memory with the shipped manifest: what the target gets.
#include "launcher/plan/launch.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "launcher/os/memory_machine.h"
#include "launcher/os/real_machine.h"
#include "launcher/plan/device_parts.h"
#include "shims/contract.h"
#include "tests/unit/elf_builder.h"

using namespace vgpu;
using namespace vgpu::plan;
using Strings = std::vector<std::string>;

namespace {

constexpr char kLib[] = "/opt/v/lib/vgpu/";

std::string lib(const std::string& name) { return kLib + name; }

struct World {
  os::MemoryMachine machine;
  Request request;

  World() {
    machine.set_credentials({1000, 1000, 1000, 1000, false});
    machine.set_own_executable("/opt/v/bin/vgpu-run");
    machine.set_environment({"PATH=/usr/bin:/bin", "HOME=/home/u"});
    const os::RealMachine real;
    machine.add("/opt/v/share/vgpu-run/manifest.json", *real.read(VGPU_CONFIG_DIR "/manifest.json", 1 << 20));
    machine.add("/opt/v/share/vgpu-run/devices/a100.json", *real.read(VGPU_CONFIG_DIR "/devices/a100.json", 1 << 20));
    machine.add_program("/lib64/ld-linux-x86-64.so.2", test::shared_library("ld-linux-x86-64.so.2").build());
    test::ElfBuilder libc;
    libc.soname = "libc.so.6";
    libc.defines = {"GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.36"};
    machine.add("/lib/x86_64-linux-gnu/libc.so.6", libc.build());
    machine.add_program("/usr/bin/prog", test::glibc_program().build());
    machine.add_program("/usr/bin/ollama", test::glibc_program().build());
    add_shim("libvgpu-exec.so", "libvgpu-exec.so", false);
    add_shim("libvgpu-syscall.so", "libvgpu-syscall.so", false);
    add_shim("libvgpu-cuda.so", "libcuda.so.1");
    add_shim("libvgpu-nvml.so", "libnvidia-ml.so.1");
    add_shim("libvgpu-cudart12.so", "libcudart.so.12");
    add_shim("libvgpu-cudart13.so", "libcudart.so.13");
    request.command = {"prog", "arg"};
  }

  void add_shim(const std::string& file, const std::string& soname, bool libc = true) {
    test::ElfBuilder elf = test::shared_library(soname);
    if (!libc) elf.needed.clear();
    if (soname.starts_with("libcudart")) elf.defines = {soname};
    machine.add(lib(file), elf.build());
  }

  void add_foreign(const std::string& path, const std::string& soname) {
    machine.add(path, test::shared_library(soname).build());
  }

  void add_environment(const std::string& entry) {
    Strings entries = machine.environment();
    entries.push_back(entry);
    machine.set_environment(entries);
  }

  Plan plan() const { return make_plan(machine, request); }

  // The plan of a vgpu-run that this one starts.
  Plan nested(const Plan& outer) {
    machine.set_environment(outer.envp);
    return plan();
  }
};

std::string value(const Plan& plan, const std::string& name) {
  std::string found = "(unset)";
  int times = 0;
  for (const std::string& entry : plan.envp) {
    if (!entry.starts_with(name + "=")) continue;
    found = entry.substr(name.size() + 1);
    ++times;
  }
  CHECK(times <= 1);
  return found;
}

bool has(const Plan& plan, Code code) {
  return std::any_of(plan.problems.begin(), plan.problems.end(),
                     [&](const Problem& problem) { return problem.code == code; });
}

Strings names(const Plan& plan) {
  Strings all;
  for (const Place& place : plan.places) all.push_back(place.name);
  return all;
}

const std::string kShims = lib("libvgpu-exec.so") + ":" + lib("libvgpu-syscall.so") + ":" + lib("libvgpu-cuda.so") +
                           ":" + lib("libvgpu-nvml.so") + ":" + lib("libvgpu-cudart12.so") + ":" +
                           lib("libvgpu-cudart13.so");

}  // namespace

TEST_CASE("the shipped manifest gives exec, syscall, cuda, nvml, cudart, and nothing is left to the user") {
  World world;
  const Plan plan = world.plan();
  CHECK(plan.problems.empty());
  CHECK(exit_status(plan) == ExitStatus::ok);
  CHECK(plan.profile == "default");
  CHECK(names(plan) == Strings{"exec", "syscall", "cuda", "nvml", "cudart"});
  CHECK(value(plan, "LD_PRELOAD") == kShims);
  CHECK(value(plan, "LD_LIBRARY_PATH") ==
        "/opt/v/lib/vgpu/link:/opt/v/lib/vgpu/fallback/12:/opt/v/lib/vgpu/fallback/13");
  CHECK(value(plan, "VGPU_PRELOAD") == kShims);
  CHECK(value(plan, "VGPU_LIBRARY_PATH") == "/opt/v/lib/vgpu/link");
  CHECK(value(plan, "VGPU_LIBRARY_PATH_LAST") == "/opt/v/lib/vgpu/fallback/12:/opt/v/lib/vgpu/fallback/13");
  for (const char* name : {"VGPU_PRELOAD_FIRST", "VGPU_DEVICE", "VGPU_INIT", "VGPU_SCOPE"})
    CHECK(value(plan, name) == "(unset)");
  CHECK(plan.target.path == "/usr/bin/prog");
  CHECK(plan.device == "h100");
  CHECK(plan.envp.front() == "PATH=/usr/bin:/bin");
  // In reverse: none of them needs another.
  CHECK(plan.init_order.front() == lib("libvgpu-cudart13.so"));
  CHECK(plan.init_order.back() == lib("libvgpu-exec.so"));
}

TEST_CASE("initialisation: a library that another one needs comes first") {
  World world;
  test::ElfBuilder elf = test::shared_library("libcuda.so.1");
  elf.needed.push_back("libvgpu-exec.so");
  world.machine.add(lib("libvgpu-cuda.so"), elf.build());
  const Plan plan = world.plan();
  const auto place = [&](const char* name) {
    return std::find(plan.init_order.begin(), plan.init_order.end(), lib(name));
  };
  CHECK(place("libvgpu-exec.so") < place("libvgpu-cuda.so"));
  CHECK(place("libvgpu-exec.so") < place("libvgpu-syscall.so"));
  CHECK(plan.init_order.size() == 6);
}

TEST_CASE("a launch inside a launch gives the same environment, byte for byte") {
  World world;
  SUBCASE("plain") {}
  SUBCASE("with the user's own preloads and library path") {
    world.add_foreign("/usr/lib/libasan.so.8", "libasan.so.8");
    world.add_foreign("/usr/lib/libmine.so", "libmine.so");
    world.add_environment("LD_PRELOAD=/usr/lib/libmine.so:/usr/lib/libasan.so.8 /usr/lib/libmine.so");
    world.add_environment("LD_LIBRARY_PATH=/a::/b;/a:");
  }
  SUBCASE("with another device, a scope, an option") {
    world.request.emulate = "a100:3";
    world.request.scope = "inherit";
    world.request.set = {{"NAME", "v=1"}};
  }
  SUBCASE("for a program with its own profile") {
    world.machine.add_directory("/usr/lib/ollama/cuda_v12");
    world.machine.add_directory("/usr/lib/ollama/cuda_v13");
    world.add_environment("LD_LIBRARY_PATH=/usr/lib/ollama:/b");
    world.request.command = {"ollama", "serve"};
  }
  SUBCASE("with entries that are no variables, and with duplicates") {
    world.add_environment("no equals sign");
    world.add_environment("=odd");
    world.add_environment("HOME=/second");
  }
  const Plan outer = world.plan();
  REQUIRE(exit_status(outer) == ExitStatus::ok);
  // The inner one is started plainly.
  const auto command = world.request.command;
  world.request = {};
  world.request.command = command;
  const Plan inner = world.nested(outer);
  CHECK(inner.envp == outer.envp);
  CHECK(inner.environment.empty());
  CHECK(inner.unset.empty());
  CHECK(inner.device == outer.device);
}

TEST_CASE("the user's own preloads: behind ours, unless they insist; ours are recognised by path and by file") {
  World world;
  world.add_foreign("/usr/lib/libasan.so.8", "libasan.so.8");
  world.add_foreign("/usr/lib/libz.so", "libz.so");
  SUBCASE("behind") {
    world.add_environment("LD_PRELOAD=/usr/lib/libz.so");
    const Plan plan = world.plan();
    CHECK(value(plan, "LD_PRELOAD") == kShims + ":/usr/lib/libz.so");
    CHECK(value(plan, "VGPU_PRELOAD_FIRST") == "(unset)");
  }
  SUBCASE("in front") {
    world.add_environment("LD_PRELOAD=/usr/lib/libasan.so.8:/usr/lib/libz.so");
    const Plan plan = world.plan();
    CHECK(value(plan, "LD_PRELOAD") == "/usr/lib/libasan.so.8:" + kShims + ":/usr/lib/libz.so");
    CHECK(value(plan, "VGPU_PRELOAD_FIRST") == "/usr/lib/libasan.so.8");
    CHECK(value(plan, "VGPU_PRELOAD") == kShims);
  }
  SUBCASE("an old hand-written order of ours, through a link and with one missing") {
    world.machine.add_link("/usr/lib/vgpu-cuda.so", lib("libvgpu-cuda.so"));
    world.add_environment("LD_PRELOAD=" + lib("libvgpu-cudart12.so") +
                          ":/usr/lib/vgpu-cuda.so:/usr/lib/libz.so:" + lib("libvgpu-exec.so"));
    CHECK(value(world.plan(), "LD_PRELOAD") == kShims + ":/usr/lib/libz.so");
  }
  SUBCASE("names without a slash and relative paths become absolute: a child in another directory must find them") {
    world.machine.set_working_directory("/home/u");
    world.add_foreign("/home/u/libhere.so", "libhere.so");
    world.add_foreign("/lib/x86_64-linux-gnu/libfound.so", "libfound.so");
    world.add_environment("LD_PRELOAD=libfound.so:./libhere.so");
    CHECK(value(world.plan(), "LD_PRELOAD") == kShims + ":/lib/x86_64-linux-gnu/libfound.so:/home/u/./libhere.so");
  }
  SUBCASE("what cannot be found is a warning") {
    world.add_environment("LD_PRELOAD=/nowhere/libx.so");
    const Plan plan = world.plan();
    CHECK(exit_status(plan) == ExitStatus::ok);
    CHECK(has(plan, Code::shim_missing));
  }
  SUBCASE("two LD_PRELOAD strings: the last counts, as for ld.so") {
    world.add_environment("LD_PRELOAD=/usr/lib/libz.so");
    world.add_environment("LD_PRELOAD=/usr/lib/libasan.so.8");
    CHECK(value(world.plan(), "LD_PRELOAD") == "/usr/lib/libasan.so.8:" + kShims);
  }
  SUBCASE("the shims of another tree's vgpu-run around this one give way") {
    world.add_foreign("/other/libvgpu-cuda.so", "libcuda.so.1");
    world.add_environment("LD_PRELOAD=/other/libvgpu-cuda.so:/usr/lib/libz.so");
    world.add_environment("VGPU_PRELOAD=/other/libvgpu-cuda.so");
    CHECK(value(world.plan(), "LD_PRELOAD") == kShims + ":/usr/lib/libz.so");
  }
}

TEST_CASE(
    "the library path: ours in front, the profile's, the user's, the fallbacks last, nothing empty, nothing twice") {
  World world;
  world.request.command = {"ollama", "serve"};
  world.machine.add_directory("/usr/local/lib/ollama/cuda_v13");
  world.machine.add_directory("/usr/local/lib/ollama/cuda_v12");
  world.machine.add("/usr/local/lib/ollama/cuda_vfile", "");
  world.add_environment("LD_LIBRARY_PATH=/mine::/usr/local/lib/ollama:/mine;/more");
  const Plan plan = world.plan();
  CHECK(plan.profile == "ollama");
  CHECK(plan.library_path == Strings{"/opt/v/lib/vgpu/link", "/usr/local/lib/ollama", "/usr/local/lib/ollama/cuda_v12",
                                     "/usr/local/lib/ollama/cuda_v13", "/mine", ".", "/more",
                                     "/opt/v/lib/vgpu/fallback/12", "/opt/v/lib/vgpu/fallback/13"});
  CHECK(
      value(plan, "VGPU_LIBRARY_PATH_LAST") ==
      "/usr/local/lib/ollama:/usr/local/lib/ollama/cuda_v12:/usr/local/lib/ollama/cuda_v13:/opt/v/lib/vgpu/fallback/12:"
      "/opt/v/lib/vgpu/fallback/13");
}

TEST_CASE("a real cuBLAS on the system keeps its fallback away") {
  World world;
  world.add_foreign("/usr/lib/x86_64-linux-gnu/libcublas.so.12", "libcublas.so.12");
  CHECK(world.plan().library_path == Strings{"/opt/v/lib/vgpu/link", "/opt/v/lib/vgpu/fallback/13"});
}

TEST_CASE("profile none: no shims, and what an enclosing launch brought is taken away") {
  World world;
  const Plan outer = world.plan();
  world.request.profile = "none";
  SUBCASE("plain") {
    const Plan plan = world.plan();
    CHECK(plan.envp == world.machine.environment());
    CHECK(plan.places.empty());
    CHECK(plan.problems.empty());
  }
  SUBCASE("nested") {
    const Strings before = world.machine.environment();
    const Plan plan = world.nested(outer);
    CHECK(plan.envp == before);
    CHECK(plan.unset ==
          Strings{"LD_PRELOAD", "LD_LIBRARY_PATH", "VGPU_PRELOAD", "VGPU_LIBRARY_PATH", "VGPU_LIBRARY_PATH_LAST"});
  }
}

TEST_CASE("--with and --without, by name and by role; what no longer fits is said") {
  World world;
  SUBCASE("without") {
    world.request.without = {"nvml", "syscall-propagation"};
    const Plan plan = world.plan();
    CHECK(names(plan) == Strings{"exec", "cuda", "cudart"});
    CHECK(plan.left_out.size() == 4);
  }
  SUBCASE("with") {
    world.request.profile = "none";
    world.request.with = {"exec"};
    CHECK(value(world.plan(), "LD_PRELOAD") == lib("libvgpu-exec.so"));
  }
  SUBCASE("a requirement that goes with it") {
    world.request.without = {"cuda"};
    const Plan plan = world.plan();
    CHECK(has(plan, Code::requirement_unmet));
    CHECK(exit_status(plan) == ExitStatus::own_failure);
  }
  SUBCASE("an unknown name") {
    world.request.without = {"cudar"};
    const Plan plan = world.plan();
    REQUIRE(has(plan, Code::unknown_shim));
    CHECK(plan.problems[0].fix == "did you mean cuda?");
  }
  SUBCASE("an unknown profile") {
    world.request.profile = "olama";
    const Plan plan = world.plan();
    REQUIRE(has(plan, Code::unknown_profile));
    CHECK(plan.problems[0].fix == "did you mean ollama?");
  }
}

TEST_CASE("two shims for one role") {
  World world;
  world.machine.add(
      "/etc/vgpu-run/manifest.d/other.json",
      R"({"version": 1, "shims": [{"name": "other", "library": "/x/libother.so", "provides": ["cuda-driver"],
                        "profiles": ["default"]}]})");
  world.add_foreign("/x/libother.so", "libother.so");
  const Plan plan = world.plan();
  CHECK(has(plan, Code::manifest_conflict));
  world.request.without = {"cuda"};
  CHECK(world.plan().problems.empty());
}

TEST_CASE("the last profile that matches wins, by base name or by path") {
  World world;
  world.machine.add("/etc/vgpu-run/manifest.d/mine.json",
                    R"({"version": 1, "profiles": [{"name": "mine", "extends": "default", "match": ["/usr/bin/pro*"],
                        "init": "eager", "environment": {"A": "profile", "B": "profile"}}]})");
  world.request.set = {{"B", "set"}};
  world.add_environment("A=user");
  const Plan plan = world.plan();
  CHECK(plan.profile == "mine");
  CHECK(value(plan, "VGPU_INIT") == "eager");
  CHECK(value(plan, "A") == "profile");
  CHECK(value(plan, "B") == "set");
}

TEST_CASE("the device: asked for, the profile's, the enclosing launch's") {
  World world;
  world.request.emulate = "a100:2";
  const Plan outer = world.plan();
  CHECK(outer.device == "a100:2");
  CHECK(value(outer, "VGPU_DEVICE") == outer.device_wire);
  world.request.emulate = "h100";
  const Plan inner = world.nested(outer);
  CHECK(inner.device == "h100");
  CHECK(value(inner, "VGPU_DEVICE") == "(unset)");
  SUBCASE("unknown") {
    world.request.emulate = "a10O";
    CHECK(has(world.plan(), Code::device_unknown));
  }
  SUBCASE("garbage in the environment") {
    world.request.emulate.clear();
    world.machine.set_environment({"PATH=/usr/bin", "VGPU_DEVICE=garbage"});
    CHECK(has(world.plan(), Code::device_invalid));
  }
}

TEST_CASE("devices that a container was given one by one") {
  World world;
  world.request.emulate = "a100:3";
  const std::string wire = world.plan().device_wire;
  const Strings parts = device_parts(wire);
  REQUIRE(parts.size() == 3);
  world.request.emulate.clear();
  Strings environment{"PATH=/usr/bin"};
  const auto plan = [&](const Strings& more) {
    Strings all = environment;
    all.insert(all.end(), more.begin(), more.end());
    world.machine.set_environment(all);
    return world.plan();
  };
  SUBCASE("all of them are the whole again, whatever their order") {
    const Plan all = plan({"VGPU_DEVICE_2=" + parts[2], "VGPU_DEVICE_0=" + parts[0], "VGPU_DEVICE_1=" + parts[1]});
    CHECK(exit_status(all) == ExitStatus::ok);
    CHECK(all.device_wire == wire);
    CHECK(all.device == "a100:3");
    CHECK(value(all, "VGPU_DEVICE") == wire);
    CHECK(all.unset == Strings{"VGPU_DEVICE_2", "VGPU_DEVICE_0", "VGPU_DEVICE_1"});
  }
  SUBCASE("by their numbers, not by their letters") {
    CHECK(plan({"VGPU_DEVICE_10=" + parts[0], "VGPU_DEVICE_9=" + parts[2]}).device_wire ==
          parts[2] + parts[0].substr(parts[0].find('|')));
  }
  SUBCASE("what says all goes before, and so does an option") {
    CHECK(plan({"VGPU_DEVICE_0=" + parts[0], "VGPU_DEVICE=" + parts[1]}).device_wire == parts[1]);
    world.request.emulate = "h100";
    CHECK(plan({"VGPU_DEVICE_0=" + parts[0]}).device == "h100");
  }
  SUBCASE("the same device twice") {
    CHECK(has(plan({"VGPU_DEVICE_0=" + parts[0], "VGPU_DEVICE_1=" + parts[0]}), Code::device_invalid));
  }
  SUBCASE("of two machines") {
    CHECK(has(plan({"VGPU_DEVICE_0=" + parts[0], "VGPU_DEVICE_1=x" + parts[1]}), Code::device_invalid));
  }
  SUBCASE("garbage") {
    for (const char* entry : {"VGPU_DEVICE_0=", "VGPU_DEVICE_0=garbage",
                              "VGPU_DEVICE_=", "VGPU_DEVICE_x=", "VGPU_DEVICE_-1=", "VGPU_DEVICE_99999999999="}) {
      CHECK_MESSAGE(has(plan({entry}), Code::device_invalid), entry);
    }
  }
}

TEST_CASE("the session: on request, where only we write, and joined from inside") {
  World world;
  CHECK(value(world.plan(), "VGPU_SESSION") == "(unset)");
  world.request.memory = "8GiB,50%,4GB";
  CHECK(has(world.plan(), Code::session_unavailable));
  world.machine.add("/dev/shm/other", "");
  Plan outer = world.plan();
  CHECK(outer.session.starts_with("/dev/shm/vgpu-session-1-9e3779b97f4a7c15-"));
  CHECK(value(outer, "VGPU_SESSION") == outer.session);
  CHECK(value(outer, "VGPU_MEMORY") == "8589934592,50%,4000000000");
  CHECK(value(outer, "VGPU_QUOTA") == "(unset)");
  // Inside: the same, also where the limit is said once more; another limit only in another session.
  CHECK(world.nested(outer).envp == outer.envp);
  world.request.memory.clear();
  CHECK(world.nested(outer).envp == outer.envp);
  world.request.memory = "1G";
  CHECK(has(world.nested(outer), Code::usage));
  world.request.new_session = true;
  world.request.quota = "best-effort";
  const Plan inner = world.nested(outer);
  CHECK(value(inner, "VGPU_MEMORY") == "1073741824");
  CHECK(value(inner, "VGPU_QUOTA") == "best-effort");
  world.request.profile = "none";
  CHECK(value(world.nested(outer), "VGPU_SESSION") == "(unset)");
}

TEST_CASE("a static CUDA runtime is warned of on the emulated device only: a slice's driver is the real one") {
  World world;
  test::ElfBuilder program = test::glibc_program();
  program.sections = {".nv_fatbin"};
  world.machine.add_program("/usr/bin/prog", program.build());
  CHECK(has(world.plan(), Code::target_static_cudart));
  world.add_shim("libvgpu-cuda-slice.so", "libcuda.so.1");
  world.add_shim("libvgpu-nvml-slice.so", "libnvidia-ml.so.1");
  world.machine.add("/usr/lib/nvidia/libcuda.so.1", test::shared_library("libcuda.so.1").build());
  world.add_environment("VGPU_REAL_CUDA=/usr/lib/nvidia/libcuda.so.1");
  const Plan plan = world.plan();
  CHECK(plan.mode == "slice");
  CHECK(plan.problems.empty());
}

TEST_CASE(
    "the session of a profile: its memory and quota, unless the command line says otherwise or there is a session") {
  World world;
  world.machine.add("/dev/shm/other", "");
  world.machine.add(
      "/etc/vgpu-run/manifest.d/q.json",
      R"({"version": 1, "profiles": [{"name": "small", "extends": "default", "memory": "1GiB,50%", "quota": "best-effort"}]})");
  world.request.profile = "small";
  const Plan outer = world.plan();
  CHECK(outer.problems.empty());
  CHECK(value(outer, "VGPU_MEMORY") == "1073741824,50%");
  CHECK(value(outer, "VGPU_QUOTA") == "best-effort");
  const Plan inner = World(world).nested(outer);
  CHECK(inner.envp == outer.envp);
  world.request.memory = "2GiB";
  world.request.quota = "required";
  const Plan other = world.plan();
  CHECK(value(other, "VGPU_MEMORY") == "2147483648");
  CHECK(value(other, "VGPU_QUOTA") == "required");
}

TEST_CASE("--device: of the emulated devices only these, and inside that launch among these") {
  World world;
  world.request.emulate = "a100:4";
  const std::string all = value(world.plan(), "VGPU_DEVICE");
  const auto device = [&](int index) {  // behind the index-th '|'
    std::size_t at = 0;
    for (int i = 0; i <= index; ++i) at = all.find('|', at) + 1;
    return all.substr(at, all.find('|', at) - at);
  };
  world.request.devices = "2,1";
  world.add_environment("VGPU_RUN_DEVICE=2,1");
  const Plan outer = world.plan();
  CHECK(value(outer, "VGPU_DEVICE") == all.substr(0, all.find('|')) + "|" + device(2) + "|" + device(1));
  CHECK(outer.device == "a100:2");
  // Its twin has been obeyed.
  CHECK(value(outer, "VGPU_RUN_DEVICE") == "(unset)");
  world.request.emulate.clear();
  world.request.devices = "1";
  CHECK(value(world.nested(outer), "VGPU_DEVICE") == all.substr(0, all.find('|')) + "|" + device(1));
  for (const char* wrong : {"2", "GPU-00000000-0000-0000-0000-000000000000"}) {
    world.request.devices = wrong;
    CHECK(has(world.nested(outer), Code::device_unknown));
  }
  for (const char* wrong : {"0,0", "h100", "0,"}) {
    world.request.devices = wrong;
    CHECK(has(world.nested(outer), Code::usage));
  }
}

TEST_CASE("under AT_SECURE the caller's VGPU_ variables decide nothing and are not handed on") {
  World world;
  world.machine.set_credentials({1000, 1000, 1000, 1000, true});
  world.add_environment("VGPU_DEVICE=garbage");
  world.add_environment("VGPU_PRELOAD=/usr/lib/libz.so");
  world.add_environment("VGPU_LOG=debug");
  const Plan plan = world.plan();
  CHECK(plan.problems.empty());
  CHECK(value(plan, "VGPU_LOG") == "(unset)");
  CHECK(value(plan, "VGPU_PRELOAD") == kShims);
}

TEST_CASE("paths that LD_PRELOAD cannot carry are refused with the fix") {
  for (const char* bad : {"/opt/with space/v", "/opt/a:b/v", "/opt/$LIB/v", "/opt/x\ny/v"}) {
    World world;
    const std::string tree = bad;
    world.machine.set_own_executable(tree + "/bin/vgpu-run");
    world.machine.add(tree + "/share/vgpu-run/manifest.json",
                      *os::RealMachine().read(VGPU_CONFIG_DIR "/manifest.json", 1 << 20));
    const Plan plan = world.plan();
    CHECK(has(plan, Code::path_not_carriable));
    CHECK(exit_status(plan) == ExitStatus::own_failure);
  }
}

TEST_CASE("a value that the kernel would not take is refused before exec") {
  World world;
  world.add_environment("LD_LIBRARY_PATH=/" + std::string(140'000, 'x'));
  const Plan plan = world.plan();
  CHECK(has(plan, Code::environment_too_long));
}

TEST_CASE("statuses: our own failure before the command's") {
  World world;
  world.request.command = {"nobody"};
  CHECK(exit_status(world.plan()) == ExitStatus::not_found);
  world.machine.add("/usr/bin/plain", "text", 0644);
  world.request.command = {"plain"};
  CHECK(exit_status(world.plan()) == ExitStatus::not_executable);
  world.machine.remove(lib("libvgpu-nvml.so"));
  CHECK(exit_status(world.plan()) == ExitStatus::own_failure);
}

TEST_CASE("--allow-unshimmed leaves out what would not load, everywhere") {
  World world;
  world.machine.remove(lib("libvgpu-nvml.so"));
  CHECK(exit_status(world.plan()) == ExitStatus::own_failure);
  world.request.allow_unshimmed = true;
  const Plan plan = world.plan();
  CHECK(exit_status(plan) == ExitStatus::ok);
  CHECK(value(plan, "LD_PRELOAD").find("nvml") == std::string::npos);
  CHECK(value(plan, "VGPU_PRELOAD") == value(plan, "LD_PRELOAD"));
  CHECK(plan.init_order.size() == 5);
}

TEST_CASE("without a command there is a plan for any program") {
  World world;
  world.request.command.clear();
  const Plan plan = world.plan();
  CHECK(plan.problems.empty());
  CHECK(value(plan, "LD_PRELOAD") == kShims);
}

TEST_CASE("2 000 variables, names with line feeds, bytes that are no UTF-8: handed on in place and order") {
  World world;
  Strings entries = {"PATH=/usr/bin"};
  for (int i = 0; i < 2000; ++i) entries.push_back(std::string("V\n\xff").append(std::to_string(i)).append("=\xfe"));
  world.machine.set_environment(entries);
  const Plan plan = world.plan();
  REQUIRE(plan.envp.size() > entries.size());
  CHECK(std::equal(entries.begin(), entries.end(), plan.envp.begin()));
}
