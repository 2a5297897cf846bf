// What the shims need of other libraries, as ld.so would look for it.
#include "tests/unit/preflight_world.h"

using namespace vgpu;
using namespace vgpu::plan;
using test::ElfBuilder;
using test::only;
using World = test::PreflightWorld;

TEST_CASE("DT_NEEDED is looked for as ld.so does") {
  World world;
  ElfBuilder library = World::library();
  library.needed = {"libhelper.so.1", "libc.so.6"};
  const std::string helper = test::shared_library("libhelper.so.1").build();
  SUBCASE("in the library path of the target") {
    world.replace(library);
    world.plan.library_path = {"/data/lib"};
    world.machine.add("/data/lib/libhelper.so.1", helper);
  }
  SUBCASE("in DT_RUNPATH with $ORIGIN") {
    library.runpath = "/nope:$ORIGIN/deps";
    world.replace(library);
    world.machine.add("/opt/deps/libhelper.so.1", helper);
  }
  SUBCASE("in DT_RPATH of the program") {
    world.replace(library);
    ElfBuilder program = test::glibc_program();
    program.rpath = "$ORIGIN/../prog-lib";
    world.machine.add_program("/bin/prog", program.build());
    world.machine.add("/prog-lib/libhelper.so.1", helper);
  }
  SUBCASE("among the other shims, by SONAME") {
    world.replace(library);
    world.add_shim("helper", test::shared_library("libhelper.so.1"));
  }
  SUBCASE("in a default directory") {
    world.replace(library);
    world.machine.add("/usr/lib/libhelper.so.1", helper);
  }
  world.run();
  CHECK(world.plan.problems.empty());
}

TEST_CASE("what a needed library needs counts as well") {
  World world;
  ElfBuilder library = World::library();
  library.needed = {"libhelper.so.1"};
  world.replace(library);
  ElfBuilder helper = test::shared_library("libhelper.so.1");
  SUBCASE("a library of its own") {
    helper.needed = {"libdeep.so"};
    world.machine.add("/usr/lib/libhelper.so.1", helper.build());
    world.run();
    only(world, Code::shim_needs_library);
    CHECK(world.plan.problems[0].cause.find("/usr/lib/libhelper.so.1 needs libdeep.so") != std::string::npos);
  }
  SUBCASE("a newer glibc") {
    helper.needs = {{"libc.so.6", {"GLIBC_2.39"}}};
    world.machine.add("/usr/lib/libhelper.so.1", helper.build());
    world.run();
    only(world, Code::shim_needs_newer_glibc);
  }
  SUBCASE("a circle ends") {
    helper.needed = {"libhelper.so.1", "libback.so"};
    world.machine.add("/usr/lib/libhelper.so.1", helper.build());
    ElfBuilder back = test::shared_library("libback.so");
    back.needed = {"libhelper.so.1"};
    world.machine.add("/usr/lib/libback.so", back.build());
    world.run();
    CHECK(world.plan.problems.empty());
  }
  SUBCASE("a version that the found library lacks") {
    library.needs = {{"libhelper.so.1", {"HELPER_2"}}};
    world.replace(library);
    helper.defines = {"HELPER_1"};
    world.machine.add("/usr/lib/libhelper.so.1", helper.build());
    world.run();
    only(world, Code::shim_needs_library);
    CHECK(world.plan.problems[0].cause.find("HELPER_2") != std::string::npos);
  }
}

TEST_CASE("the glibc beside the interpreter counts, wherever that is") {
  World world;
  ElfBuilder library = World::library();
  library.needs = {{"libc.so.6", {"GLIBC_2.38"}}};
  world.replace(library);
  ElfBuilder libc;
  libc.soname = "libc.so.6";
  libc.defines = {"GLIBC_2.40"};
  world.machine.add("/nix/store/glibc/lib/libc.so.6", libc.build());
  world.machine.add_program("/nix/store/glibc/lib/ld-linux-x86-64.so.2", "x");
  world.plan.target.interpreter = "/nix/store/glibc/lib/ld-linux-x86-64.so.2";
  world.run();
  CHECK(world.plan.problems.empty());
  CHECK(world.plan.target.glibc == "2.40");
}

TEST_CASE("every library of a shim counts, and its SONAMEs may be spread over them") {
  World world;
  world.shim().libraries.push_back("/opt/second.so");
  world.plan.places[0].libraries.push_back("/opt/second.so");
  world.shim().sonames = {{"libcuda.so.1", {}}, {"libsecond.so", {"NODE"}}};
  ElfBuilder second = test::shared_library("libsecond.so");
  second.defines = {"NODE"};
  world.machine.add("/opt/second.so", second.build());
  world.run();
  CHECK(world.plan.problems.empty());
  world.machine.remove("/opt/second.so");
  world.run();
  only(world, Code::shim_missing);
}
