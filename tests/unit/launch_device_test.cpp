// The launch as a whole: the devices and the session that the target gets.
#include "launcher/plan/device_parts.h"
#include "tests/unit/launch_world.h"

using namespace vgpu;
using namespace vgpu::plan;
using namespace vgpu::test;

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

TEST_CASE(
    "the session's limits are meant for the devices of the launch that named it, also inside with fewer of them") {
  World world;
  world.machine.add("/dev/shm/other", "");
  world.request.emulate = "a100:3";
  world.request.memory = "1GiB,2GiB,3GiB";
  const Plan outer = world.plan();
  CHECK(value(outer, "VGPU_SESSION_DEVICES") == "(unset)");  // what VGPU_DEVICE has
  world.request.emulate.clear();
  CHECK(value(world.nested(outer), "VGPU_SESSION_DEVICES") == "(unset)");
  world.request.devices = "2,1";
  const Plan inner = world.nested(outer);
  const std::string three = value(inner, "VGPU_SESSION_DEVICES");
  CHECK(std::count(three.begin(), three.end(), ',') == 2);
  CHECK(three.starts_with("GPU-"));
  CHECK(value(inner, "VGPU_MEMORY") == value(outer, "VGPU_MEMORY"));
  world.request.devices = "0";
  CHECK(value(world.nested(inner), "VGPU_SESSION_DEVICES") == three);
  // Another session counts anew.
  world.request.new_session = true;
  CHECK(value(world.nested(inner), "VGPU_SESSION_DEVICES") == "(unset)");
}

TEST_CASE("on a slice the session's devices are the GPUs in the order of their PCI addresses, or those of --device") {
  World world;
  world.machine.add("/dev/shm/other", "");
  world.add_shim("libvgpu-cuda-slice.so", "libcuda.so.1");
  world.add_shim("libvgpu-nvml-slice.so", "libnvidia-ml.so.1");
  world.machine.add("/usr/lib/nvidia/libcuda.so.1", shared_library("libcuda.so.1").build());
  world.add_environment("VGPU_REAL_CUDA=/usr/lib/nvidia/libcuda.so.1");
  world.request.memory = "1GiB,2GiB";
  const auto add = [&](const std::string& address, const std::string& uuid) {
    world.machine.add("/proc/driver/nvidia/gpus/" + address + "/information", "GPU UUID: \t " + uuid + "\n");
  };
  add("0000:c1:00.0", "GPU-bbbb3333-0000-0000-0000-000000000003");
  CHECK(value(world.plan(), "VGPU_SESSION_DEVICES") == "(unset)");  // one has nothing to be mistaken for
  add("0000:1b:00.0", "GPU-aaaa1111-0000-0000-0000-000000000001");
  const Plan outer = world.plan();
  CHECK(value(outer, "VGPU_SESSION_DEVICES") == "0000:1b:00.0,0000:c1:00.0");
  World inside = world;
  inside.request.memory.clear();
  CHECK(inside.nested(outer).envp == outer.envp);
  inside.request.devices = "1";
  CHECK(value(inside.nested(outer), "VGPU_SESSION_DEVICES") == "0000:1b:00.0,0000:c1:00.0");
  // Without a session nothing is counted.
  World free = world;
  free.request.memory.clear();
  CHECK(value(free.plan(), "VGPU_SESSION_DEVICES") == "(unset)");
  world.request.devices = "1,0";
  const Plan chosen = world.plan();
  CHECK(value(chosen, "VGPU_SESSION_DEVICES") == "(unset)");  // what VGPU_VISIBLE has
  inside.request.devices = "1";
  CHECK(value(inside.nested(chosen), "VGPU_SESSION_DEVICES") ==
        "GPU-bbbb3333-0000-0000-0000-000000000003,GPU-aaaa1111-0000-0000-0000-000000000001");
  CHECK(value(inside.nested(chosen), "VGPU_VISIBLE") == "GPU-aaaa1111-0000-0000-0000-000000000001");
}
