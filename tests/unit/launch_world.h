// A machine in memory on which the tree with the shipped manifest stands, for the tests of whole launches.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "launcher/os/memory_machine.h"
#include "launcher/os/real_machine.h"
#include "launcher/plan/launch.h"
#include "tests/unit/elf_builder.h"

namespace vgpu::test {

using namespace vgpu::plan;
using Strings = std::vector<std::string>;

inline constexpr char kLib[] = "/opt/v/lib/vgpu/";

inline std::string lib(const std::string& name) { return kLib + name; }

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
    machine.add_program("/lib64/ld-linux-x86-64.so.2", shared_library("ld-linux-x86-64.so.2").build());
    ElfBuilder libc;
    libc.soname = "libc.so.6";
    libc.defines = {"GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.36"};
    machine.add("/lib/x86_64-linux-gnu/libc.so.6", libc.build());
    machine.add_program("/usr/bin/prog", glibc_program().build());
    machine.add_program("/usr/bin/ollama", glibc_program().build());
    add_shim("libvgpu-exec.so", "libvgpu-exec.so", false);
    add_shim("libvgpu-syscall.so", "libvgpu-syscall.so", false);
    add_shim("libvgpu-cuda.so", "libcuda.so.1");
    add_shim("libvgpu-nvml.so", "libnvidia-ml.so.1");
    add_shim("libvgpu-cudart12.so", "libcudart.so.12");
    add_shim("libvgpu-cudart13.so", "libcudart.so.13");
    request.command = {"prog", "arg"};
  }

  void add_shim(const std::string& file, const std::string& soname, bool libc = true) {
    ElfBuilder elf = shared_library(soname);
    if (!libc) elf.needed.clear();
    if (soname.starts_with("libcudart")) elf.defines = {soname};
    machine.add(lib(file), elf.build());
  }

  void add_foreign(const std::string& path, const std::string& soname) {
    machine.add(path, shared_library(soname).build());
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

inline std::string value(const Plan& plan, const std::string& name) {
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

inline bool has(const Plan& plan, Code code) {
  return std::any_of(plan.problems.begin(), plan.problems.end(),
                     [&](const Problem& problem) { return problem.code == code; });
}

inline Strings names(const Plan& plan) {
  Strings all;
  for (const Place& place : plan.places) all.push_back(place.name);
  return all;
}

inline const std::string kShims = lib("libvgpu-exec.so") + ":" + lib("libvgpu-syscall.so") + ":" +
                                  lib("libvgpu-cuda.so") + ":" + lib("libvgpu-nvml.so") + ":" +
                                  lib("libvgpu-cudart12.so") + ":" + lib("libvgpu-cudart13.so");

}  // namespace vgpu::test
