// Slice or emulated device: what is here, what is asked for, and half a driver.
#include "launcher/plan/driver.h"

#include <doctest/doctest.h>

#include "launcher/os/memory_machine.h"
#include "tests/unit/elf_builder.h"

using namespace vgpu;
using namespace vgpu::plan;

namespace {

constexpr char kCuda[] = "/usr/lib/x86_64-linux-gnu/libcuda.so.1";
constexpr char kNvml[] = "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1";

std::string library(const char* soname) { return test::shared_library(soname).build(); }

struct Case {
  os::MemoryMachine machine;
  Request request;
  Profile profile;
  std::vector<Shim> shims;
  std::vector<std::string> environment;

  Case() {
    Shim ours;
    ours.name = "cuda-slice";
    ours.libraries = {"/opt/v/lib/vgpu/libvgpu-cuda-slice.so"};
    ours.link_directories = {"/opt/v/lib/vgpu/link-slice"};
    shims.push_back(ours);
  }
  void add_node(const char* path = "/dev/nvidiactl") { machine.add(path, "", 0666).kind = os::FileStatus::Kind::other; }
  void add_libraries() {
    machine.add(kCuda, library("libcuda.so.1"));
    machine.add(kNvml, library("libnvidia-ml.so.1"));
  }
  Result<Mode> choose() const { return choose_mode(machine, request, profile, shims, EnvironmentList(environment)); }
  Mode good() const {
    const auto mode = choose();
    REQUIRE(mode.has_value());
    return *mode;
  }
  Problem bad() const {
    const auto mode = choose();
    REQUIRE(mode.has_error());
    const Problems problems = mode.error();
    REQUIRE(problems.size() == 1);
    CHECK_FALSE(problems[0].fix.empty());
    return problems[0];
  }
};

}  // namespace

TEST_CASE("no driver: the emulated device") {
  Case c;
  CHECK(c.good().name == "emulated");
  CHECK(c.good().cuda.empty());
  c.request.passthrough = true;
  CHECK(c.bad().code == Code::driver_missing);
}

TEST_CASE("a driver: a slice, unless emulation is asked for") {
  Case c;
  c.add_node();
  c.add_libraries();
  CHECK(c.good().name == "slice");
  CHECK(c.good().cuda == kCuda);
  CHECK(c.good().nvml == kNvml);
  c.profile.device = "h100";
  CHECK(c.good().name == "emulated");
  c.request.passthrough = true;
  CHECK(c.good().name == "slice");
  c.request.emulate = "a100";
  CHECK(c.bad().code == Code::usage);
  c.request.passthrough = false;
  CHECK(c.good().name == "emulated");
}

TEST_CASE("no NVML is no reason against a slice") {
  Case c;
  c.add_node();
  c.machine.add(kCuda, library("libcuda.so.1"));
  CHECK(c.good().name == "slice");
  CHECK(c.good().nvml.empty());
}

TEST_CASE("half a driver is an error, never another mode") {
  Case c;
  c.add_node();
  for (const bool forced : {false, true}) {
    c.request.passthrough = forced;
    CHECK(c.bad().code == Code::driver_broken);
    CHECK(c.bad().cause.find("libcuda.so.1") != std::string::npos);
  }
}

TEST_CASE("a library without its device node") {
  Case c;
  c.add_libraries();
  c.request.passthrough = true;
  CHECK(c.bad().code == Code::driver_broken);
  CHECK(c.bad().where == "/dev/nvidiactl");
}

TEST_CASE("a library of another class, of another machine, and none at all") {
  for (const char* content : {"32", "arm", "text"}) {
    Case c;
    c.add_node();
    test::ElfBuilder elf = test::shared_library("libcuda.so.1");
    if (*content == '3') elf.elf_class = 32, elf.machine = 3;
    if (*content == 'a') elf.machine = 183;
    c.machine.add(kCuda, *content == 't' ? "no library" : elf.build());
    CHECK(c.bad().code == Code::driver_broken);
    CHECK(c.bad().cause.find(kCuda) != std::string::npos);
    // One that fits, further on, is found.
    c.machine.add("/usr/lib64/libcuda.so.1", library("libcuda.so.1"));
    CHECK(c.good().cuda == "/usr/lib64/libcuda.so.1");
  }
}

TEST_CASE("never one of our own shims") {
  Case c;
  c.add_node();
  test::ElfBuilder elf = test::shared_library("libcuda.so.1");
  elf.defines = {"VGPU_1"};
  c.machine.add(kCuda, elf.build());
  CHECK(c.bad().cause.find("our own") != std::string::npos);
  c.environment = {std::string("VGPU_REAL_CUDA=") + kCuda};
  CHECK(c.bad().code == Code::driver_broken);
}

TEST_CASE("WSL: its node counts there only, its directory everywhere") {
  Case c;
  c.add_node("/dev/dxg");
  c.machine.add("/usr/lib/wsl/lib/libcuda.so.1", library("libcuda.so.1"));
  CHECK(c.good().name == "emulated");
  c.environment = {"WSL_DISTRO_NAME=Ubuntu"};
  CHECK(c.good().cuda == "/usr/lib/wsl/lib/libcuda.so.1");
}

TEST_CASE("named by the user: no device node is asked for") {
  Case c;
  c.machine.add("/opt/driver/libcuda.so.1", library("libcuda.so.1"));
  c.environment = {"VGPU_REAL_CUDA=/opt/driver/libcuda.so.1"};
  CHECK(c.good().name == "slice");
  CHECK(c.good().cuda == "/opt/driver/libcuda.so.1");
  CHECK(c.good().nvml.empty());
  c.environment = {"VGPU_REAL_CUDA=/opt/driver/none"};
  CHECK(c.bad().code == Code::driver_broken);
  c.environment = {"VGPU_REAL_CUDA=libcuda.so.1"};
  CHECK(c.bad().cause.find("absolute") != std::string::npos);
}

TEST_CASE("a launch in a launch goes on with what the outer one has") {
  Case c;
  c.add_node();
  c.add_libraries();
  c.environment = {"VGPU_PRELOAD=/opt/v/lib/vgpu/libvgpu-cuda.so"};
  CHECK(c.good().name == "emulated");
  c.environment.push_back(std::string("VGPU_REAL_CUDA=") + kCuda);
  CHECK(c.good().name == "slice");
  CHECK(c.good().nvml.empty());
}

TEST_CASE("a machine without a driver is asked one question more than before") {
  Case c;
  c.machine.forget_questions();
  c.good();
  REQUIRE(c.machine.questions().size() == 2);
  CHECK(c.machine.questions()[0] == "status /dev/nvidiactl");
  CHECK(c.machine.questions()[1] == "view /etc/ld.so.cache");  // which every launch reads, once
}
