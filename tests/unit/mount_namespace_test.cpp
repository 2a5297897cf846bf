// What scope "namespace" puts into /etc, and what is said where it cannot be had.
#include "launcher/plan/mount_namespace.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>

#include "launcher/os/memory_machine.h"
#include "launcher/os/real_machine.h"
#include "launcher/plan/launch.h"
#include "launcher/plan/ld_cache.h"
#include "launcher/plan/preload_file.h"
#include "tests/unit/elf_builder.h"

using namespace vgpu;
using namespace vgpu::plan;
using os::NamespaceStep;
using Strings = std::vector<std::string>;

namespace {

constexpr char kShims[] = "/v/libvgpu-exec.so:/v/libvgpu-cuda.so";

struct World {
  os::MemoryMachine machine;
  Plan plan;

  World() {
    machine.set_credentials({1000, 1000, 1000, 1000, false});
    machine.add("/proc/self/status", "Name:\tvgpu-run\nCapEff:\t0000000000000000\nSeccomp:\t0\n");
    machine.add("/proc/sys/user/max_user_namespaces", "1000\n");
    for (const char* name : {"libcuda.so", "libcuda.so.1"})
      machine.add(std::string("/v/link/") + name, test::shared_library("libcuda.so.1").build());
    machine.add("/v/link/README", "no library");
    machine.add("/v/fallback/libcublas.so.12", test::shared_library("libcublas.so.12").build());
    plan.scope = "namespace";
    plan.places = {{"exec", {"/v/libvgpu-exec.so"}, false, {}},
                   {"mine", {"/usr/lib/mine.so"}, true, {}},
                   {"cuda", {"/v/libvgpu-cuda.so"}, false, {}}};
    plan.envp = {"PATH=/bin",
                 "VGPU_PRELOAD=" + std::string(kShims),
                 "VGPU_LIBRARY_PATH=/v/link",
                 "VGPU_LIBRARY_PATH_LAST=/v/fallback:/v/gone",
                 "VGPU_SCOPE=namespace",
                 "VGPU_EXEC=off",
                 "VGPU_RUN_PROFILE=x",
                 "VGPU_LOG=info"};
  }

  // The file of that name that the target sees otherwise, "" when it does not.
  std::string file(const std::string& path) {
    plan_mount_namespace(machine, plan);
    for (const os::PrivateFile& one : plan.mount_namespace.files) {
      if (one.path == path) return one.text;
    }
    return {};
  }
  PreloadFile preload() { return read_preload_file(file("/etc/ld.so.preload")); }

  Problem refusal(NamespaceStep step, int error) const { return namespace_problem(machine, {step, {error, "call"}}); }
};

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

Strings cached(const std::string& cache, const char* name) {
  return ld_cache_paths({reinterpret_cast<const unsigned char*>(cache.data()), cache.size()}, name, 64, "x86_64");
}

}  // namespace

TEST_CASE("our shims in order, without the user's own preloads, and the variables that the shims read") {
  World world;
  const PreloadFile file = world.preload();
  CHECK(world.plan.problems.empty());
  CHECK(file.ours);
  CHECK(file.libraries == Strings{"/v/libvgpu-exec.so", "/v/libvgpu-cuda.so"});
  CHECK(file.variables == Strings{"VGPU_LIBRARY_PATH=/v/link", "VGPU_LIBRARY_PATH_LAST=/v/fallback:/v/gone",
                                  "VGPU_LOG=info", "VGPU_PRELOAD=" + std::string(kShims), "VGPU_SCOPE=namespace"});
  CHECK(world.plan.mount_namespace.needed);
  CHECK(world.plan.mount_namespace.covers_etc);
  CHECK(world.plan.mount_namespace.user);
}

TEST_CASE("what the host preloads stays, behind ours") {
  World world;
  world.machine.add("/etc/ld.so.preload", "# the admin's\n/usr/lib/audit.so /v/libvgpu-cuda.so\n/usr/lib/two.so\n");
  CHECK(world.preload().libraries ==
        Strings{"/v/libvgpu-exec.so", "/v/libvgpu-cuda.so", "/usr/lib/audit.so", "/usr/lib/two.so"});
  CHECK_FALSE(world.plan.mount_namespace.covers_etc);
  // Nothing else may cover it: this host has no cache to put ours over.
  CHECK(world.plan.mount_namespace.files.size() == 1);
}

TEST_CASE("a launch inside finds its own file and makes nothing; a different one puts it right") {
  World outer;
  outer.machine.add("/etc/ld.so.preload", "/usr/lib/audit.so");
  const std::string text = outer.file("/etc/ld.so.preload");
  World inner;
  inner.machine.add("/etc/ld.so.preload", text);
  std::reverse(inner.plan.envp.begin(), inner.plan.envp.end());
  SUBCASE("the same") {
    CHECK(inner.file("/etc/ld.so.preload").empty());
    CHECK(inner.plan.mount_namespace.in_force);
    CHECK_FALSE(inner.plan.mount_namespace.needed);
  }
  SUBCASE("another order") {
    std::swap(inner.plan.places.front(), inner.plan.places.back());
    CHECK(inner.preload().libraries == Strings{"/v/libvgpu-cuda.so", "/v/libvgpu-exec.so", "/usr/lib/audit.so"});
  }
  SUBCASE("another device") {
    inner.plan.envp.push_back("VGPU_DEVICE=id=a100");
    CHECK(inner.preload().variables.front() == "VGPU_DEVICE=id=a100");
    CHECK(inner.plan.mount_namespace.needed);
  }
  SUBCASE("one shim less: it is not taken for the host's") {
    inner.plan.places.erase(inner.plan.places.begin());
    CHECK(inner.preload().libraries == Strings{"/v/libvgpu-cuda.so", "/usr/lib/audit.so"});
  }
  SUBCASE("no shims at all: only what the host has") {
    inner.plan.places.clear();
    CHECK(inner.file("/etc/ld.so.preload") == "/usr/lib/audit.so\n");
    CHECK(inner.plan.mount_namespace.files.size() == 1);
  }
}

TEST_CASE("without shims nothing is made") {
  World world;
  world.plan.places.clear();
  SUBCASE("no file") {}
  SUBCASE("the host's file") { world.machine.add("/etc/ld.so.preload", "/usr/lib/audit.so"); }
  plan_mount_namespace(world.machine, world.plan);
  CHECK_FALSE(world.plan.mount_namespace.needed);
  CHECK_FALSE(world.plan.mount_namespace.in_force);
}

TEST_CASE("the cache brings the names of the link directories in front and the fallbacks behind") {
  World world;
  const std::string cache = world.file("/etc/ld.so.cache");
  CHECK(cached(cache, "libcuda.so") == Strings{"/v/link/libcuda.so"});
  CHECK(cached(cache, "libcublas.so.12") == Strings{"/v/fallback/libcublas.so.12"});
  CHECK(cached(cache, "README").empty());
}

TEST_CASE("what neither line can carry is refused") {
  World world;
  SUBCASE("a path") { world.plan.places.front().libraries = {"/v/#1/libvgpu-exec.so"}; }
  SUBCASE("a value") { world.plan.envp.push_back("VGPU_LIBRARY_PATH=/v/a\tb"); }
  plan_mount_namespace(world.machine, world.plan);
  REQUIRE(world.plan.problems.size() == 1);
  CHECK(world.plan.problems.front().code == Code::path_not_carriable);
}

TEST_CASE("what is certain is said before it is tried") {
  World world;
  SUBCASE("user namespaces are off") {
    world.machine.add("/proc/sys/user/max_user_namespaces", "0\n");
    plan_mount_namespace(world.machine, world.plan);
    REQUIRE(world.plan.problems.size() == 1);
    CHECK(has(world.plan.problems.front().cause, "user.max_user_namespaces is 0"));
  }
  SUBCASE("Debian's switch") {
    world.machine.add("/proc/sys/kernel/unprivileged_userns_clone", "0\n");
    plan_mount_namespace(world.machine, world.plan);
    REQUIRE(world.plan.problems.size() == 1);
    CHECK(has(world.plan.problems.front().cause, "kernel.unprivileged_userns_clone is 0"));
  }
  SUBCASE("an unprivileged set of ids that differ") {
    world.machine.set_credentials({1000, 1001, 1000, 1000, false});
    plan_mount_namespace(world.machine, world.plan);
    REQUIRE(world.plan.problems.size() == 1);
    CHECK(has(world.plan.problems.front().cause, "differ"));
  }
  SUBCASE("root in a container") {
    world.machine.set_credentials({0, 0, 0, 0, false});
    plan_mount_namespace(world.machine, world.plan);
    REQUIRE(world.plan.problems.size() == 1);
    CHECK(has(world.plan.problems.front().fix, "--cap-add SYS_ADMIN"));
  }
  SUBCASE("who may mount needs no user namespace, whatever they are") {
    world.machine.add("/proc/sys/user/max_user_namespaces", "0\n");
    world.machine.add("/proc/self/status", "Name:\tx\nCapEff:\t0000000000200000\n");
    plan_mount_namespace(world.machine, world.plan);
    CHECK(world.plan.problems.empty());
    CHECK_FALSE(world.plan.mount_namespace.user);
    return;
  }
  for (const Problem& problem : world.plan.problems) {
    CHECK(problem.code == Code::scope_unavailable);
    CHECK(has(problem.fix, "--scope exec"));
  }
  CHECK(exit_status(world.plan) == ExitStatus::own_failure);
}

TEST_CASE("a failure is explained by what the kernel says about itself") {
  World world;
  CHECK(has(world.refusal(NamespaceStep::user_namespace, ENOSPC).cause, "limit of user namespaces"));
  CHECK(has(world.refusal(NamespaceStep::user_namespace, EINVAL).cause, "CONFIG_USER_NS"));
  CHECK(has(world.refusal(NamespaceStep::user_namespace, EPERM).cause, "chroot"));
  CHECK(has(world.refusal(NamespaceStep::propagation, EINVAL).cause, "no mount point"));
  CHECK(has(world.refusal(NamespaceStep::contents, ENOSYS).cause, "5.2"));
  CHECK(has(world.refusal(NamespaceStep::cover_file, ENOENT).fix, "remove the link"));
  CHECK(has(world.refusal(NamespaceStep::cover_etc, EIO).cause, "call: Input/output error"));
  world.machine.add("/proc/self/status", "Name:\tx\nSeccomp:\t2\n");
  CHECK(has(world.refusal(NamespaceStep::user_namespace, EPERM).cause, "seccomp"));
  // Ubuntu: the namespace is made, and every step in it is refused.
  world.machine.add("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
  for (const NamespaceStep step :
       {NamespaceStep::user_namespace, NamespaceStep::identity, NamespaceStep::propagation, NamespaceStep::contents}) {
    CHECK(has(world.refusal(step, EPERM).fix, "\"userns,\""));
    CHECK(has(world.refusal(step, EACCES).cause, "AppArmor"));
  }
  world.machine.set_credentials({0, 0, 0, 0, false});
  CHECK_FALSE(has(world.refusal(NamespaceStep::contents, EPERM).cause, "AppArmor"));
}
