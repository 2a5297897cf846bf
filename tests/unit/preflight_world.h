// A machine in memory with one shim and one target, for the tests of preflight.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "launcher/os/memory_machine.h"
#include "launcher/plan/preflight.h"
#include "tests/unit/elf_builder.h"

namespace vgpu::test {

using namespace vgpu::plan;
using os::MemoryMachine;

// A glibc 2.36 system with one shim "cuda" in /opt/libcuda-shim.so and a target /bin/prog.
struct PreflightWorld {
  MemoryMachine machine;
  Plan plan;

  PreflightWorld() {
    machine.set_credentials({1000, 1000, 1000, 1000, false});
    machine.add_program("/lib64/ld-linux-x86-64.so.2", shared_library("ld-linux-x86-64.so.2").build());
    add_libc("2.36");
    machine.add_program("/bin/prog", glibc_program().build());
    plan.target.path = plan.target.file = plan.target.program = "/bin/prog";
    plan.target.interpreter = "/lib64/ld-linux-x86-64.so.2";
    plan.target.elf_class = 64;
    plan.target.machine = "x86_64";
    plan.target.libc = "glibc";
    plan.scope = "exec";
    add_shim("cuda", library());
  }

  static ElfBuilder library() { return shared_library("libcuda.so.1"); }

  void add_libc(const std::string& version) {
    ElfBuilder libc;
    libc.soname = "libc.so.6";
    libc.defines = {"GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_" + version, "GLIBC_PRIVATE"};
    machine.add("/lib/x86_64-linux-gnu/libc.so.6", libc.build());
  }

  MemoryMachine::File& add_shim(const std::string& name, const ElfBuilder& elf, bool required = true) {
    Shim shim;
    shim.name = name;
    shim.libraries = {"/opt/lib" + name + "-shim.so"};
    shim.abi.libc = "glibc";
    shim.required = required;
    plan.manifest.shims.push_back(shim);
    plan.places.push_back({name, shim.libraries, false, {}});
    return machine.add(shim.libraries[0], elf.build());
  }

  Shim& shim(std::size_t i = 0) { return plan.manifest.shims.at(i); }
  void replace(const ElfBuilder& elf) { machine.add(shim().libraries[0], elf.build()); }

  bool run(Seal seal = {}) {
    const bool changed = preflight(machine, plan, seal);
    for (const Problem& problem : plan.problems) {
      CHECK_FALSE(problem.where.empty());
      CHECK_FALSE(problem.cause.empty());
      CHECK_FALSE(problem.fix.empty());
    }
    return changed;
  }
};

inline void only(const PreflightWorld& world, Code code, Severity severity = Severity::error) {
  REQUIRE(world.plan.problems.size() == 1);
  CHECK(world.plan.problems[0].code == code);
  CHECK(world.plan.problems[0].severity == severity);
}

}  // namespace vgpu::test
