// The launch as a whole, on a machine in memory with the shipped manifest: what the target gets.
#include "tests/unit/launch_world.h"

using namespace vgpu;
using namespace vgpu::plan;
using namespace vgpu::test;

TEST_CASE("the shipped manifest gives exec, syscall, cuda, nvml, cudart, and nothing is left to the user") {
  World world;
  const Plan plan = world.plan();
  CHECK(plan.problems.empty());
  CHECK(exit_status(plan) == ExitStatus::ok);
  CHECK(plan.profile == "default");
  CHECK(names(plan) == Strings{"exec", "syscall", "cuda", "nvml", "cudart"});
  CHECK(value(plan, "LD_PRELOAD") == kShims);
  CHECK(value(plan, "LD_LIBRARY_PATH") ==
        "/opt/v/lib/vgpu/link:/opt/v/lib/vgpu/link-cudart:/opt/v/lib/vgpu/fallback/12:/opt/v/lib/vgpu/fallback/13");
  CHECK(value(plan, "VGPU_PRELOAD") == kShims);
  CHECK(value(plan, "VGPU_LIBRARY_PATH") == "/opt/v/lib/vgpu/link:/opt/v/lib/vgpu/link-cudart");
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
  CHECK(plan.library_path == Strings{"/opt/v/lib/vgpu/link", "/opt/v/lib/vgpu/link-cudart", "/usr/local/lib/ollama",
                                     "/usr/local/lib/ollama/cuda_v12", "/usr/local/lib/ollama/cuda_v13", "/mine", ".",
                                     "/more", "/opt/v/lib/vgpu/fallback/12", "/opt/v/lib/vgpu/fallback/13"});
  CHECK(
      value(plan, "VGPU_LIBRARY_PATH_LAST") ==
      "/usr/local/lib/ollama:/usr/local/lib/ollama/cuda_v12:/usr/local/lib/ollama/cuda_v13:/opt/v/lib/vgpu/fallback/12:"
      "/opt/v/lib/vgpu/fallback/13");
}

TEST_CASE("a real cuBLAS on the system keeps its fallback away") {
  World world;
  world.add_foreign("/usr/lib/x86_64-linux-gnu/libcublas.so.12", "libcublas.so.12");
  CHECK(world.plan().library_path ==
        Strings{"/opt/v/lib/vgpu/link", "/opt/v/lib/vgpu/link-cudart", "/opt/v/lib/vgpu/fallback/13"});
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
    std::vector<std::string> places;
    for (const Problem& problem : plan.problems) {
      if (problem.code == Code::path_not_carriable) places.push_back(problem.where);
    }
    CHECK(places == Strings{tree.substr(0, tree.size() - 2)});  // not one for each file below it
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
