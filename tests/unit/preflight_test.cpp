// What stops a launch before it begins: shims that would not load, targets that cannot carry them.
#include "tests/unit/preflight_world.h"

using namespace vgpu;
using namespace vgpu::plan;
using os::MemoryMachine;
using test::ElfBuilder;
using test::only;
using World = test::PreflightWorld;

TEST_CASE("shims that load give no problem and stay in their places") {
  World world;
  world.add_shim("nvml", test::shared_library("libnvidia-ml.so.1"));
  CHECK_FALSE(world.run());
  CHECK(world.plan.problems.empty());
  CHECK(world.plan.places.size() == 2);
  CHECK(world.plan.target.glibc.empty());  // nobody needed more than 2.17, so nobody asked
}

TEST_CASE("each way not to load has its own code") {
  World world;
  const std::string path = world.shim().libraries[0];
  SUBCASE("missing") {
    world.machine.remove(path);
    world.run();
    only(world, Code::shim_missing);
  }
  SUBCASE("a directory") {
    world.machine.remove(path);
    world.machine.add_directory(path);
    world.run();
    only(world, Code::shim_is_directory);
    CHECK(world.plan.problems[0].cause.find("bind mount") != std::string::npos);
  }
  SUBCASE("unreadable") {
    world.machine.add(path, World::library().build(), 0600);
    world.run();
    only(world, Code::shim_unreadable);
  }
  SUBCASE("in a directory that may not be searched") {
    world.machine.add_directory("/opt", 0700);
    world.run();
    only(world, Code::shim_unreadable);
  }
  SUBCASE("a pipe") {
    world.machine.add(path, "").kind = os::FileStatus::Kind::other;
    world.run();
    only(world, Code::shim_not_elf);
  }
  SUBCASE("text") {
    world.machine.add(path, "version https://git-lfs.github.com/spec/v1\n");
    world.run();
    only(world, Code::shim_not_elf);
  }
  SUBCASE("empty") {
    world.machine.add(path, "");
    world.run();
    only(world, Code::shim_not_elf);
  }
  SUBCASE("truncated") {
    const std::string good = World::library().build();
    world.machine.add(path, good.substr(0, good.size() - 40));
    world.run();
    only(world, Code::shim_not_elf);
  }
  SUBCASE("a program") {
    world.replace(test::glibc_program());
    world.run();
    only(world, Code::shim_not_shared_object);
  }
  SUBCASE("an object file") {
    ElfBuilder object = World::library();
    object.type = 1;
    world.replace(object);
    world.run();
    only(world, Code::shim_not_shared_object);
  }
  SUBCASE("without a dynamic section") {
    ElfBuilder library = World::library();
    library.dynamic = false;
    world.replace(library);
    world.run();
    only(world, Code::shim_not_shared_object);
  }
  SUBCASE("32-bit") {
    ElfBuilder library = World::library();
    library.elf_class = 32;
    library.machine = 3;
    world.replace(library);
    world.run();
    only(world, Code::shim_wrong_class);
  }
  SUBCASE("for another machine") {
    ElfBuilder library = World::library();
    library.machine = 183;
    world.replace(library);
    world.run();
    only(world, Code::shim_wrong_machine);
  }
  SUBCASE("for musl") {
    ElfBuilder library;
    library.soname = "libcuda.so.1";
    library.needed = {"libc.musl-x86_64.so.1"};
    world.replace(library);
    world.run();
    only(world, Code::shim_wrong_libc);
  }
  SUBCASE("on a noexec mount") {
    world.machine.mount("/opt", {true, false});
    world.run();
    only(world, Code::shim_noexec_mount);
  }
  SUBCASE("needs a library that is nowhere") {
    ElfBuilder library = World::library();
    library.needed = {"libnowhere.so.3", "libc.so.6"};
    world.replace(library);
    world.run();
    only(world, Code::shim_needs_library);
    CHECK(world.plan.problems[0].cause.find("libnowhere.so.3") != std::string::npos);
    CHECK(world.plan.problems[0].cause.find("127") != std::string::npos);
  }
  SUBCASE("needs a newer glibc") {
    ElfBuilder library = World::library();
    library.needs = {{"libc.so.6", {"GLIBC_2.38"}}};
    world.replace(library);
    world.run();
    only(world, Code::shim_needs_newer_glibc);
    CHECK(world.plan.problems[0].cause == "it needs GLIBC_2.38 and the target has glibc 2.36");
    CHECK(world.plan.target.glibc == "2.36");
  }
  SUBCASE("lacks the SONAME") {
    world.shim().sonames = {{"libcuda.so.2", {}}};
    world.run();
    only(world, Code::shim_lacks_soname);
  }
  SUBCASE("lacks the version node") {
    world.shim().sonames = {{"libcuda.so.1", {"libcuda.so.1"}}};
    world.run();
    only(world, Code::shim_lacks_version);
  }
  CHECK(world.plan.problems[0].where == path);
  CHECK(world.plan.places.size() == 1);  // required: it stays, and there is no launch
}

TEST_CASE("as root, what others could write is refused; foreign entries are the user's own business") {
  World world;
  world.machine.set_credentials({0, 0, 0, 0, false});
  const std::string path = world.shim().libraries[0];
  const std::string bytes = World::library().build();
  SUBCASE("root's") { world.machine.add(path, bytes, 0755); }
  SUBCASE("group-writable") { world.machine.add(path, bytes, 0664); }
  SUBCASE("world-writable") { world.machine.add(path, bytes, 0646); }
  SUBCASE("somebody else's") { world.machine.add(path, bytes, 0644).uid = 1000; }
  SUBCASE("foreign") {
    world.machine.add(path, bytes, 0666).uid = 1000;
    world.plan.places[0].foreign = true;
  }
  const auto status = world.machine.status(path);
  const bool trusted = world.plan.places[0].foreign || (status->mode == 0755 && status->uid == 0);
  world.machine.forget_questions();
  world.run();
  if (trusted) {
    CHECK(world.plan.problems.empty());
  } else {
    only(world, Code::shim_untrusted);
    CHECK(world.machine.questions() == std::vector<std::string>{"status " + path});  // it is not even opened
  }
}

TEST_CASE("an optional shim that would not load is dropped with a warning") {
  World world;
  world.add_shim("extra", test::shared_library("libextra.so"), false);
  world.machine.remove("/opt/libextra-shim.so");
  CHECK(world.run());
  only(world, Code::shim_missing, Severity::warning);
  REQUIRE(world.plan.places.size() == 1);
  CHECK(world.plan.places[0].name == "cuda");
}

TEST_CASE(
    "--allow-unshimmed turns what keeps the shims out into warnings, and leaves those out that would not "
    "load") {
  World world;
  world.plan.request.allow_unshimmed = true;
  world.add_shim("nvml", test::shared_library("libnvidia-ml.so.1"));
  world.machine.remove(world.shim(0).libraries[0]);
  world.plan.problems.push_back({Code::target_static, Severity::error, "/bin/prog", "c", "f", {}});
  world.plan.problems.push_back({Code::target_missing, Severity::error, "/bin/prog", "c", "f", {}});
  CHECK(world.run());
  REQUIRE(world.plan.problems.size() == 3);
  CHECK(world.plan.problems[0].severity == Severity::warning);
  CHECK(world.plan.problems[1].severity == Severity::error);  // nothing would run at all
  CHECK(world.plan.problems[2].code == Code::shim_missing);
  CHECK(world.plan.problems[2].severity == Severity::warning);
  REQUIRE(world.plan.places.size() == 1);
  CHECK(world.plan.places[0].name == "nvml");
}

TEST_CASE("a foreign entry that would not load is a warning and stays") {
  World world;
  world.plan.places.push_back({"/gone/libfoo.so", {"/gone/libfoo.so"}, true, {}});
  world.plan.places.push_back({"libbare.so", {"libbare.so"}, true, {}});
  CHECK_FALSE(world.run());
  REQUIRE(world.plan.problems.size() == 2);
  CHECK(world.plan.problems[0].severity == Severity::warning);
  CHECK(world.plan.problems[1].severity == Severity::warning);
  CHECK(world.plan.places.size() == 3);

  World other;
  other.machine.add("/usr/lib/libbare.so", test::shared_library("libbare.so").build());
  other.machine.add("/bin/../lib/libx.so", test::shared_library("libx.so").build());
  other.plan.places.push_back({"libbare.so", {"libbare.so"}, true, {}});
  other.run();
  CHECK(other.plan.problems.empty());
}

TEST_CASE("a 32-bit target is one problem about the target, not one a shim") {
  World world;
  world.add_shim("nvml", test::shared_library("libnvidia-ml.so.1"));
  world.plan.target.elf_class = 32;
  world.plan.target.machine = "i386";
  world.run();
  only(world, Code::target_wrong_class);
  CHECK(world.plan.problems[0].where == "/bin/prog");
  CHECK(world.plan.problems[0].cause.find("cuda and nvml") != std::string::npos);
}

TEST_CASE("a musl target takes freestanding shims, and is named once for those that need glibc") {
  World world;
  ElfBuilder freestanding;
  freestanding.soname = "libvgpu-exec.so";
  world.add_shim("exec", freestanding);
  world.plan.target.libc = "musl";
  world.run();
  only(world, Code::target_other_libc);
  CHECK(world.plan.problems[0].cause.find("cuda needs glibc") != std::string::npos);
  // The fix takes all of them out: what is left must not lack what it requires.
  World two;
  two.add_shim("nvml", test::shared_library("libnvidia-ml.so.1"));
  two.plan.target.libc = "musl";
  two.run();
  only(two, Code::target_other_libc);
  CHECK(two.plan.problems[0].fix.ends_with("--without cuda,nvml"));

  World only_exec;
  only_exec.replace(freestanding);
  only_exec.plan.target.libc = "musl";
  only_exec.run();
  CHECK(only_exec.plan.problems.empty());

  World promised;  // the manifest says "any libc", the library says glibc
  promised.shim().abi.libc.clear();
  promised.plan.target.libc = "musl";
  promised.run();
  only(promised, Code::shim_wrong_libc);
}

TEST_CASE("what a target lacks matters only to shims") {
  World world;
  world.plan.places.clear();  // --profile none
  world.plan.problems = {{Code::target_static, Severity::error, "/bin/prog", "c", "f", {}},
                         {Code::target_secure, Severity::error, "/bin/prog", "c", "f", {}},
                         {Code::target_static_cudart, Severity::warning, "/bin/prog", "c", "f", {}}};
  world.run();
  CHECK(world.plan.problems.empty());
}

TEST_CASE("scope namespace reaches the children of static programs, and AT_SECURE programs themselves") {
  World world;
  world.plan.scope = "namespace";
  world.plan.problems = {{Code::target_static, Severity::error, "/bin/prog", "c", "f", {}},
                         {Code::target_secure, Severity::error, "/bin/prog", "c", "f", {}}};
  world.run();
  only(world, Code::target_static, Severity::warning);
}

TEST_CASE("a sealed library is not read, and the seal ends with the first change") {
  World world;
  const std::string path = world.shim().libraries[0];
  const char* needed[] = {"libc.so.6"};
  MemoryMachine::File& file = world.machine.add(path, "not an ELF file at all");  // would be shim_not_elf if read
  file.mtime = 1000;
  file.mtime_nanoseconds = 7;
  SealedLibrary library{"libcuda-shim.so", file.content.size(), 1000,   7,  64,    "x86_64",
                        "glibc",           "libcuda.so.1",      needed, {}, "2.17"};
  world.machine.forget_questions();
  SUBCASE("unchanged") {
    world.run({&library, 1});
    CHECK(world.plan.problems.empty());
    CHECK(world.machine.questions() == std::vector<std::string>{"status " + path, "mount_flags " + path});
  }
  SUBCASE("through an archive that keeps whole seconds") {
    file.mtime_nanoseconds = 0;
    world.run({&library, 1});
    CHECK(world.plan.problems.empty());
  }
  SUBCASE("written in place") {
    file.mtime_nanoseconds = 8;
    world.run({&library, 1});
    only(world, Code::shim_not_elf);
  }
  SUBCASE("later") {
    file.mtime = 1001;
    world.run({&library, 1});
    only(world, Code::shim_not_elf);
  }
  SUBCASE("truncated") {
    file.content.pop_back();
    world.run({&library, 1});
    only(world, Code::shim_not_elf);
  }
  SUBCASE("another file of the same size and time") {
    library.name = "libother.so";
    world.run({&library, 1});
    only(world, Code::shim_not_elf);
  }
  SUBCASE("no longer trusted") {
    world.machine.set_credentials({0, 0, 0, 0, false});
    file.mode = 0666;
    world.run({&library, 1});
    only(world, Code::shim_untrusted);
  }
}

TEST_CASE("without a known target the libraries themselves are still checked") {
  World world;
  world.plan.target = {};
  world.run();
  CHECK(world.plan.problems.empty());
  world.machine.add(world.shim().libraries[0], "text");
  world.run();
  only(world, Code::shim_not_elf);
}
