// The manifest that we ship.
#include <doctest/doctest.h>

#include <algorithm>

#include "launcher/os/memory_machine.h"
#include "launcher/os/real_machine.h"
#include "launcher/plan/discover.h"

using namespace vgpu;
using namespace vgpu::plan;
using Strings = std::vector<std::string>;

namespace {

Manifest shipped() {
  const auto text = os::RealMachine().read(VGPU_CONFIG_DIR "/manifest.json", 1 << 20);
  REQUIRE(text.has_value());
  os::MemoryMachine machine;
  machine.set_own_executable("/opt/v/bin/vgpu-run");
  machine.add("/opt/v/share/vgpu-run/manifest.json", *text);
  Problems warnings;
  auto manifest = load_manifest(machine, "", warnings);
  REQUIRE(manifest.has_value());
  CHECK(warnings.empty());
  return *manifest;
}

const Shim& shim(const Manifest& manifest, const std::string& name) {
  return *std::find_if(manifest.shims.begin(), manifest.shims.end(), [&](const Shim& s) { return s.name == name; });
}

const Profile& profile(const Manifest& manifest, const std::string& name) {
  return *std::find_if(manifest.profiles.begin(), manifest.profiles.end(),
                       [&](const Profile& p) { return p.name == name; });
}

}  // namespace

TEST_CASE("seven shims, all required, with their libraries beside the manifest's tree") {
  const Manifest manifest = shipped();
  REQUIRE(manifest.shims.size() == 7);
  for (const Shim& each : manifest.shims) CHECK(each.required);
  CHECK(shim(manifest, "exec").libraries == Strings{"/opt/v/lib/vgpu/libvgpu-exec.so"});
  CHECK(shim(manifest, "syscall").libraries == Strings{"/opt/v/lib/vgpu/libvgpu-syscall.so"});
  CHECK(shim(manifest, "cuda").libraries == Strings{"/opt/v/lib/vgpu/libvgpu-cuda.so"});
  CHECK(shim(manifest, "nvml").libraries == Strings{"/opt/v/lib/vgpu/libvgpu-nvml.so"});
  CHECK(shim(manifest, "cudart").libraries ==
        Strings{"/opt/v/lib/vgpu/libvgpu-cudart12.so", "/opt/v/lib/vgpu/libvgpu-cudart13.so"});
  CHECK(shim(manifest, "exec").abi.libc.empty());
  CHECK(shim(manifest, "syscall").abi.libc.empty());
  for (const char* name : {"cuda", "nvml", "cudart"}) {
    CHECK(shim(manifest, name).abi.libc == "glibc");
    const std::string own = name == std::string("cudart") ? "-cudart" : "";
    CHECK(shim(manifest, name).link_directories == Strings{"/opt/v/lib/vgpu/link" + own});
    CHECK(shim(manifest, name).when.device == Strings{"emulated"});
  }
  for (const char* name : {"cuda-slice", "nvml-slice"}) {
    CHECK(shim(manifest, name).abi.libc == "glibc");
    CHECK(shim(manifest, name).link_directories == Strings{"/opt/v/lib/vgpu/link-slice"});
    CHECK(shim(manifest, name).when.device == Strings{"slice"});
  }
}

TEST_CASE("what each GPU shim stands for") {
  const Manifest manifest = shipped();
  REQUIRE(shim(manifest, "cudart").sonames.size() == 2);
  for (const Soname& soname : shim(manifest, "cudart").sonames) CHECK(soname.versions == Strings{soname.name});
  CHECK(shim(manifest, "cuda").sonames.at(0).name == "libcuda.so.1");
  CHECK(shim(manifest, "nvml").sonames.at(0).name == "libnvidia-ml.so.1");
  CHECK(shim(manifest, "cuda").sonames[0].versions.empty());
  const std::vector<Fallback>& fallbacks = shim(manifest, "cudart").fallbacks;
  REQUIRE(fallbacks.size() == 2);
  CHECK(fallbacks[0].directory == "/opt/v/lib/vgpu/fallback/12");
  CHECK(fallbacks[1].unless == Strings{"libcublas.so.13"});
  CHECK(shim(manifest, "cudart").when.device == Strings{"emulated"});
}

TEST_CASE("three profiles") {
  const Manifest manifest = shipped();
  const Strings all{"exec", "syscall", "cuda", "nvml", "cudart", "cuda-slice", "nvml-slice"};
  CHECK(profile(manifest, "default").shims == all);
  CHECK(profile(manifest, "default").match.empty());
  CHECK(profile(manifest, "ollama").shims == all);
  CHECK(profile(manifest, "ollama").match == Strings{"ollama", "ollama-*"});
  CHECK(profile(manifest, "ollama").library_path == Strings{"/usr/local/lib/ollama", "/usr/local/lib/ollama/cuda_v*",
                                                            "/usr/lib/ollama", "/usr/lib/ollama/cuda_v*"});
  CHECK(profile(manifest, "none").shims.empty());
}

TEST_CASE("every shim lets a sanitizer stand in front, and every constraint says why") {
  for (const Shim& each : shipped().shims) {
    CAPTURE(each.name);
    CHECK(std::any_of(each.constraints.begin(), each.constraints.end(), [](const Constraint& c) {
      return c.kind == Constraint::Kind::after && c.target == "lib*san.so*";
    }));
    for (const Constraint& constraint : each.constraints) CHECK_FALSE(constraint.reason.empty());
  }
}
